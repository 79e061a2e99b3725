import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import {
  type Attack,
  coverages,
  isStoppedByGateway,
  otherServers,
  type ReplayAction,
  type ReplayStep,
  serverOf,
  type StepOutcome,
} from "../../src/attacks/attack.ts";
import { createLiveStage, hiddenOrUnknown, refusedMessage } from "../../src/attacks/live-stage.ts";
import { attackFolder, readAttacks } from "../../src/attacks/load-entries.ts";
import { coverageOf } from "../../src/attacks/parse-replay.ts";
import { judgeLive, liveSteps, type PlayedStep, playSteps, type Stage } from "../../src/attacks/play.ts";
import { playOnEngine } from "../../src/compose/attack-stage.ts";
import { makeFolder } from "../kit/folder.ts";
import { type ServeGateway, startServe } from "../kit/gateway.ts";
import { closeAll } from "../kit/opened.ts";

afterEach(closeAll);

const { database, problems } = readAttacks(attackFolder);
const { attacks } = database;

describe("the entries", () => {
  it("[R151] are many, each with category, label, summary, how it works, a real case, signs and policy", () => {
    expect(problems).toEqual([]);
    expect(attacks.length).toBeGreaterThanOrEqual(60);
    expect(attacks.filter(({ owasp }) => owasp.length > 0).length).toBeGreaterThanOrEqual(attacks.length - 1);
    for (const { slug, sections, abuses, sources, policyText } of attacks) {
      for (const [name, text] of Object.entries(sections)) expect(text.length, `${slug} ${name}`).toBeGreaterThan(20);
      expect(abuses.categories.length, slug).toBeGreaterThan(0);
      expect(abuses.signals.length, slug).toBeGreaterThan(0);
      expect(sources.length, slug).toBeGreaterThan(0);
      expect(policyText, slug).not.toBe("");
    }
  });

  it("have every label, and stop something in more than nine of ten", () => {
    const counts = coverages.map((label) => attacks.filter(({ coverage }) => coverage === label).length);
    expect(counts.every((count) => count > 0)).toBe(true);
    expect((counts[0] ?? 0) + (counts[1] ?? 0)).toBeGreaterThan(attacks.length * 0.9);
  });

  it("name each second server once, so that one gateway can have them all", () => {
    const names = attacks.flatMap(({ slug, replay }) => [slug, ...otherServers(replay)]);
    expect(new Set(names).size).toBe(names.length);
  });

  it("have no two policies that are the same", () => {
    expect(new Set(attacks.map(({ policyText }) => policyText)).size).toBe(attacks.length);
  });
});

describe("the engine", () => {
  it.each(attacks)(
    "[R152] gives $slug the label $coverage, and without a policy only what the gateway itself stops is stopped",
    async (attack) => {
      const { steps, shown, holds } = await playOnEngine(attack);
      expect(steps.filter(({ isAsExpected }) => !isAsExpected)).toEqual([]);
      expect(shown).toBe(attack.coverage);
      expect(holds).toBe(true);
    },
  );

  it.each(attacks)("stops the same of $slug when only the attack is sent", async (attack) => {
    const steps = liveSteps(attack.replay.steps);
    const played = await playOnEngine({ ...attack, replay: { ...attack.replay, steps } });
    const judged = judgeLive(attack, played.steps);
    expect(judged.steps.filter(({ isAsExpected }) => !isAsExpected)).toEqual([]);
    expect(judged).toMatchObject({ holds: true, shown: attack.coverage });
    expect(judged.steps.map(({ role }) => role)).not.toContain("work");
  });

  it("does not hold a label when the gateway does not stop what it is said to stop by itself", async () => {
    const attack = attacks.find(({ slug }) => slug === "batch-smuggling");
    if (attack === undefined) throw new Error("an entry is gone");
    const headers = { "mcp-protocol-version": "2026-07-28", "mcp-method": "ping" };
    const _meta = {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientInfo": { name: "agent", version: "1" },
      "io.modelcontextprotocol/clientCapabilities": {},
    };
    const text = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping", params: { _meta } });
    const steps = attack.replay.steps.map((step) =>
      step.action.kind === "send" ? { ...step, action: { ...step.action, text, headers } } : step,
    );
    expect(await playOnEngine({ ...attack, replay: { ...attack.replay, steps } })).toMatchObject({ holds: false });
  });

  it("does not hold a label whose policy stops nothing, or everything", async () => {
    const attack = attacks.find(({ slug }) => slug === "tool-ssrf");
    const scope = attacks.find(({ slug }) => slug === "scope-creep");
    if (attack === undefined || scope === undefined) throw new Error("an entry is gone");
    const swapped = await playOnEngine({ ...attack, policy: scope.policy });
    expect(swapped.holds).toBe(false);
    expect((await playOnEngine({ ...attack, coverage: "full" })).holds).toBe(false);
  });
});

// Entries of one gateway: a process for each of them and each of its two grants.
const perGateway = 12;
const batches = Array.from({ length: Math.ceil(attacks.length / perGateway) }, (_, index) =>
  attacks.slice(index * perGateway, (index + 1) * perGateway),
);
const callgate = join(import.meta.dirname, "..", "kit", "callgate.ts");

/**
 * A gateway with the real servers of each attack, and two grants for each: with its policy, and with one that allows all.
 * Servers beside the one that the policy is about allow all to both.
 */
