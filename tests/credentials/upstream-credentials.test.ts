import { afterEach, describe, expect, it } from "vitest";
import type { Actor } from "../../src/audit/admin-event.ts";
import type { ControlPlane } from "../../src/control/control-plane.ts";
import { mintGrant, revokeGrants, editGrant } from "../../src/control/grants.ts";
import { editServer, registerServer } from "../../src/control/servers.ts";
import {
  type CredentialPlace,
  credentialViews,
  removeCredential,
  setCredential,
} from "../../src/control/upstream-credentials.ts";
import { Secret } from "../../src/vault/secret.ts";
import { createCanaries } from "../kit/canary.ts";
import { makeFolder } from "../kit/folder.ts";
import { closeAll } from "../kit/opened.ts";
import { admin, openRules, openVaultPlane } from "./open-vault-plane.ts";

afterEach(closeAll);

const header: CredentialPlace = { server: "notes", grantId: undefined, kind: "header", name: "X-Api-Key" };
const variable: CredentialPlace = { server: "local", grantId: undefined, kind: "environment", name: "NOTES_TOKEN" };
const viewer: Actor = { ...admin, kind: "member", memberId: "m1", name: "v@example.com", role: "viewer" };

async function prepared(): Promise<ControlPlane> {
  const plane = await openVaultPlane(makeFolder());
  const access = { kind: "url", url: "https://notes.example.com/mcp", transport: "streamable-http" } as const;
  await registerServer(plane, admin, "notes", { title: "Notes", access, settings: {} });
  const command = { kind: "command", command: "/usr/bin/notes", args: ["--stdio"] } as const;
  await registerServer(plane, admin, "local", { title: "Local", access: command, settings: {} });
  return plane;
}

function grantOf(owner: string) {
  const servers = new Map([["notes", undefined]]);
  return { label: "a", owner, tags: {}, servers, showDenied: false, expiresMs: undefined } as const;
}

async function addMember(plane: ControlPlane, { memberId, name, role }: Actor): Promise<void> {
  const row = { password_hash: null, oidc_subject: null, created_ms: 0, last_seen_ms: null, revision: 1 };
  await plane.database.note((tx) =>
    tx
      .insertInto("members")
      .values({ id: memberId ?? "", email: name, name, role, ...row })
      .execute(),
  );
}

