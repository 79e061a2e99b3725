import { expect, test } from "vitest";
import { shownAccess } from "./shown-access.ts";

function shownArgs(...args: readonly string[]): readonly string[] {
  const shown = shownAccess({ kind: "command", command: "node", args, env: {}, cwd: undefined });
  return shown.kind === "command" ? shown.args : [];
}

test("a path is shown, also one that looks random", () => {
  const paths = [
    "/srv/user1/servers/notes-server.js",
    "./build/v2/notes-server-main.js",
    String.raw`C:\mcp\v2\notes-server-main.js`,
  ];
  expect(shownArgs(...paths)).toEqual(paths);
});

test("what looks secret, or stands behind a secret's option, is hidden", () => {
  expect(shownArgs("--token", "/run/secrets/notes-token")).toEqual(["--token", "redacted"]);
  expect(shownArgs("--token=abcdefgh12345678")).toEqual(["redacted"]);
  expect(shownArgs("ghp_0123456789abcdefghij")).toEqual(["redacted"]);
  expect(shownArgs("/9j4AAQSkZJRgABAQ0123+abcdef==")).toEqual(["redacted"]);
});

test("of an address, the values of secret parameters are hidden and nothing else", () => {
  const shown = { kind: "url", transport: "streamable-http" } as const;
  const access = { ...shown, headers: {} };
  expect(shownAccess({ ...access, url: "https://a.example/mcp?api_key=abcdefgh1234&x=1" })).toEqual({
    ...shown,
    url: "https://a.example/mcp?api_key=redacted&x=1",
  });
  expect(shownAccess({ ...access, url: "https://a.example/mcp" })).toEqual({ ...shown, url: "https://a.example/mcp" });
});
