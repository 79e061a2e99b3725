import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { openHttpModern, openStdio } from "../kit/clients.ts";
import { makeFolder } from "../kit/folder.ts";
import { startRun, startServe } from "../kit/gateway.ts";
import { openEveryLane } from "../kit/lanes.ts";
import { closeAll } from "../kit/opened.ts";
import { startCallgate } from "../kit/process.ts";

// What an agent sees is the same on every lane: over HTTP and on standard streams, in both eras.

afterEach(closeAll);

const echoTools = ["safe", "evil", "delete_repo", "refund", "send", "write_file", "fetch", "slow", "fail"];

describe("on every lane", () => {
  it("[R47] [R48] [R97] [R98] default deny: an empty entry is allowed, anything else denied in one form", async () => {
    const policy = {
      version: "1",
      default: "deny",
      tools: { safe: {}, refund: { action: "deny", reason: "not today" } },
    };
    for (const { client, rows, spy } of await openEveryLane(policy)) {
      expect(await client.call("safe", { text: "x" }), client.lane).toMatchObject({ isError: false, error: undefined });
      const unlisted = await client.call("evil");
      expect(unlisted, client.lane).toMatchObject({
        isError: true,
        error: undefined,
        text: expect.stringMatching(/^\[POLICY DENIED\] ./),
        decision: { outcome: "deny", code: "default_deny", rule: "(default deny)", policyVersion: 1 },
      });
      const reasoned = await client.call("refund", { amount: 1 });
      expect(reasoned.text, client.lane).toBe("[POLICY DENIED] not today");
      expect(reasoned.decision).toMatchObject({ code: "denied", rule: "/tools/refund/action" });
      const [allowed, denied] = rows.calls();
      expect(allowed).toMatchObject({ tool: "safe", outcome: "allow", rule: "" });
      expect(denied).toMatchObject({ tool: "evil", outcome: "deny", requestId: unlisted.decision?.["requestId"] });
      expect(spy.calls()).toHaveLength(1);
    }
  });

  it("[R49] [R50] [R52] [R55] default allow: hidden tools exist for nobody, denied ones are left out of lists", async () => {
    const policy = {
      version: "1",
      default: "allow",
      hide: ["evil", "delete_*"],
      tools: { evil: {}, fetch: { action: "deny" }, send: { deny_if: [{ conditions: [] }] } },
    };
    for (const { client, rows, spy } of await openEveryLane(policy)) {
      const hidden = ["evil", "delete_repo", "fetch"];
      expect(await client.list(), client.lane).toEqual(echoTools.filter((name) => !hidden.includes(name)));
      expect(await client.call("refund", { amount: 1, currency: "EUR" })).toMatchObject({ isError: false });
      const asHidden = await client.call("evil");
      const asUnknown = await client.call("nothing");
      expect(asHidden.error).toEqual({ code: -32602, message: "Unknown tool: evil", data: undefined });
      expect(asUnknown.error).toEqual({ code: -32602, message: "Unknown tool: nothing", data: undefined });
      expect((await client.call("fetch", { url: "x" })).decision).toMatchObject({ code: "denied" });
      expect(rows.calls().map((row) => row.rule)).toEqual(["", "(hidden)", "(unknown tool)", "/tools/fetch/action"]);
      expect(spy.calls()).toHaveLength(1);
    }
  });

  it("[R51] [R53] hiding everything empties lists of any number of pages, and denies all", async () => {
    const policy = { version: "1", default: "allow", hide: ["*"] };
    for (const { client, spy } of await openEveryLane(policy, ["--page-size=2"])) {
      expect(await client.list(), client.lane).toEqual([]);
      for (const name of ["safe", "evil"]) expect((await client.call(name)).error?.code).toBe(-32602);
      expect(spy.calls()).toEqual([]);
    }
  });

  it("every row of a client on standard streams says so, and whose it is", async () => {
    const gateway = startRun({ policy: { version: "1", default: "allow" } });
    const client = await openStdio(gateway.process, "legacy");
    await client.list();
    await gateway.process.kill();
    const events = gateway.rows.events();
    expect(events.map(({ event }) => event)).toEqual(expect.arrayContaining(["upstream_started", "list_filtered"]));
    for (const event of events) expect(event).toMatchObject({ transport: "stdio", grant: "local" });
  });

  it("[R54] a list that cannot be read is withheld, and calls without a list are not made", async () => {
    const policy = { version: "1", default: "allow" };
    for (const { client, spy } of await openEveryLane(policy, ["--bad-list"])) {
      const list = await client.request("tools/list", {});
      expect(list.result, client.lane).toBeUndefined();
      expect(list.error?.message).toContain("could not be read");
      expect((await client.call("safe")).error).toBeDefined();
      expect(spy.calls()).toEqual([]);
    }
  });
});

