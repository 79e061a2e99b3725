import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadConfig } from "./load-config.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "callgate-config-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function load(oauth: unknown) {
  const file = join(folder, "callgate.yaml");
  writeFileSync(file, JSON.stringify({ oauth }));
  return loadConfig(file, {});
}

const issuer = "https://login.example.com/realms/main";

describe("oauth in a configuration", () => {
  it("left out gives nobody anything, and has the gateway issue tokens", () => {
    expect(loadConfig(undefined, {}).settings?.rules.oauth).toEqual({ selfGrants: [], issuer: undefined });
  });

  it("says by role which servers people may let their clients use", () => {
    const { settings, problems } = load({
      grants: [{ role: "viewer", servers: { notes: "careful", wiki: ["open", "careful"] } }],
    });
    expect(problems).toEqual([]);
    const servers = new Map([
      ["notes", ["careful"]],
      ["wiki", ["open", "careful"]],
    ]);
    expect(settings?.rules.oauth).toEqual({ selfGrants: [{ role: "viewer", servers }], issuer: undefined });
  });

  it("names another issuer, and says by claims what its tokens open", () => {
    const { settings, problems } = load({
      issuer,
      token_types: ["application/AT+JWT"],
      grants: [
        { when: { groups: ["a", "b"], azp: "cli" }, servers: { notes: "careful" }, label: "name" },
        { when: { groups: "robots" }, grant: "ci" },
      ],
    });
    expect(problems).toEqual([]);
    expect(settings?.rules.oauth.issuer).toEqual({
      issuer,
      audience: undefined,
      jwksUri: undefined,
      algorithms: ["RS256", "PS256", "ES256", "EdDSA"],
      tokenTypes: ["at+jwt"],
      grants: [
        {
          when: new Map([
            ["groups", ["a", "b"]],
            ["azp", ["cli"]],
          ]),
          gives: { kind: "servers", servers: new Map([["notes", "careful"]]), labelClaim: "name" },
        },
        { when: new Map([["groups", ["robots"]]]), gives: { kind: "grant", grantId: "ci" } },
      ],
    });
  });

  const rule = { when: { groups: "a" }, servers: { notes: "careful" } };
  const bad: readonly (readonly [what: string, oauth: object, path: string, says: string])[] = [
    ["a grant without a role", { grants: [{ servers: { n: "p" } }] }, "/oauth/grants/0", "which role"],
    ["a role that is none", { grants: [{ role: "owner", servers: {} }] }, "/oauth/grants/0/role", ""],
    ["claims without an issuer", { grants: [{ role: "viewer", ...rule }] }, "/oauth/grants/0/when", "another issuer"],
    ["keys without an issuer", { jwks_uri: "https://x.example/keys" }, "/oauth/jwks_uri", "goes with `issuer`"],
    ["an issuer over http", { issuer: "http://x.example", grants: [rule] }, "/oauth/issuer", "https"],
    ["an issuer whose tokens open nothing", { issuer }, "/oauth", "would open anything"],
    ["tokens of everybody", { issuer, grants: [{ servers: { n: "p" } }] }, "/oauth/grants/0", "whose tokens"],
    ["a grant and servers", { issuer, grants: [{ ...rule, grant: "g" }] }, "/oauth/grants/0", "either"],
    [
      "a choice for a token",
      { issuer, grants: [{ ...rule, servers: { n: ["p", "q"] } }] },
      "/oauth/grants/0/servers/n",
      "nobody",
    ],
    ["a shared secret", { issuer, algorithms: ["HS256"], grants: [rule] }, "/oauth/algorithms/0", ""],
    ["no signature", { issuer, algorithms: ["none"], grants: [rule] }, "/oauth/algorithms/0", ""],
    ["an unknown key", { issuers: [] }, "/oauth/issuers", "did you mean `issuer`?"],
  ];
  it.each(bad)("with %s is a problem with its place", (_, oauth, path, says) => {
    const { settings, problems } = load(oauth);
    expect(settings).toBeUndefined();
    expect(problems.map((problem) => problem.path)).toContain(path);
    const found = problems.find((problem) => problem.path === path);
    expect(`${found?.message} ${found?.hint}`).toContain(says);
  });
});
