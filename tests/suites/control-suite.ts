import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Actor, gatewayActor } from "../../src/audit/admin-event.ts";
import { operatorRulesDefault } from "../../src/config/operator-rules.ts";
import { ControlPlane } from "../../src/control/control-plane.ts";
import { editGrant, type GrantInput, mintGrant, revokeGrants, rotateGrant } from "../../src/control/grants.ts";
import { DefinitionWatch } from "../../src/control/definition-watch.ts";
import { createPolicy, readVersion, removePolicy, restorePolicy, savePolicy } from "../../src/control/policies.ts";
import { reviewTools } from "../../src/control/reviews.ts";
import { editServer, registerServer, removeServer, type ServerInput } from "../../src/control/servers.ts";
import { emptyFileState } from "../../src/control/state.ts";
import { sha256Hex } from "../../src/identity/token.ts";
import { createLogger } from "../../src/logger.ts";
import type { ControlDatabase } from "../../src/store/control-database.ts";
import { createVaultKey } from "../../src/vault/key-ring.ts";
import { createVault } from "../../src/vault/vault.ts";
import { fakeClock, type FakeClock } from "../store/fake-clock.ts";

/** A control database to test: each `open` is another process's. */
export interface ControlKind {
  readonly name: string;
  readonly place: () => Promise<{
    open(clock: FakeClock): Promise<ControlDatabase>;
    remove(): Promise<void>;
  }>;
}

const admin: Actor = { ...gatewayActor, kind: "member", memberId: "m1", name: "ada@example.com" };
const policyManager: Actor = { ...admin, memberId: "m2", name: "pm@example.com", role: "policy_manager" };
const viewer: Actor = { ...admin, memberId: "m3", name: "v@example.com", role: "viewer" };

const denyAll = '{"version":"1","default":"deny"}';
const allowAll = '{"version":"1","default":"allow"}';
const address: ServerInput = {
  title: "Notes",
  access: { kind: "url", url: "https://notes.example.com/mcp", transport: "streamable-http" },
  settings: {},
};
const grant: GrantInput = {
  label: "alice",
  owner: "alice@example.com",
  tags: { team: "research" },
  servers: new Map([["notes", "careful"]]),
  showDenied: false,
  expiresMs: undefined,
};
const dayMs = 86_400_000;