function startHostile(batch: readonly Attack[]): Promise<ServeGateway> {
  const folder = makeFolder();
  // Types are stripped once for all processes of a test run, as the kit does for the gateway.
  const env = { NODE_COMPILE_CACHE: join(tmpdir(), "callgate-compile-cache") };
  const started = (slug: string, name: string, more: readonly string[]) => {
    // Where the kit's spy reads.
    const args = [callgate, "attacks", "serve", slug, "--log", join(folder, `${name}.spy`), ...more];
    return [name, { command: process.execPath, args, env }] as const;
  };
  const servers = batch.flatMap(({ slug, replay }) => [
    started(slug, slug, []),
    ...otherServers(replay).map((name) => started(slug, name, ["--as", name])),
  ]);
  const policies = batch.map(({ slug, policyText }) => [slug, policyText] as const);
  const grants = batch.flatMap(({ slug, replay }) => {
    const { owner, tags } = replay.grant;
    const about = { tags, ...(owner === undefined ? {} : { owner }) };
    const others = Object.fromEntries(otherServers(replay).map((name) => [name, "open"]));
    return [
      [slug, { servers: { [slug]: slug, ...others }, ...about }],
      [`${slug}-open`, { servers: { [slug]: "open", ...others }, ...about }],
    ] as const;
  });
  return startServe({
    folder,
    servers: Object.fromEntries(servers),
    policies: { open: { version: "1", default: "allow" }, ...Object.fromEntries(policies) },
    grants: Object.fromEntries(grants),
    // Power cuts are not what is tried here.
    settings: { audit_durability: "process" },
  });
}

/** The live stage, with the two things that only the gateway's own records tell: what was hidden, and what arrived. */
function watched(gateway: ServeGateway, attack: Attack, grant: string, arrived: Map<ReplayAction, number>): Stage {
  const { slug, replay } = attack;
  const live = createLiveStage({ origin: gateway.origin, server: slug, token: gateway.token(grant) }, replay);
  return {
    perform: async (action) => {
      const spy = gateway.spy(serverOf(replay, action) ?? slug);
      const size = spy.size();
      const row = gateway.rows.last();
      const outcome = await live.perform(action);
      const lines = spy.linesAfter(size).filter(isAsked);
      arrived.set(action, (arrived.get(action) ?? 0) + lines.length);
      if (outcome === refusedMessage) return { ...refusedMessage, code: refusedFor(gateway, row) };
      return outcome === hiddenOrUnknown ? recorded(gateway, row) : outcome;
    },
    close: () => live.close(),
  };
}

function isAsked(line: string): boolean {
  return /"method":"(tools\/call|resources\/read|prompts\/get)"/.test(line);
}

function recorded(gateway: ServeGateway, row: number): StepOutcome {
  const [call] = gateway.rows.calls(row);
  return { kind: "stopped", code: call?.code ?? "", rule: call?.rule ?? "" };
}

function refusedFor(gateway: ServeGateway, row: number): string {
  return gateway.rows.events("message_rejected", row)[0]?.reason ?? "";
}

function timesOf(step: ReplayStep, isOpen: boolean): number {
  const { action, expected } = step;
  if (action.kind === "see" || isStoppedByGateway(step)) return 0;
  const times = action.kind === "call" ? action.repeat : 1;
  // A server asks by its answer: the call itself has to arrive first.
  return isOpen || expected.kind === "passed" || action.kind === "ask" ? times : times - 1;
}

describe.each(batches.map((batch, index) => ({ batch, index })))(
  "a gateway in front of real servers ($index)",
  ({ batch }) => {
    it("[R152] proves the label of each attack", async () => {
      const gateway = await startHostile(batch);
      for (const attack of batch) {
        const { slug, replay, coverage } = attack;
        const arrived = new Map<ReplayAction, number>();
        const steps = await playSteps(replay.steps, watched(gateway, attack, slug, arrived));
        expect(oddOf(steps), slug).toEqual([]);
        expect(coverageOf(steps.map(({ role, outcome }) => ({ role, expected: outcome }))), slug).toBe(coverage);
        for (const step of steps) expect(arrived.get(step.action), `${slug}: ${step.says}`).toBe(timesOf(step, false));
        const reached = new Map<ReplayAction, number>();
        const open = await playSteps(replay.steps, watched(gateway, attack, `${slug}-open`, reached));
        expect(
          open.filter((step) => (isStoppedByGateway(step) ? !step.isAsExpected : step.outcome.kind !== "passed")),
          slug,
        ).toEqual([]);
        for (const step of open) expect(reached.get(step.action), `${slug}: ${step.says}`).toBe(timesOf(step, true));
      }
    });
  },
);

function oddOf(steps: readonly PlayedStep[]): readonly unknown[] {
  return steps
    .filter(({ isAsExpected }) => !isAsExpected)
    .map(({ says, expected, outcome }) => ({ says, expected, outcome }));
}

describe("what has no entry", () => {
  const { stoppedByGateway, outOfReach } = database;

  it("is known by one name only, and all in all there are 104 attacks", () => {
    const slugs = [...attacks, ...stoppedByGateway, ...outOfReach].map(({ slug }) => slug);
    expect(slugs).toHaveLength(104);
    expect(new Set(slugs).size).toBe(104);
  });

  it("names tests that there are, or a reason", () => {
    const tests = ["bypass/rows.ts", "requirements.ts"].map((file) =>
      readFileSync(join(import.meta.dirname, "..", file), "utf8"),
    );
    for (const { slug, rows, how } of stoppedByGateway) {
      expect(how.length, slug).toBeGreaterThan(20);
      for (const row of rows) {
        const isKnown = row.startsWith("R")
          ? tests[1]?.includes(`proved(${row.slice(1)},`)
          : tests[0]?.includes(row) && !tests[0].includes(`wholly("${row}"`);
        expect(isKnown, `${slug} ${row}`).toBe(true);
      }
    }
    for (const { slug, reason } of outOfReach) expect(reason.length, slug).toBeGreaterThan(40);
  });
});
