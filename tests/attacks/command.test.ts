import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { isStoppedByGateway } from "../../src/attacks/attack.ts";
import { loadAttacks } from "../../src/attacks/load-entries.ts";
import type { PlayedAttack } from "../../src/attacks/play.ts";
import { loadPolicy } from "../../src/policy/index.ts";
import { makeFolder } from "../kit/folder.ts";
import { openStdio } from "../kit/clients.ts";
import { type ServeGateway, startRun, startServe } from "../kit/gateway.ts";
import { closeAll } from "../kit/opened.ts";
import { startCallgate } from "../kit/process.ts";
import { sendJson, startScriptedServer } from "../servers/http-script.ts";
import { startMcpServer } from "../servers/mcp-script.ts";

afterEach(closeAll);

const callgate = join(import.meta.dirname, "..", "kit", "callgate.ts");

async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const folder = makeFolder();
  mkdirSync(folder, { recursive: true });
  const process = startCallgate(["attacks", ...args], folder, env);
  let out = "";
  process.child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString("utf8")));
  process.child.stdin.end();
  const { code } = await process.exit;
  return { code, out, err: process.stderr() };
}

describe("attacks list", () => {
  it("shows slug, label, kind and name, of one kind or with one signal", async () => {
    const { code, out } = await run(["list", "--category", "money"]);
    expect(code).toBe(0);
    expect(out).toMatch(/^partial {2}agent-wallet-drain +money +Agent wallet/m);
    expect(out).not.toContain("tool-ssrf");
    const found: { attacks: { abuses: { signals: string[] } }[] } = JSON.parse(
      (await run(["list", "--signal", "takes_path", "--json"])).out,
    );
    expect(found.attacks.length).toBeGreaterThan(5);
    expect(found.attacks.every(({ abuses }) => abuses.signals.includes("takes_path"))).toBe(true);
    expect(found).not.toHaveProperty("outOfReach");
  });

  it("shows those that no policy judges too, with what stops them or why nothing does", async () => {
    const { out } = await run(["list"]);
    const { stoppedByGateway, outOfReach, attacks } = loadAttacks();
    expect(out).toContain(`${stoppedByGateway.length} stopped by the gateway itself, whatever the policy\n`);
    expect(out).toContain(`${outOfReach.length} out of a policy's reach\n`);
    for (const { slug } of [...attacks, ...stoppedByGateway, ...outOfReach]) expect(out).toContain(` ${slug} `);
    expect(out).toContain("No answer has a CORS header");
    expect(JSON.parse((await run(["list", "--json"])).out)).toMatchObject({ stoppedByGateway, outOfReach });
    expect(await run(["list", "--category", "money"])).toMatchObject({ out: expect.not.stringContaining("CORS") });
  });

  it("knows no other kinds", async () => {
    const { code, err } = await run(["list", "--category", "magic"]);
    expect(code).toBe(2);
    expect(err).toContain("unknown category `magic`");
  });
});

describe("attacks show", () => {
  it("shows the whole entry, and prints its policy alone", async () => {
    const { code, out } = await run(["show", "tool-ssrf"]);
    expect(code).toBe(0);
    for (const heading of ["How it works", "What happened", "How to notice it", "What remains", "Sources"])
      expect(out).toContain(heading);
    expect(out).toContain("It abuses a Read or Execute tool that takes an address, or returns other people's text.");
    const policy = await run(["show", "tool-ssrf", "--policy"]);
    const loaded = loadPolicy(policy.out, { identity: { id: "shown", version: 1, sha256: "" } });
    expect(loaded.problems).toEqual([]);
    const data: { replay: { steps: unknown[] } } = JSON.parse((await run(["show", "tool-ssrf", "--json"])).out);
    expect(data.replay.steps.length).toBeGreaterThan(3);
  });

  it("says what was meant by a name that is not there", async () => {
    const { code, err } = await run(["show", "tool-ssfr"]);
    expect(code).toBe(2);
    expect(err).toContain("did you mean `tool-ssrf`?");
  });

  it("says why an attack has no entry", async () => {
    expect((await run(["show", "dns-rebinding"])).err).toContain("has no entry, as the gateway itself stops it");
    expect((await run(["show", "registry-poisoning"])).err).toContain("has no entry, as it is out of a policy's reach");
  });
});

