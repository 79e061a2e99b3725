import { randomBytes } from "node:crypto";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { ControlPlane } from "../../src/control/control-plane.ts";
import { editServer, registerServer } from "../../src/control/servers.ts";
import { mintGrant } from "../../src/control/grants.ts";
import { createPolicy, savePolicy } from "../../src/control/policies.ts";
import { removeCredential, setCredential } from "../../src/control/upstream-credentials.ts";
import { Secret } from "../../src/vault/secret.ts";
import { admin, openRules, openVaultPlane } from "../credentials/open-vault-plane.ts";
import { createCanaries } from "../kit/canary.ts";
import { type Client, openHttpModern } from "../kit/clients.ts";
import { type ServeGateway, startServe } from "../kit/gateway.ts";
import { closeAll } from "../kit/opened.ts";
import { startCallgate } from "../kit/process.ts";
import { type HttpEcho, startHttpEcho } from "../servers/http-echo.ts";

// Credentials are entered by another process on the same store: the gateway notices by itself.

afterEach(closeAll);

const allowAll = '{"version":"1","default":"allow"}';
const settings = { allow: { private_addresses: true } };
const header = { server: "notes", grantId: undefined, kind: "header", name: "x-api-key" } as const;

interface World {
  readonly gateway: ServeGateway;
  readonly plane: ControlPlane;
  readonly echo: HttpEcho;
  /** A client of a new grant at the server `notes`. */
  readonly newClient: () => Promise<{ readonly client: Client; readonly grantId: string; readonly token: string }>;
}

async function start(): Promise<World> {
  const gateway = await startServe({ policies: { p: allowAll }, settings });
  const plane = await openVaultPlane(gateway.folder);
  const echo = await startHttpEcho();
  const access = { kind: "url", url: echo.url, transport: "streamable-http" } as const;
  await registerServer(plane, admin, "notes", { title: "Notes", access, settings: {} });
  await createPolicy(plane, admin, "open", { title: "Open", document: allowAll, note: "" });
  const newClient: World["newClient"] = async () => {
    const servers = new Map([["notes", "open"]]);
    const grant = { label: "a", owner: undefined, tags: {}, showDenied: true, expiresMs: undefined, servers };
    const { id: grantId, token } = await mintGrant(plane, admin, grant);
    await settle();
    return { client: openHttpModern(gateway.url("notes"), token), grantId, token };
  };
  return { gateway, plane, echo, newClient };
}

/** Longer than a process takes to look for what others changed. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 700));
}

/** What the server was last sent under that header. */
function lastSent({ echo }: World, name = "x-api-key"): unknown {
  return echo.seen.at(-1)?.headers[name];
}

describe("a credential that was entered for a server", () => {
  it("arrives with every request, and is gone when it was removed", async () => {
    const world = await start();
    const { client } = await world.newClient();
    const secret = createCanaries().plant("header");
    await setCredential(world.plane, admin, header, Secret.of(secret));
    await settle();
    await client.list();
    expect(lastSent(world)).toBe(secret);
    await removeCredential(world.plane, admin, header);
    await settle();
    await client.list();
    expect(lastSent(world)).toBeUndefined();
  });

  it("is another one for a grant that has its own, and then none of the others' is sent", async () => {
    const world = await start();
    const [first, second] = [await world.newClient(), await world.newClient()];
    await setCredential(world.plane, admin, header, Secret.of("the-key-of-everybody"));
    const other = { ...header, name: "x-tenant-key" };
    await setCredential(world.plane, admin, other, Secret.of("the-tenant-of-everybody"));
    await setCredential(world.plane, admin, { ...header, grantId: second.grantId }, Secret.of("the-key-of-the-second"));
    await settle();
    await first.client.list();
    expect([lastSent(world), lastSent(world, "x-tenant-key")]).toEqual([
      "the-key-of-everybody",
      "the-tenant-of-everybody",
    ]);
    await second.client.list();
    expect([lastSent(world), lastSent(world, "x-tenant-key")]).toEqual(["the-key-of-the-second", undefined]);
  });

  it("of a grant's own that cannot be used does not have the others' sent instead", async () => {
    const world = await start();
    const [first, second] = [await world.newClient(), await world.newClient()];
    const own = { ...header, grantId: second.grantId };
    await setCredential(world.plane, admin, own, Secret.of("the-key-of-the-second"));
    const moved = await startHttpEcho();
    const access = { kind: "url", url: moved.url, transport: "streamable-http" } as const;
    await editServer(world.plane, admin, "notes", { access }, "any");
    await setCredential(world.plane, admin, header, Secret.of("the-key-of-everybody"));
    await settle();
    await first.client.list();
    expect(moved.seen.at(-1)?.headers["x-api-key"]).toBe("the-key-of-everybody");
    const before = moved.seen.length;
    expect(await second.client.request("tools/list", {})).toMatchObject({
      error: { data: { code: "UPSTREAM_CREDENTIALS" } },
    });
    expect(moved.seen.length).toBe(before);
    await removeCredential(world.plane, admin, own);
    await settle();
    await second.client.list();
    expect(moved.seen.at(-1)?.headers["x-api-key"]).toBe("the-key-of-everybody");
  });

  it("is not sent to an address that it was not entered for, and the call says so [B350]", async () => {
    const world = await start();
    const { client } = await world.newClient();
    await setCredential(world.plane, admin, header, Secret.of("the-key-of-everybody"));
    const evil = await startHttpEcho();
    const access = { kind: "url", url: evil.url, transport: "streamable-http" } as const;
    await editServer(world.plane, admin, "notes", { access }, "any");
    await settle();
    const answer = await client.request("tools/list", {});
    expect(answer).toMatchObject({ error: { code: -31009, data: { code: "UPSTREAM_CREDENTIALS" } } });
    expect(evil.seen).toEqual([]);
    await setCredential(world.plane, admin, header, Secret.of("the-key-of-the-new-one"));
    await settle();
    await client.list();
    expect(evil.seen.at(-1)?.headers["x-api-key"]).toBe("the-key-of-the-new-one");
  });
});