describe("a credential of a server", () => {
  it("is in no row, event and view as it was entered, and says whose it is", async () => {
    const plane = await prepared();
    const canaries = createCanaries();
    await setCredential(plane, admin, header, Secret.of(canaries.plant("first value")));
    await setCredential(plane, admin, header, Secret.of(canaries.plant("second value")));
    await setCredential(plane, admin, variable, Secret.of(canaries.plant("variable")));
    const { read } = plane.database;
    const rows = await read.selectFrom("secrets").selectAll().orderBy("name").execute();
    const events = await read.selectFrom("admin_events").selectAll().execute();
    const views = credentialViews(plane, viewer, "notes");
    expect(views).toMatchObject([
      { kind: "header", name: "x-api-key", origin: "https://notes.example.com", status: "ready", setBy: admin.name },
    ]);
    expect(rows.map(({ name, version }) => [name, version])).toEqual([
      ["NOTES_TOKEN", 1],
      ["x-api-key", 2],
    ]);
    expect(events.map(({ action }) => action).slice(2)).toEqual([
      "credential.set",
      "credential.replace",
      "credential.set",
    ]);
    expect(canaries.foundIn(JSON.stringify([rows, events, views, plane.state().credentials]))).toEqual([]);
  });

  it("is removed, and is then not there to be removed again", async () => {
    const plane = await prepared();
    await setCredential(plane, admin, header, Secret.of("a-value-of-notes"));
    await removeCredential(plane, admin, { ...header, name: "x-api-key" });
    expect(plane.state().credentials).toEqual([]);
    await expect(removeCredential(plane, admin, header)).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it("stays with the address that it was entered for [B350]", async () => {
    const plane = await prepared();
    await setCredential(plane, admin, header, Secret.of("a-value-of-notes"));
    const moved = { kind: "url", url: "https://evil.example/mcp", transport: "streamable-http" } as const;
    await editServer(plane, admin, "notes", { access: moved }, "any");
    expect(credentialViews(plane, admin, "notes")).toMatchObject([{ status: "other_address" }]);
    await setCredential(plane, admin, header, Secret.of("a-value-of-evil"));
    expect(credentialViews(plane, admin, "notes")).toMatchObject([
      { status: "ready", origin: "https://evil.example", name: "x-api-key" },
    ]);
  });

  it("does not open under another server's row, nor under another origin in its own [B353]", async () => {
    const plane = await prepared();
    const access = { kind: "url", url: "https://evil.example/mcp", transport: "streamable-http" } as const;
    await registerServer(plane, admin, "evil", { title: "Evil", access, settings: {} });
    await setCredential(plane, admin, header, Secret.of("a-value-of-notes"));
    await setCredential(plane, admin, { ...header, server: "evil" }, Secret.of("a-value-of-evil"));
    const [row] = await plane.database.read.selectFrom("secrets").selectAll().where("server", "=", "notes").execute();
    await plane.database.change(admin, async ({ tx, record }) => {
      const sealed = row?.sealed ?? "";
      await tx.updateTable("secrets").set({ sealed }).where("server", "=", "evil").execute();
      await tx.updateTable("secrets").set({ origin: "https://evil.example" }).where("server", "=", "notes").execute();
      record({ action: "credential.swap", objectId: "notes" });
    });
    expect(plane.state().credentials.map(({ value }) => value)).toEqual([undefined, undefined]);
    expect(credentialViews(plane, admin, "evil")).toMatchObject([{ status: "unreadable" }]);
  });

  it.each([
    ["a header of the gateway's own", { ...header, name: "Host" }, "a-value"],
    ["a header of the protocol's", { ...header, name: "Mcp-Session-Id" }, "a-value"],
    ["no header at all", { ...header, name: "x key" }, "a-value"],
    ["a line break", header, "a\r\nx-other: b"],
    ["a reference to a variable [B325]", header, "Bearer ${MASTER_KEY}"],
    ["a reference in a variable [B325]", variable, "${MASTER_KEY}"],
    ["nothing", header, ""],
    ["a variable of an address", { ...header, kind: "environment", name: "NOTES_TOKEN" }, "a-value"],
    ["a header of a command", { ...variable, kind: "header", name: "x-key" }, "a-value"],
    ["a variable that the operator does not name", { ...variable, name: "OTHER" }, "a-value"],
    ["a variable that loads code, named or not [B324]", { ...variable, name: "NODE_OPTIONS" }, "--import=x"],
    ["no variable at all", { ...variable, name: "A=B" }, "a-value"],
    ["a byte that ends texts", variable, "a\0b"],
  ] as const)("is refused for %s, with what to do", async (_, place, value) => {
    const plane = await prepared();
    const refused = setCredential(plane, admin, place, Secret.of(value));
    await expect(refused).rejects.toMatchObject({ code: "INPUT_INVALID" });
    await expect(refused).rejects.not.toThrow(/a-value|MASTER/);
    expect(plane.state().credentials).toEqual([]);
  });

  it("takes a shell's spelling as it is: nothing expands it [B325]", async () => {
    const plane = await prepared();
    await setCredential(plane, admin, variable, Secret.of("$(cat x) $HOME `id`"));
    expect(plane.state().credentials[0]?.value?.reveal()).toBe("$(cat x) $HOME `id`");
  });

  it.each(["LD_PRELOAD", "LD_LIBRARY_PATH", "DYLD_INSERT_LIBRARIES", "BASH_ENV", "PYTHONPATH", "PYTHONSTARTUP"])(
    "is never %s, whatever the operator allows [B324]",
    async (name) => {
      const plane = await prepared();
      const commands = openRules.commands.map((command) => ({ ...command, env: [name] }));
      plane.applyFiles({ servers: new Map(), policies: new Map(), grants: new Map() }, { ...openRules, commands });
      const refused = setCredential(plane, admin, { ...variable, name }, Secret.of("a-value"));
      await expect(refused).rejects.toMatchObject({ code: "INPUT_INVALID" });
    },
  );
});

describe("who may enter one", () => {
  it("is an admin, or for a grant of their own its owner", async () => {
    const plane = await prepared();
    await addMember(plane, viewer);
    const mine = await mintGrant(plane, admin, grantOf("V@example.com"));
    const other = await mintGrant(plane, admin, grantOf("w@example.com"));
    const value = Secret.of("a-value-of-mine");
    await setCredential(plane, viewer, { ...header, grantId: mine.id }, value);
    for (const grantId of [undefined, other.id, "nobody"]) {
      const refused = setCredential(plane, viewer, { ...header, grantId }, value);
      await expect(refused).rejects.toMatchObject({ code: "FORBIDDEN" });
    }
    const closed = setCredential(plane, viewer, { ...variable, grantId: mine.id }, value);
    await expect(closed).rejects.toMatchObject({ code: "FORBIDDEN" });
    const unknown = setCredential(plane, admin, { ...header, grantId: "nobody" }, value);
    await expect(unknown).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it("takes it along when the grant ends or gets another owner", async () => {
    const plane = await prepared();
    const grants = await Promise.all([1, 2].map(() => mintGrant(plane, admin, grantOf("v@example.com"))));
    for (const { id } of grants) await setCredential(plane, admin, { ...header, grantId: id }, Secret.of("a-value"));
    const [first, second] = grants.map(({ id }) => id);
    await revokeGrants(plane, admin, [first ?? ""]);
    await editGrant(plane, admin, second ?? "", { label: "b" }, "any");
    expect(plane.state().credentials).toMatchObject([{ grantId: second }]);
    await editGrant(plane, admin, second ?? "", { owner: "w@example.com" }, "any");
    expect(plane.state().credentials).toEqual([]);
  });
});
