import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { ConfiguredAccess } from "./configured-server.ts";
import { referenceOfAccess } from "./reference-of-access.ts";

const home = mkdtempSync(join(tmpdir(), "callgate-reference-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const command = (program: string, args: readonly string[] = [], cwd?: string): ConfiguredAccess => ({
  kind: "command",
  command: program,
  args,
  env: { TOKEN: "${input:token}" },
  cwd,
});
const url = (address: string): ConfiguredAccess => ({
  kind: "url",
  url: address,
  transport: "streamable-http",
  headers: { "x-key": "${input:key}" },
});
const reference = (access: ConfiguredAccess, folder = "/one", environment: Record<string, string> = {}) =>
  referenceOfAccess(access, { folder, environment });

describe("referenceOfAccess", () => {
  it.each([
    ["npm:@acme/notes", command("npx", ["-y", "@acme/notes@1.0.0", "${input:folder}"])],
    ["pypi:my-notes", command("uvx", ["My_Notes"])],
    ["https://a.example/mcp", url("https://u:p@A.example/mcp?key=1")],
    ["https://b.example/mcp", url("https://${HOST:-b.example}/mcp")],
    [undefined, command("node", ["${input:script}"])],
    [undefined, url("https://${input:host}/mcp")],
  ])("is %s", (expected, access) => {
    expect(reference(access)).toBe(expected);
  });

  it.each([
    ["a script by its absolute path", command("node", ["/a/index.mjs", "stdio"])],
    ["a program by its absolute path", command("/opt/notes/bin/notes", ["--quiet"])],
    ["a path of the environment", command("node", ["${ROOT}/index.mjs"])],
  ])("is the same in every folder for %s", (_, access) => {
    const [one, two] = ["/one", "/two"].map((folder) => reference(access, folder, { ROOT: "/a" }));
    expect(one).toMatch(/^command:[0-9a-f]{64}$/);
    expect(two).toBe(one);
  });

  it.each([
    ["a relative script", command("node", ["index.mjs"])],
    ["a relative program", command("./notes")],
    ["a program that runs what the folder holds", command("npm", ["start"])],
    ["a module of the folder", command("python3", ["-m", "notes"])],
    ["an option that may load a file of the folder", command("node", ["--import=./x.mjs", "/a/index.mjs"])],
    ["the folder by name", command("node", ["${workspaceFolder}/index.mjs"])],
  ])("differs between folders for %s", (_, access) => {
    expect(reference(access, "/two")).not.toBe(reference(access, "/one"));
  });

  it("differs between files and arguments, and follows the folder that an entry names", () => {
    const all = [
      command("node", ["/p1/index.mjs"]),
      command("node", ["/p2/index.mjs"]),
      command("node", ["/p1/index.mjs", "--all"]),
      command("/evil/node", ["/p1/index.mjs"]),
    ].map((access) => reference(access));
    expect(new Set(all).size).toBe(4);
    expect(reference(command("./notes", [], "/two"))).toBe(reference(command("./notes"), "/two"));
  });

  it("tells programs of one name by the file that PATH finds", () => {
    const folders = ["a", "b"].map((name) => join(home, name));
    for (const folder of folders) {
      mkdirSync(folder);
      writeFileSync(join(folder, "notes-mcp"), "");
      chmodSync(join(folder, "notes-mcp"), 0o755);
    }
    const [a, b] = folders.map((folder) => reference(command("notes-mcp"), "/one", { PATH: folder }));
    expect(a).not.toBe(b);
    expect(reference(command("notes-mcp"), "/two", { PATH: folders.join(":") })).toBe(a);
  });
});
