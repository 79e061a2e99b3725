import { describe, expect, it } from "vitest";
import type { ServerAccess } from "../../config/settings.ts";
import { isServer } from "./registered-servers.ts";

const known = {
  packages: [
    { registry: "npm", name: "@acme/notes-mcp", version: "2.0.0" },
    { registry: "pypi", name: "acme-notes" },
    { registry: "oci", name: "ghcr.io/acme/notes" },
  ],
  remotes: ["https://notes.example.com/mcp"],
};
const run = (command: string, ...args: string[]): ServerAccess => ({
  kind: "command",
  command,
  args,
  env: {},
  cwd: undefined,
});
const at = (url: string): ServerAccess => ({ kind: "url", url, transport: "streamable-http", headers: {} });

describe("isServer", () => {
  it.each<[boolean, string, ServerAccess]>([
    [true, "the address", at("https://notes.example.com/mcp/?key=1")],
    [false, "another path", at("https://notes.example.com/other")],
    [true, "the package in another version", run("npx", "-y", "@acme/notes-mcp@1.0.0")],
    [false, "another owner's package of that name", run("npx", "-y", "@evil/notes-mcp")],
    [true, "Python's spelling of the name", run("uvx", "acme_notes")],
    [false, "the name in another registry", run("uvx", "ghcr.io/acme/notes")],
    [true, "the image", run("docker", "run", "-i", "--rm", "-e", "KEY", "ghcr.io/acme/notes:3")],
    [true, "the installed program", run("/usr/local/bin/notes-mcp")],
    [true, "the package's script", run("node", "/opt/x/node_modules/@acme/notes-mcp/dist/index.js")],
    [true, "the package's module", run("python3", "-m", "acme_notes")],
    [false, "another program", run("node", "server.js")],
  ])("%s for %s", (expected, _case, access) => {
    expect(isServer(access, known)).toBe(expected);
  });

  it("is no match where the catalogue knows nothing of it", () => {
    expect(isServer(run("node", "server.js"), { packages: [], remotes: [] })).toBe(false);
  });
});