describe("attacks run", () => {
  it("says which rule stopped which step, what passed and why, and that the label holds", async () => {
    const { code, out } = await run(["run", "tool-ssrf", "scope-creep"]);
    expect(code).toBe(0);
    expect(out).toContain("tool-ssrf partial: holds");
    expect(out).toMatch(/stopped {2}another port of a known host {2}require_failed \/tools\/fetch\/require\/0/);
    expect(out).toMatch(/passes {3}a known name that now points inside: the name is allowed/);
    expect(out).toContain("2 attacks: full 1, partial 1, none 0; 2 labels hold, 0 do not");
  });

  it("holds all labels", async () => {
    const { code, out } = await run(["run", "--json"]);
    expect(code).toBe(0);
    const { held, failed }: { held: number; failed: number } = JSON.parse(out);
    expect(held).toBeGreaterThanOrEqual(60);
    expect(failed).toBe(0);
  });

  const misuse = [
    {
      args: ["run", "tool-ssrf", "--against", "127.0.0.1:7777", "--server", "a", "--token-env", "T"],
      says: "is no address",
    },
    { args: ["run", "tool-ssrf", "--against", "http://127.0.0.1:1", "--token-env", "T"], says: "name the server" },
    { args: ["run", "tool-ssrf", "--against", "http://127.0.0.1:1", "--server", "a"], says: "name the variable" },
    { args: ["run", "--against", "http://127.0.0.1:1", "--server", "a", "--token-env", "T"], says: "name the attacks" },
    { args: ["run", "tool-ssrf", "--server", "a"], says: "go with `--against URL`" },
    { args: ["run", "--all"], says: "go with `--against URL`" },
    {
      args: ["run", "tool-ssrf", "--all", "--against", "http://127.0.0.1:1", "--server", "a", "--token-env", "T"],
      says: "or send all with `--all`",
    },
    {
      args: ["run", "tool-ssrf", "--against", "http://127.0.0.1:1", "--server", "a", "--token-env", "NOT_SET"],
      says: "`NOT_SET` is not set",
    },
  ];
  it.each(misuse)("says of $args that it $says", async ({ args, says }) => {
    const { code, err } = await run(args, { T: "a-token-of-some-length" });
    expect(code).toBe(2);
    expect(err).toContain(says);
  });

  it("ends with a fault when nobody answers", async () => {
    const args = ["run", "tool-ssrf", "--against", "http://127.0.0.1:1", "--server", "a", "--token-env", "T"];
    const { code, err } = await run(args, { T: "a-token-of-some-length" });
    expect(code).toBe(3);
    expect(err).toContain("cannot be reached");
    expect(err).not.toContain("a-token-of-some-length");
  });
});

describe("attacks serve", () => {
  it.each([
    ["closed", "deny", false],
    ["open", "allow", true],
  ] as const)(
    "asks as servers of the legacy era do, which a door that is %s settles",
    async (_, sampling, isPassed) => {
      const gateway = startRun({
        policy: { version: "1", default: "allow", sampling },
        server: { command: process.execPath, args: [callgate, "attacks", "serve", "sampling-abuse"] },
      });
      const client = await openStdio(gateway.process, "legacy");
      expect((await client.call("summarise_code")).text).toBe("done");
      expect(client.lines().some((line) => line.includes("sampling/createMessage"))).toBe(isPassed);
    },
  );
});