describe("a grant", () => {
  const policy = { version: "1", default: "deny", tools: { safe: {} } };

  it("[R29] without a policy has every call denied", async () => {
    const gateway = await startServe({ policies: {}, grants: { alice: { servers: { echo: null } } } });
    const client = openHttpModern(gateway.url(), gateway.token());
    expect((await client.call("safe")).decision).toMatchObject({ code: "no_policy", rule: "(no policy)" });
    expect(await client.list()).toEqual([]);
    expect(gateway.spy().calls()).toEqual([]);
  });

  it("[R28] that is taken away fails on its next call, and no other does", async () => {
    const gateway = await startServe({
      policies: { p: policy },
      grants: { alice: { servers: { echo: "p" } }, bob: { servers: { echo: "p" } } },
    });
    const [alice, bob] = ["alice", "bob"].map((id) => openHttpModern(gateway.url(), gateway.token(id)));
    expect((await alice?.call("safe"))?.isError).toBe(false);
    const file = join(gateway.folder, "callgate.yaml");
    const { grants, ...rest }: { grants: Record<string, unknown> } = JSON.parse(readFileSync(file, "utf8"));
    writeFileSync(file, JSON.stringify({ ...rest, grants: { bob: grants["bob"] } }));
    await gateway.process.sees(/reloaded/);
    const refused = await alice?.post("{}");
    expect(refused?.status).toBe(401);
    expect((await bob?.call("safe"))?.isError).toBe(false);
    expect(gateway.spy().calls()).toHaveLength(2);
  });

  it("[R30] does not open another server, whether there is one of that name or not", async () => {
    const gateway = await startServe({
      servers: { one: [], two: [] },
      policies: { p: policy },
      grants: { alice: { servers: { one: "p" } } },
    });
    const answers = await Promise.all(
      ["two", "three"].map(async (server) => {
        const { status, body } = await openHttpModern(`${gateway.origin}/mcp/${server}`, gateway.token()).post("{}");
        return { status, body };
      }),
    );
    expect(answers[0]?.status).toBe(404);
    expect(answers[0]).toEqual(answers[1]);
    expect(gateway.spy("two").bytes()).toHaveLength(0);
  });

  it("[R31] stops at the instant it expires", async () => {
    const expiresAtMs = Date.now() + 3_000;
    const grant = (expires: number): object => ({ servers: { echo: "p" }, expires: new Date(expires).toISOString() });
    const gateway = await startServe({
      policies: { p: policy },
      grants: {
        past: { servers: { echo: "p" }, ...grant(Date.now() - 1) },
        soon: { servers: { echo: "p" }, ...grant(expiresAtMs) },
        later: { servers: { echo: "p" }, ...grant(Date.now() + 3_600_000) },
      },
    });
    const statusOf = async (id: string): Promise<number> =>
      (await openHttpModern(gateway.url(), gateway.token(id)).post("{}")).status;
    expect(await statusOf("past")).toBe(401);
    expect(await statusOf("later")).toBe(400);
    while ((await statusOf("soon")) !== 401) expect(Date.now()).toBeLessThan(expiresAtMs + 10_000);
    expect(Date.now()).toBeGreaterThanOrEqual(expiresAtMs);
    expect(await statusOf("later")).toBe(400);
  });
});

describe("over HTTP", () => {
  const policy = { version: "1", default: "deny", tools: { safe: {} } };

  it("[R34] [R107] [R108] [R130] strangers, foreign pages and bodies over the limit are turned away, and leave rows", async () => {
    const gateway = await startServe({ policies: { alice: policy }, settings: { max_body_bytes: 2_000 } });
    const post = (headers: Record<string, string>, body = "{}"): Promise<Response> =>
      fetch(gateway.url(), { method: "POST", body, headers: { "content-type": "application/json", ...headers } });
    const authorization = `Bearer ${gateway.token()}`;
    const stranger = await post({});
    expect(stranger.status).toBe(401);
    expect(stranger.headers.get("www-authenticate")).toMatch(/^Bearer /);
    const unknown = await post({ authorization: "Bearer cg_nobody_has_this_token" });
    expect(unknown.status).toBe(401);
    expect(unknown.headers.get("www-authenticate")).toContain('error="invalid_token"');
    expect((await post({ authorization, origin: "https://evil.example" })).status).toBe(403);
    expect((await post({ authorization }, "x".repeat(2_001))).status).toBe(413);
    expect((await post({ authorization }, "[]")).status).toBe(400);
    await gateway.rows.waitFor(5, (row) => row.kind === "event");
    expect(gateway.rows.events().map((row) => `${row.event} ${row.reason}`)).toEqual([
      "token_rejected token_missing",
      "token_rejected token_unknown",
      "message_rejected origin_refused",
      "message_rejected body_too_large",
      "message_rejected batch",
    ]);
    expect(gateway.spy().bytes()).toHaveLength(0);
  });
});