/** What every control database does, alone and beside another process. */
export function describeControl(kind: ControlKind): void {
  describe(`the control plane on ${kind.name}`, () => {
    let place: Awaited<ReturnType<ControlKind["place"]>>;
    let clock: FakeClock;
    let opened: (() => Promise<void>)[];
    let plane: ControlPlane;
    beforeEach(async () => {
      place = await kind.place();
      clock = fakeClock();
      opened = [];
      plane = await openPlane();
    });
    afterEach(async () => {
      for (const close of opened.toReversed()) await close();
      await place.remove();
    });

    async function openPlane(): Promise<ControlPlane> {
      const database = await place.open(clock);
      const keys = { current: createVaultKey(randomBytes(32)), previous: [] };
      const vault = createVault({ installId: database.installId, keys });
      const next = await ControlPlane.open({ database, vault, clock, logger: createLogger("silent") });
      opened.push(async () => {
        next.close();
        await database.close();
      });
      return next;
    }

    const events = (): Promise<readonly { action: string; object_id: string; before: string | null }[]> =>
      plane.database.read.selectFrom("admin_events").selectAll().orderBy("sequence").execute();
    const prepared = async (): Promise<{ id: string; token: string }> => {
      await registerServer(plane, admin, "notes", address);
      await createPolicy(plane, admin, "careful", { title: "Careful", document: denyAll, note: "" });
      return mintGrant(plane, admin, grant);
    };

    it("refuses a change that says nothing of itself, and leaves nothing of it", async () => {
      const silent = plane.database.change(admin, ({ tx }) =>
        tx.insertInto("organisations").values({ id: "o", name: "O", created_ms: 0, revision: 1 }).execute(),
      );
      await expect(silent).rejects.toMatchObject({ code: "INTERNAL" });
      expect(await plane.database.read.selectFrom("organisations").selectAll().execute()).toEqual([]);
    });

    it("has a change in force, with its event, when the change resolves", async () => {
      const { id, token } = await prepared();
      const entry = plane.state().grants.get(id);
      expect(entry).toMatchObject({ label: "alice", source: "database", createdBy: "m1", revision: 1 });
      expect(entry?.tokens).toEqual([{ sha256: sha256Hex(token), expiresMs: undefined }]);
      expect((await events()).map(({ action }) => action)).toEqual(["server.create", "policy.create", "grant.create"]);
      expect(JSON.stringify(await events())).not.toContain(token);
    });

    it("tells nobody when people alone change, as no call is judged by them", async () => {
      let told = 0;
      plane.follow(() => (told += 1));
      await plane.database.change(admin, async ({ record }) => record({ action: "session.create", objectId: "s" }));
      expect(told).toBe(0);
      await registerServer(plane, admin, "notes", address);
      expect(told).toBe(1);
      expect((await events()).map(({ action }) => action)).toEqual(["session.create", "server.create"]);
    });

    it("is heard by another process, which keeps what it has until then", async () => {
      const other = await openPlane();
      const heard = new Promise<void>((resolve) => other.follow(() => resolve()));
      await registerServer(plane, admin, "notes", address);
      await heard;
      expect(other.state().servers.get("notes")?.title).toBe("Notes");
      expect(other.database.installId).toBe(plane.database.installId);
    });

    it("reads what belongs together as of one moment, whatever others commit meanwhile", async () => {
      const other = await openPlane();
      const count = async (read: ControlDatabase["read"]): Promise<number> =>
        (await read.selectFrom("servers").select("id").execute()).length;
      const counts = await other.database.readAtOnce(async (read) => {
        const before = await count(read);
        await registerServer(plane, admin, "notes", address);
        return [before, await count(read)];
      });
      expect(counts).toEqual([0, 0]);
      expect(await count(other.database.read)).toBe(1);
    });

    it("takes in later what it could not at once: a revocation is not lost with a row that cannot be read", async () => {
      const { id } = await prepared();
      const access = async (text: string): Promise<void> => {
        await plane.database.note((tx) => tx.updateTable("servers").set({ access: text }).execute());
      };
      const row = await plane.database.read.selectFrom("servers").select("access").executeTakeFirstOrThrow();
      await access("{");
      // Nobody is told that a token is revoked which still works here.
      await expect(revokeGrants(plane, admin, [id])).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
      expect(plane.state().grants.get(id)?.revokedMs).toBeUndefined();
      const heard = new Promise<void>((resolve) => plane.follow(() => resolve()));
      await access(row.access);
      clock.pass(2_000);
      await heard;
      expect(plane.state().grants.get(id)?.revokedMs).toEqual(expect.any(Number));
    });

    it("makes a token of 256 random bits that is kept as its digest only", async () => {
      const { id, token } = await prepared();
      expect(token).toMatch(new RegExp(`^cg_${id}_[A-Za-z0-9_-]{43}$`));
      const rows = await plane.database.read.selectFrom("grant_tokens").selectAll().execute();
      expect(rows).toMatchObject([{ token_sha256: sha256Hex(token), grant_id: id }]);
      const tokens = await Promise.all(Array.from({ length: 50 }, () => mintGrant(plane, admin, grant)));
      expect(new Set(tokens.map((made) => made.token.slice(-43))).size).toBe(50);
    });

    it("gives a grant thirty days, and nobody more than a year", async () => {
      const { id } = await prepared();
      expect(plane.state().grants.get(id)?.expiresMs).toBe(clock.wallMs() + 30 * dayMs);
      const tooLong = mintGrant(plane, admin, { ...grant, expiresMs: clock.wallMs() + 366 * dayMs });
      await expect(tooLong).rejects.toMatchObject({ code: "INPUT_INVALID" });
      const past = mintGrant(plane, admin, { ...grant, expiresMs: clock.wallMs() - 1 });
      await expect(past).rejects.toMatchObject({ code: "INPUT_INVALID" });
    });

    it("rotates a token at once, or with an overlap", async () => {
      const { id } = await prepared();
      const second = await rotateGrant(plane, admin, id, 0);
      expect(plane.state().grants.get(id)?.tokens).toEqual([{ sha256: sha256Hex(second.token), expiresMs: undefined }]);
      const third = await rotateGrant(plane, admin, id, 60_000);
      const expected = [
        { sha256: sha256Hex(second.token), expiresMs: clock.wallMs() + 60_000 },
        { sha256: sha256Hex(third.token), expiresMs: undefined },
      ];
      expect(
        plane
          .state()
          .grants.get(id)
          ?.tokens.toSorted((a, b) => (a.expiresMs ?? Infinity) - (b.expiresMs ?? Infinity)),
      ).toEqual(expected);
      expect(plane.state().grants.get(id)).toMatchObject({ label: "alice", id });
    });

    it("revokes several grants in one step, or none of them", async () => {
      const { id } = await prepared();
      const other = await mintGrant(plane, admin, grant);
      await expect(revokeGrants(plane, admin, [id, "nobody"])).rejects.toMatchObject({ code: "NOT_FOUND" });
      expect(plane.state().grants.get(id)?.revokedMs).toBeUndefined();
      await revokeGrants(plane, admin, [id, other.id]);
      expect([id, other.id].map((each) => plane.state().grants.get(each)?.tokens)).toEqual([[], []]);
      await expect(rotateGrant(plane, admin, id, 0)).rejects.toMatchObject({ code: "INPUT_INVALID" });
    });

    it("lets a policy manager attach policies, and nothing else of a grant", async () => {
      const { id } = await prepared();
      await createPolicy(plane, policyManager, "open", { title: "Open", document: allowAll, note: "" });
      await editGrant(plane, policyManager, id, { servers: new Map([["notes", "open"]]) }, 1);
      expect(plane.state().grants.get(id)?.servers).toEqual(new Map([["notes", "open"]]));
      await registerServer(plane, admin, "mail", address);
      const refused = { code: "FORBIDDEN" };
      const wider = new Map([...(plane.state().grants.get(id)?.servers ?? []), ["mail", "open"]] as const);
      await expect(editGrant(plane, policyManager, id, { servers: wider }, "any")).rejects.toMatchObject(refused);
      await expect(editGrant(plane, policyManager, id, { label: "x" }, "any")).rejects.toMatchObject(refused);
      await expect(mintGrant(plane, policyManager, grant)).rejects.toMatchObject(refused);
      await expect(rotateGrant(plane, policyManager, id, 0)).rejects.toMatchObject(refused);
      await expect(revokeGrants(plane, policyManager, [id])).rejects.toMatchObject(refused);
      await expect(editGrant(plane, viewer, id, { servers: new Map() }, "any")).rejects.toMatchObject(refused);
    });

    it("refuses an edit from an older state, also of another process's change", async () => {
      const { id } = await prepared();
      const other = await openPlane();
      await editGrant(other, admin, id, { label: "first" }, 1);
      await expect(editGrant(plane, admin, id, { label: "second" }, 1)).rejects.toMatchObject({
        code: "REVISION_STALE",
      });
      await editGrant(plane, admin, id, { label: "third" }, "any");
      expect(plane.state().grants.get(id)).toMatchObject({ label: "third", revision: 3 });
    });

    it("keeps every version of a policy as it was, and restores one as the next", async () => {
      await prepared();
      const saved = await savePolicy(plane, policyManager, "careful", { document: allowAll, note: "try" }, 1);
      expect(saved).toMatchObject({ id: "careful", version: 2 });
      expect(plane.state().policies.get("careful")).toMatchObject({ version: 2, sha256: sha256Hex(allowAll) });
      expect(await restorePolicy(plane, policyManager, "careful", 1, 2)).toMatchObject({ version: 3 });
      expect(plane.state().policies.get("careful")?.document).toBe(denyAll);
      expect(await readVersion(plane.database.read, "careful", 2)).toMatchObject({ document: allowAll, note: "try" });
      const rewriting = plane.database.change(admin, async ({ tx, record }) => {
        record({ action: "policy.rewrite", objectId: "careful" });
        await tx.updateTable("policy_versions").set({ document: "{}" }).execute();
      });
      await expect(rewriting).rejects.toThrow(/never changed/);
      expect(plane.state().policies.get("careful")?.document).toBe(denyAll);
    });

    it("saves a title alone without a version, and no document that does not load", async () => {
      await prepared();
      expect(await savePolicy(plane, admin, "careful", { title: "More careful" }, "any")).toMatchObject({ version: 1 });
      const broken = savePolicy(plane, admin, "careful", { document: '{"version":"1","default":"maybe"}' }, "any");
      await expect(broken).rejects.toMatchObject({ code: "INPUT_INVALID" });
      expect(plane.state().policies.get("careful")).toMatchObject({ title: "More careful", version: 1 });
    });

    it("removes a policy in use only when its grants may be left without one", async () => {
      const { id } = await prepared();
      const kept = removePolicy(plane, policyManager, "careful", false, "any");
      await expect(kept).rejects.toMatchObject({ code: "IN_USE", data: { grants: [id] } });
      expect(await removePolicy(plane, policyManager, "careful", true, "any")).toEqual([id]);
      expect(plane.state().grants.get(id)?.servers).toEqual(new Map([["notes", undefined]]));
      await createPolicy(plane, admin, "careful", { title: "Again", document: allowAll, note: "" });
      expect(plane.state().policies.get("careful")?.version).toBe(2);
      expect(plane.state().grants.get(id)?.servers).toEqual(new Map([["notes", undefined]]));
    });

    it("removes a policy that only revoked grants have", async () => {
      const { id } = await prepared();
      await revokeGrants(plane, admin, [id]);
      expect(await removePolicy(plane, policyManager, "careful", false, "any")).toEqual([]);
    });

    it("closes a removed server to every grant, also when its name comes back", async () => {
      const { id } = await prepared();
      await removeServer(plane, admin, "notes", 1);
      await registerServer(plane, admin, "notes", address);
      expect(plane.state().grants.get(id)?.servers).toEqual(new Map());
      await editServer(plane, admin, "notes", { isDisabled: true }, "any");
      expect(plane.state().servers.get("notes")?.isDisabled).toBe(true);
    });

    const refusedAddresses = [
      "http://127.0.0.1:1/mcp",
      "http://169.254.169.254/",
      "http://localhost/mcp",
      "file:///etc/passwd",
    ];
    it.each(refusedAddresses)("does not register %s unless the operator allows such", async (url) => {
      const input: ServerInput = { ...address, access: { kind: "url", url, transport: "streamable-http" } };
      await expect(registerServer(plane, admin, "inside", input)).rejects.toMatchObject({ code: "INPUT_INVALID" });
      plane.applyFiles(emptyFileState, { ...operatorRulesDefault, allowPrivateAddresses: true });
      const allowed = registerServer(plane, admin, "inside", input);
      if (url.startsWith("file:")) await expect(allowed).rejects.toMatchObject({ code: "INPUT_INVALID" });
      else await expect(allowed).resolves.toBeUndefined();
    });

    it("registers a command only word for word as the operator wrote it down", async () => {
      const approved = { command: "npx", args: ["-y", "camoufox-mcp@1.0.0"], env: [] };
      plane.applyFiles(emptyFileState, { ...operatorRulesDefault, commands: [approved] });
      const commandInput = (command: string, args: readonly string[]): ServerInput => ({
        ...address,
        access: { kind: "command", command, args },
      });
      for (const args of [
        ["-y", "camoufox-mcp@1.0.1"],
        ["-y", "camoufox-mcp@1.0.0", "x"],
        [],
        ["-y camoufox-mcp@1.0.0"],
      ]) {
        const refused = registerServer(plane, admin, "browser", commandInput("npx", args));
        await expect(refused).rejects.toMatchObject({ code: "OPERATOR_ONLY" });
      }
      await registerServer(plane, admin, "browser", commandInput("npx", approved.args));
      expect(plane.state().servers.get("browser")?.settings.access).toMatchObject({
        command: "npx",
        args: approved.args,
      });
    });

    it("keeps of what a server lists no more than people can review, and all of reviewed tools [B122]", async () => {
      await prepared();
      const watch = new DefinitionWatch({ database: plane.database, clock, logger: createLogger("silent") });
      const seen = (tool: string) => ({ tool, sha256: "a", text: () => "{}", reviewedMs: undefined });
      await watch.seen("notes", [seen("reviewed")]);
      await reviewTools(plane, admin, "notes", [{ tool: "reviewed", sha256: "a" }]);
      for (const turn of [1, 2, 3, 4]) {
        clock.pass(1_000);
        const made = Array.from({ length: 1_500 }, (_, number) => seen(`made ${turn} ${number}`));
        await watch.seen("notes", made);
      }
      const rows = await plane.database.read.selectFrom("tool_definitions").select("tool").execute();
      const turns = Map.groupBy(rows, ({ tool }) => tool.split(" ")[1] ?? tool);
      expect([...turns].map(([turn, tools]) => [turn, tools.length])).toEqual([
        ["3", 1_500],
        ["4", 1_500],
        ["reviewed", 1],
      ]);
    });

    it("takes no name that clients cannot tell from another", async () => {
      await prepared();
      for (const id of ["Notes", "catalogue", "a__b", "../x", "x".repeat(65)]) {
        await expect(registerServer(plane, admin, id, address)).rejects.toMatchObject({
          code: id === "Notes" ? "NAME_TAKEN" : "INPUT_INVALID",
        });
      }
    });
  });
}
