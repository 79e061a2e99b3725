import { describe, expect, it } from "vitest";
import type { SelfGrantRule } from "../config/oauth-rules.ts";
import { defaults } from "../config/settings.ts";
import type { ControlState, PolicyEntry, ServerEntry } from "../control/state.ts";
import { loadPolicy } from "../policy/index.ts";
import type { Role } from "../values/roles.ts";
import { offersFor } from "./offers.ts";

const stored = { source: "database", createdMs: 0, updatedMs: 0, revision: 1 } as const;

function server(id: string, isDisabled = false): ServerEntry {
  const access = { kind: "url", url: `https://${id}.example/mcp`, transport: "streamable-http", headers: {} } as const;
  return {
    ...stored,
    id,
    title: id,
    isDisabled,
    settings: {
      ...defaults,
      name: id,
      access,
      showDenied: false,
      pin: { mode: "off", volatile: [], locked: undefined },
    },
  };
}

function policy(id: string, document = '{"version":"1","default":"deny"}'): PolicyEntry {
  const { policy: compiled } = loadPolicy(document, { identity: { id, version: 1, sha256: "" } });
  return { ...stored, id, title: id, version: 1, sha256: "", document, compiled };
}

const byId = <Entry extends { readonly id: string }>(entries: readonly Entry[]): ReadonlyMap<string, Entry> =>
  new Map(entries.map((entry) => [entry.id, entry]));

const state: ControlState = {
  servers: byId([server("notes"), server("wiki"), server("gone", true)]),
  policies: byId([policy("careful"), policy("open"), policy("broken", "{")]),
  grants: new Map(),
  credentials: [],
  reviews: new Map(),
  quarantined: new Map(),
};

const rules: readonly SelfGrantRule[] = [
  { role: "viewer", servers: new Map([["notes", ["careful", "missing", "broken"]]]) },
  {
    role: "policy_manager",
    servers: new Map([
      ["wiki", ["open", "careful"]],
      ["notes", ["open"]],
      ["gone", ["open"]],
    ]),
  },
];

describe("what a person may give to a client", () => {
  const cases: readonly (readonly [
    role: Role,
    address: string,
    rules: readonly SelfGrantRule[],
    offered: Readonly<Record<string, readonly string[]>>,
  ])[] = [
    ["viewer", "", [], {}],
    ["policy_manager", "", [], {}],
    ["admin", "", [], { notes: ["careful", "open"], wiki: ["careful", "open"] }],
    ["viewer", "", rules, { notes: ["careful"] }],
    ["approver", "wiki", rules, {}],
    ["policy_manager", "", rules, { notes: ["careful", "open"], wiki: ["open", "careful"] }],
    ["policy_manager", "notes", rules, { notes: ["careful", "open"] }],
    ["admin", "wiki", rules, { wiki: ["open", "careful"] }],
    ["admin", "gone", rules, {}],
    ["admin", "unknown", rules, {}],
  ];
  it.each(cases)("as %s at `%s` is what their role may", (role, address, selfGrants, offered) => {
    const offers = offersFor(state, { selfGrants, issuer: undefined }, role, address);
    expect(Object.fromEntries(offers.map(({ server: id, policies }) => [id, policies]))).toEqual(offered);
  });
});