describe("what is recorded", () => {
  it("[R127] [R128] names who, what and why, and no value of an argument or a result", async () => {
    const limits = [{ counter: "calls", window: "hour", max: 5 }];
    const secrets = ["a-value-that-must-not-be-kept", "another-value-in-a-denied-call"];
    const policy = { version: "1", default: "deny", tools: { safe: { limits } } };
    for (const { client, rows } of await openEveryLane(policy)) {
      const answer = await client.call("safe", { text: secrets[0], more: 1 });
      expect(answer.text).toContain(secrets[0]);
      await client.call("evil", { text: secrets[1] });
      await rows.waitFor(1, (row) => row.kind === "outcome");
      const [allowed, denied] = rows.calls();
      const [transport, era] = client.lane.split(" ");
      expect(allowed).toMatchObject({
        transport,
        era,
        server: "echo",
        method: "tools/call",
        tool: "safe",
        outcome: "allow",
        code: "allowed",
        policy: { version: 1, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
        client: { name: "kit", version: "1" },
        limits: [{ rule: "/tools/safe/limits/0", counter: "calls", before: "0", after: "1", max: "5" }],
        argumentKeys: ["text", "more"],
        argumentDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
      });
      expect(denied).toMatchObject({ tool: "evil", outcome: "deny", rule: "(default deny)", limits: [] });
      expect(rows.outcomes()).toMatchObject([{ requestId: allowed?.requestId, status: "completed" }]);
      const all = JSON.stringify(rows.after());
      expect(
        secrets.filter((secret) => all.includes(secret)),
        client.lane,
      ).toEqual([]);
    }
  });

  it("[R131] is found by outcome, tool and grant on the command line", async () => {
    const policy = { version: "1", default: "deny", tools: { safe: {} } };
    const gateway = startRun({ policy });
    const client = await openStdio(gateway.process, "modern");
    await client.call("safe");
    await client.call("evil");
    await gateway.rows.waitFor(1, (row) => row.kind === "outcome");
    const log = async (...flags: string[]): Promise<unknown[]> => {
      const { child, exit } = startCallgate(["log", "--json", ...flags], gateway.folder);
      let output = "";
      child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
      expect(await exit).toMatchObject({ code: 0 });
      return output
        .trim()
        .split("\n")
        .filter((line) => line !== "")
        .map((line): unknown => JSON.parse(line));
    };
    expect(await log("--outcome", "deny")).toMatchObject([{ tool: "evil" }]);
    expect(await log("--tool", "safe")).toMatchObject([{ outcome: "allow" }]);
    expect(await log("--grant", "nobody")).toEqual([]);
  });
});

describe("a slow server", () => {
  it("[R106] runs into the time-out that was set, and the client gets an error", async () => {
    const policy = { version: "1", default: "allow" };
    const gateway = startRun({ policy, flags: ["--timeout", "1s"] });
    const client = await openStdio(gateway.process, "legacy");
    const answer = await client.call("slow", { ms: 60_000 });
    expect(answer.error?.message).toBe("the server did not answer within 1 s");
    expect((await client.call("safe")).isError).toBe(false);
    const outcomes = await gateway.rows.waitFor(2, (row) => row.kind === "outcome");
    expect(outcomes[0]).toMatchObject({ status: "timeout", isRefunded: false });
  });
});

describe("the exit code", () => {
  it("[R162] is 0 when done, 1 for problems, 2 for wrong use and 3 for a fault, as the help says", async () => {
    const folder = makeFolder();
    const good = join(folder, "good.json");
    const bad = join(folder, "bad.json");
    writeFileSync(good, '{"version":"1","default":"deny"}');
    writeFileSync(bad, '{"version":"2","default":"deny"}');
    const corrupt = join(folder, "corrupt.sqlite");
    writeFileSync(corrupt, "this is no database, and long enough to be taken for one".repeat(100));
    const codeOf = async (...args: string[]): Promise<number | null> => (await startCallgate(args, folder).exit).code;
    expect(await codeOf("validate", good)).toBe(0);
    expect(await codeOf("validate", bad)).toBe(1);
    expect(await codeOf("validate")).toBe(2);
    expect(await codeOf("log", "--store", corrupt)).toBe(3);
    const help = startCallgate(["--help"], folder);
    let output = "";
    help.child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    await help.exit;
    expect(output).toContain("Exit codes: 0 done, 1 refused or problems, 2 wrong use, 3 fault.");
  });
});