describe("attacks serve --as", () => {
  it("is the second server of an attack that needs two, and knows no other", async () => {
    const gateway = startRun({
      policy: { version: "1", default: "allow" },
      server: { command: process.execPath, args: [callgate, "attacks", "serve", "tool-shadowing", "--as", "quotes"] },
    });
    const client = await openStdio(gateway.process, "modern");
    expect(await client.list()).toEqual(["daily_quote"]);
    const { code, err } = await run(["serve", "tool-shadowing", "--as", "quote"]);
    expect(code).toBe(2);
    expect(err).toContain("it has quotes");
    expect((await run(["serve", "--as", "quotes"])).err).toContain("goes with an attack");
  });
});

describe("attacks run against a gateway", () => {
  const slug = "agent-wallet-drain";

  async function start(): Promise<ServeGateway> {
    const { out } = await run(["show", slug, "--policy"]);
    const server = { command: process.execPath, args: [callgate, "attacks", "serve", slug] };
    const grants = { guarded: { servers: { hostile: "guard" } }, open: { servers: { hostile: "open" } } };
    const policies = { guard: out, open: { version: "1", default: "allow" } };
    return startServe({ servers: { hostile: server }, policies, grants });
  }

  function against(gateway: ServeGateway, grant: string) {
    const args = ["run", slug, "--against", gateway.origin, "--server", "hostile", "--token-env", "AGENT_TOKEN"];
    return run(args, { AGENT_TOKEN: gateway.token(grant) });
  }

  it("warns, sends the attack and not the agent's work, and says what the gateway's own policy stopped", async () => {
    const gateway = await start();
    const { code, out, err } = await against(gateway, "guarded");
    expect(err).toMatch(/does not deny RUN on its servers: hostile;/);
    expect(out).toContain("agent-wallet-drain partial: holds");
    expect(out).toMatch(/stopped {2}a negative sum is tried {2}require_failed \/tools\/transfer\/require\/1/);
    expect(code).toBe(0);
    const sums = gateway.rows.calls().filter(({ outcome }) => outcome === "allow");
    // The bill of 40 is the agent's work; of the attack three small transfers fit the day's sum.
    expect(sums).toHaveLength(3);
  });

  it("ends with 1 when the policy lets the attack through", async () => {
    const gateway = await start();
    const { code, out } = await against(gateway, "open");
    expect(code).toBe(1);
    expect(out).toContain("does not hold: it is none");
  });

  it("ends with a fault when the token is not known", async () => {
    const gateway = await start();
    const args = ["run", slug, "--against", gateway.origin, "--server", "hostile", "--token-env", "AGENT_TOKEN"];
    const { code, err } = await run(args, { AGENT_TOKEN: "not-a-token-of-this-gateway-at-all" });
    expect(code).toBe(3);
    expect(err).toContain("answered 401: check the token");
    expect(err).not.toContain("not-a-token-of-this-gateway-at-all");
  });

  // A step that no server got was neither stopped nor let through.
  it("ends with a fault when the token opens no server of that name", async () => {
    const gateway = await start();
    const args = ["run", slug, "--against", gateway.origin, "--server", "nope", "--token-env", "AGENT_TOKEN"];
    const { code, out, err } = await run(args, { AGENT_TOKEN: gateway.token("open") });
    expect(code).toBe(3);
    expect(err).toContain("/mcp/nope` answered 404: this token opens no server of that name there");
    expect(out).toBe("");
  });

  it("ends with a fault when the gateway does not reach the server, or is none", async () => {
    const gateway = await startServe({
      servers: { hostile: { command: join(makeFolder(), "no-such-program"), args: [] } },
      policies: { open: { version: "1", default: "allow" } },
    });
    const broken = await against(gateway, "open");
    expect(broken.code).toBe(3);
    expect(broken.err).toContain("UPSTREAM_START_FAILED the gateway did not reach the server of");
    const { origin } = await startScriptedServer((_, res) => sendJson(res, JSON.stringify({ error: "not here" })));
    const args = ["run", slug, "--against", origin, "--server", "a", "--token-env", "AGENT_TOKEN"];
    const wrong = await run(args, { AGENT_TOKEN: gateway.token("open") });
    expect(wrong.code).toBe(3);
    expect(wrong.err).toContain("without an MCP message");
  });

  it("tells what the server refuses from what the gateway lets through or stops", async () => {
    const { origin } = await startMcpServer({
      request: ({ id, method }, res) => {
        const isAsked = method === "resources/read" || method === "prompts/get";
        const error = { code: -32002, message: "Resource not found" };
        if (isAsked) sendJson(res, JSON.stringify({ jsonrpc: "2.0", id, error }));
        return isAsked;
      },
    });
    const policies = { open: { version: "1", default: "allow" } };
    const gateway = await startServe({ servers: { script: { url: `${origin}/mcp` } }, policies });
    const where = ["--against", gateway.origin, "--server", "script", "--token-env", "AGENT_TOKEN"];
    const env = { AGENT_TOKEN: gateway.token("open") };
    const { code, out } = await run(["run", "resource-prompt-side-door", ...where], env);
    expect(code).toBe(1);
    expect(out).toMatch(
      /failed {3}a prompt brings an order: nothing stopped it, but the server says: Resource not found/,
    );
    expect(out).not.toMatch(/^ {2}passes/m);
    // A tool that the server lacks answers as a hidden one does.
    const lacking = await run(["run", slug, ...where], env);
    expect(lacking.out).toContain("a negative sum is tried  hidden_or_unknown");
    expect(lacking.out).toContain("hidden_or_unknown, in 1 of them: the policy hides the tool, or the server has none");
  });
});

