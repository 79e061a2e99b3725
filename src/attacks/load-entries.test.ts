import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { attackFolder, attackSlugs, loadAttack, readAttacks } from "./load-entries.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "callgate-attacks-"));
  for (const name of ["entries/tool-ssrf.md", "replays/tool-ssrf.yaml", "without-entry.yaml"])
    cpSync(join(attackFolder, name), join(folder, name));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function edit(file: string, from: string | RegExp, to: string): void {
  const text = readFileSync(join(folder, file), "utf8");
  const edited = text.replace(from, to);
  if (edited === text) throw new Error(`${file} does not hold ${String(from)}`);
  writeFileSync(join(folder, file), edited);
}

const entry = "entries/tool-ssrf.md";
const replay = "replays/tool-ssrf.yaml";

describe("an entry", () => {
  it("is read from its two files", () => {
    const { database, problems } = readAttacks(folder);
    expect(problems).toEqual([]);
    expect(database.attacks.map(({ slug }) => slug)).toEqual(["tool-ssrf"]);
    expect(database.attacks[0]?.sections.summary).toMatch(/network/);
  });

  const faults: readonly (readonly [string, string, string | RegExp, string, RegExp])[] = [
    ["a label that its replay does not show", entry, "coverage: partial", "coverage: full", /replay shows `partial`/],
    ["a slug that is not its file's", entry, "slug: tool-ssrf", "slug: other", /slug is not the file's name/],
    ["an unknown category", entry, "category: protocol", "category: magic", /is not known here/],
    [
      "an unknown key",
      entry,
      "category: protocol",
      "category: protocol\nseverity: high",
      /`severity` is not known here/,
    ],
    ["a source without https", entry, /url: https/, "url: http", /https address/],
    ["a date that is none", entry, /date: \S+/, "date: yesterday", /a date is/],
    ["a section that is missing", entry, "## How to notice it", "## Signs", /sections are not those of an entry/],
    [
      "a section without text",
      entry,
      /## What remains\n[^]*/,
      "## What remains\n",
      /sections are not those of an entry/,
    ],
    ["no policy", entry, "```json", "```text", /not one document/],
    ["a policy with a problem", entry, '"host_in"', '"host_inn"', /host_inn/],
    ["a policy with a warning", entry, '"window": "minute"', '"scope": "session", "window": "minute"', /session/],
    ["no front matter", entry, "---\n", "", /no front matter/],
    ["a character that nobody sees", entry, "network", "net\u200Bwork", /invisible/],
    ["an escape sequence", entry, "network", "net\u001B[31mwork", /invisible/],
    ["an invisible character in its replay", replay, "result: page", "result: pa\u200Bge", /invisible/],
    [
      "two tools of one name",
      replay,
      "tools:",
      "tools:\n  - name: fetch\n    server: other",
      /another tool has that name/,
    ],
    ["a step of two kinds", replay, "- work:", "- bait: x\n    work:", /one of `bait`, `attack` and `work`/],
    ["an attack without an end", replay, /\n {4}passes: .*/, "", /either `stopped` or `passes`/],
    ["work that is stopped", replay, "- attack:", "- work:", /only an attack may be stopped/],
    ["no work at all", replay, "- work:", "- bait:", /agent's own work/],
    ["a tool that the server has not", replay, "call: fetch", "call: fetched", /no tool of that name/],
    ["a question that the tool does not ask", replay, "call: fetch", "call: fetch\n    asked: roots", /does not ask/],
    ["nothing that is done", replay, "call: fetch", "repeat: 1", /one of `call`, `see`, `read`, `prompt` and `send`/],
    [
      "a message as it stands that a policy stops",
      replay,
      /call: fetch\n {4}with: .*\n {4}stopped/,
      "send: '{}'\n    stopped",
      /stopped by `\(message\)`/,
    ],
  ];
  it.each(faults)("is refused with %s", (_, file, from, to, message) => {
    edit(file, from, to);
    const { database, problems } = readAttacks(folder);
    expect(database.attacks).toEqual([]);
    expect(problems.map((problem) => problem.message).join("; ")).toMatch(message);
  });

  it("is told all its problems at once, each with its place", () => {
    edit(entry, "coverage: partial", "coverage: most");
    edit(entry, "## How to notice it", "## Signs");
    edit(replay, "call: fetch", "call: fetched");
    const { problems } = readAttacks(folder);
    expect(problems.map(({ file }) => file)).toEqual(["tool-ssrf.md", "tool-ssrf.md", "tool-ssrf.yaml"]);
    expect(problems[0]?.line).toBe(8);
  });

  it("needs a replay, and a replay needs an entry", () => {
    rmSync(join(folder, replay));
    cpSync(join(attackFolder, replay), join(folder, "replays", "lost.yaml"));
    const messages = readAttacks(folder).problems.map(({ file, message }) => `${file}: ${message}`);
    expect(messages).toEqual(["tool-ssrf.yaml: the entry has no replay", "lost.yaml: the replay has no entry"]);
  });
});

describe("the entries that come with Callgate", () => {
  it("are read one by one too", () => {
    const [slug = ""] = attackSlugs();
    expect(loadAttack(slug).slug).toBe(slug);
  });
});
