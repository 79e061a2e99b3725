import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { afterEach, describe, expect, it } from "vitest";
import { readTextFile } from "../../src/config/read-text-file.ts";
import { type LoadedPolicy, loadPolicy } from "../../src/policy/index.ts";
import { openStdio } from "../kit/clients.ts";
import { makeFolder } from "../kit/folder.ts";
import { startRun } from "../kit/gateway.ts";
import { closeAll } from "../kit/opened.ts";
import { startCallgate } from "../kit/process.ts";
import { loadingCases } from "./corpus/loading.ts";

afterEach(closeAll);

const identity = { id: "p", version: 1, sha256: "0".repeat(64) };

/** Loads a file as the gateway does: its bytes are read as text first. */
function loadFile(name: string, bytes: string | Uint8Array): LoadedPolicy {
  const file = join(makeFolder(), name);
  writeFileSync(file, bytes);
  const text = readTextFile(file);
  if (typeof text !== "string") return { policy: undefined, problems: [text] };
  return loadPolicy(text, { identity, file });
}

describe("a policy that must not load", () => {
  it.each(loadingCases.map((one) => ({ name: `[${one.id}] ${one.file}: ${one.input}`, one })))("$name", ({ one }) => {
    const { policy, problems } = loadFile(one.file, one.text);
    expect(policy).toBeUndefined();
    const errors = problems.filter((problem) => problem.severity === "error").map((problem) => problem.code);
    expect(
      one.problems.filter((code) => errors.includes(code)),
      errors.join(" "),
    ).not.toEqual([]);
  });
});

describe("a policy that loads", () => {
  const legal = [
    [
      "[B406] words that other YAMLs read as booleans, as text",
      "policy.yaml",
      'version: "1"\ndefault: deny\ndescription: no\nhide: [on, yes, off]\n',
    ],
    [
      "[B406] 1e3 as the number it is",
      "policy.yaml",
      'version: "1"\ndefault: deny\ntools: { t: { limits: [{ counter: c, window: minute, max: 1e3 }] } }\n',
    ],
    [
      "[B412] a pattern that blows up elsewhere, on the linear engine",
      "policy.json",
      '{"version":"1","default":"deny","tools":{"t":{"require":[{"conditions":[{"path":"args.a","op":"matches","value":"(a+)+$"}]}]}}}',
    ],
    ["[B417] tabs between the tokens of JSON", "policy.json", '{\t"version":\t"1",\t"default":\t"deny"\t}'],
    [
      "[B221] a limit of 0: never",
      "policy.json",
      '{"version":"1","default":"deny","tools":{"t":{"limits":[{"counter":"c","window":"minute","max":0}]}}}',
    ],
  ] as const;
  it.each(legal)("%s", (_, file, text) => {
    const { policy, problems } = loadFile(file, text);
    expect(problems.filter((problem) => problem.severity === "error")).toEqual([]);
    expect(policy).toBeDefined();
  });

  it("[B413] with a name that the server does not have says so, and denies all the same", async () => {
    const text = '{"version":"1","default":"deny","tools":{"safe":{},"delete_repositry":{"action":"deny"}}}';
    const tools = ["safe", "delete_repo"].map((name) => ({ name }));
    const { policy, problems } = loadPolicy(text, { identity, tools });
    expect(policy).toBeDefined();
    expect(problems).toContainEqual(
      expect.objectContaining({ severity: "warning", code: "TOOL_UNKNOWN", path: "/tools/delete_repositry" }),
    );
    const client = await openStdio(startRun({ policy: text }).process, "legacy");
    expect((await client.call("delete_repo")).decision).toMatchObject({ code: "default_deny" });
  });

  it("[B414] and says nothing but deny denies all, and lists nothing", async () => {
    const gateway = startRun({ policy: '{"version":"1","default":"deny"}' });
    const client = await openStdio(gateway.process, "legacy");
    expect(await client.list()).toEqual([]);
    expect((await client.call("safe")).decision).toMatchObject({ code: "default_deny" });
    expect(gateway.spy.calls()).toEqual([]);
  });
});

describe("a cold start", () => {
  const isRoot = process.getuid?.() === 0;
  const files: readonly { name: string; make: (file: string) => void }[] = [
    { name: "a policy that is not there", make: () => {} },
    { name: "an empty policy", make: (file) => writeFileSync(file, "") },
    { name: "a folder in its place", make: (file) => mkdirSync(file) },
    { name: "half a policy", make: (file) => writeFileSync(file, '{"version":"1","default":') },
    {
      name: "a policy that may not be read",
      make: (file) => {
        // Nothing is unreadable to root: an unreadable kind of file stands in.
        if (isRoot) return mkdirSync(file);
        writeFileSync(file, '{"version":"1","default":"allow"}');
        chmodSync(file, 0o000);
      },
    },
  ];
  it.each(files)("[B409] with $name is refused: no server starts and nothing is answered", async ({ make }) => {
    const folder = makeFolder();
    const file = join(folder, "policy.json");
    const witness = join(folder, "started");
    make(file);
    const started = `require("node:fs").writeFileSync(${JSON.stringify(witness)}, "")`;
    const { child, exit } = startCallgate(["run", "-p", file, "--", process.execPath, "-e", started], folder);
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.stdin.write('{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"safe"}}\n');
    expect(await exit).toEqual({ code: 1, signal: null });
    expect(output).toBe("");
    expect(() => readFileSync(witness)).toThrow("ENOENT");
  });
});