describe("attacks run --all against a gateway", () => {
  const hostile = { command: process.execPath, args: [callgate, "attacks", "serve"] };

  async function all(gateway: ServeGateway, grant: string) {
    const where = ["--against", gateway.origin, "--server", "hostile", "--token-env", "AGENT_TOKEN"];
    const { code, out, err } = await run(["run", "--all", "--json", ...where], { AGENT_TOKEN: gateway.token(grant) });
    const played: { held: number; attacks: readonly PlayedAttack[] } = JSON.parse(out);
    return { code, err, held: played.held, attacks: played.attacks };
  }

  it("plays every attack with one server, and every step gets there unless a policy stops it", async () => {
    const policies = { open: { version: "1", default: "allow" }, closed: { version: "1", default: "deny" } };
    const gateway = await startServe({ servers: { hostile }, policies });
    const open = await all(gateway, "open");
    expect(open.code).toBe(1);
    expect(open.err).toContain("RUN on its servers: hostile; `callgate attacks serve` is a server");
    expect(open.attacks).toHaveLength(loadAttacks().attacks.length);
    const steps = open.attacks.flatMap((attack) => attack.steps.map((step) => ({ slug: attack.slug, ...step })));
    // What the gateway itself stops, it stops under any policy.
    const stopped = steps.filter(({ outcome }) => outcome.kind !== "passed");
    expect(new Set(stopped.map(({ slug }) => slug))).toEqual(
      new Set(["batch-smuggling", "header-body-mismatch", "json-parser-differential"]),
    );
    expect(stopped.filter((step) => !isStoppedByGateway(step))).toEqual([]);
    const closed = await all(gateway, "closed");
    expect(closed.code).toBe(0);
    expect(closed.held).toBe(open.attacks.length);
    expect(closed.attacks.filter(({ shown }) => shown !== "full")).toEqual([]);
  });

  it("says of each attack what one policy of the user's stops", async () => {
    const { out: guard } = await run(["show", "agent-wallet-drain", "--policy"]);
    const gateway = await startServe({ servers: { hostile }, policies: { guard } });
    const { attacks } = await all(gateway, "guard");
    const drained = attacks.find(({ slug }) => slug === "agent-wallet-drain");
    expect(drained).toMatchObject({ holds: true, shown: "partial" });
  });
});