describe("a call that finds no credentials", () => {
  it("costs nothing of a limit: nothing was sent", async () => {
    const world = await start();
    const once =
      '{"version":"1","default":"deny","tools":{"safe":{"limits":[{"counter":"c","window":"hour","max":1}]}}}';
    await savePolicy(world.plane, admin, "open", { document: once, note: "" }, "any");
    const { client } = await world.newClient();
    await setCredential(world.plane, admin, header, Secret.of("the-key-of-everybody"));
    const url = world.echo.url.replace("127.0.0.1", "localhost");
    const access = { kind: "url", url, transport: "streamable-http" } as const;
    await editServer(world.plane, admin, "notes", { access }, "any");
    await settle();
    for (const _ of [1, 2, 3]) {
      expect((await client.call("safe")).error).toMatchObject({ data: { code: "UPSTREAM_CREDENTIALS" } });
    }
    await removeCredential(world.plane, admin, header);
    await settle();
    expect((await client.call("safe")).isError).toBe(false);
    expect((await client.call("safe")).decision).toMatchObject({ outcome: "deny" });
  });
});

describe("the vault's key", () => {
  /** Starts the gateway again in the same folder. */
  async function restart(gateway: ServeGateway, vault: object): Promise<ServeGateway> {
    await gateway.process.kill();
    const tokens = { p: gateway.token() };
    return startServe({ policies: { p: allowAll }, settings: { ...settings, vault }, folder: gateway.folder, tokens });
  }

  it("is rotated by a restart, after which the old one is not needed [R24]", async () => {
    const world = await start();
    const { token } = await world.newClient();
    const secret = createCanaries();
    await setCredential(world.plane, admin, header, Secret.of(secret.plant("header")));
    const { folder } = world.gateway;
    expect(secret.foundIn(world.gateway.storeBytes())).toEqual([]);
    renameSync(join(folder, "callgate.key"), join(folder, "old.key"));
    const second = await restart(world.gateway, {
      key_file: newKeyFile(folder, "new.key"),
      previous: [{ key_file: "./old.key" }],
    });
    await openHttpModern(second.url("notes"), token).list();
    expect(secret.foundIn(String(lastSent(world)))).toEqual(["header"]);
    const third = await restart(second, { key_file: "./new.key" });
    const before = world.echo.seen.length;
    await openHttpModern(third.url("notes"), token).list();
    expect(world.echo.seen.length).toBeGreaterThan(before);
    expect(secret.foundIn(String(lastSent(world)))).toEqual(["header"]);
    expect(secret.foundIn(third.storeBytes())).toEqual([]);
    expect(secret.foundIn(second.process.stderr() + third.process.stderr())).toEqual([]);
  });

  it("that opens nothing of what is stored keeps the gateway from starting, and says what to do [R24]", async () => {
    const world = await start();
    await setCredential(world.plane, admin, header, Secret.of("the-key-of-everybody"));
    await world.gateway.process.kill();
    const file = join(world.gateway.folder, "callgate.yaml");
    const config: Record<string, unknown> = JSON.parse(readFileSync(file, "utf8"));
    const vault = { key_file: newKeyFile(world.gateway.folder, "other.key") };
    writeFileSync(file, JSON.stringify({ ...config, vault }));
    const failing = startCallgate(["serve", "--config", file], world.gateway.folder, { TOKEN_0: "x".repeat(32) });
    expect(await failing.exit).toMatchObject({ code: 3 });
    expect(failing.stderr()).toMatch(/opens nothing of what is stored.*vault\.previous/s);
  });

  it("that opens some of it leaves the others' servers unusable, and everything else as it was", async () => {
    const world = await start();
    const { token } = await world.newClient();
    await setCredential(world.plane, admin, header, Secret.of("the-key-of-everybody"));
    const strange = join(world.gateway.folder, newKeyFile(world.gateway.folder, "strange.key"));
    const other = await openVaultPlane(world.gateway.folder, openRules, { kind: "file", path: strange });
    const access = { kind: "url", url: world.echo.url, transport: "streamable-http" } as const;
    await registerServer(other, admin, "closed", { title: "Closed", access, settings: {} });
    await setCredential(other, admin, { ...header, server: "closed" }, Secret.of("a-value-that-nobody-opens"));
    const servers = new Map([["closed", "open"]]);
    const grant = { label: "b", owner: undefined, tags: {}, showDenied: true, expiresMs: undefined, servers };
    const closed = await mintGrant(other, admin, grant);
    const again = await restart(world.gateway, {});
    expect(again.process.stderr()).toMatch(/stored secret cannot be opened/);
    const answer = await openHttpModern(again.url("closed"), closed.token).request("tools/list", {});
    expect(answer).toMatchObject({ error: { data: { code: "UPSTREAM_CREDENTIALS" } } });
    await openHttpModern(again.url("notes"), token).list();
    expect(lastSent(world)).toBe("the-key-of-everybody");
  });

  function newKeyFile(folder: string, name: string): string {
    writeFileSync(join(folder, name), randomBytes(32).toString("base64"), { mode: 0o600 });
    return `./${name}`;
  }
});
