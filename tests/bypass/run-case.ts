import { expect } from "vitest";
import type { CallRow, Row } from "../../src/audit/row.ts";
import type { Lane } from "../kit/clients.ts";
import { readAnswer } from "../kit/messages.ts";
import { type Arena, type Place, render, type Reply } from "./arena.ts";
import type { Expected, MessageCase } from "./case.ts";
import { goodCalls } from "./policies.ts";

/** What a client could tell of a decision: must be the same on all lanes. */
export type Verdict = Readonly<Record<string, unknown>>;

const allLanes: readonly Lane[] = ["http legacy", "http modern", "stdio legacy", "stdio modern"];
const counterRule = "/all_tools/limits/0";

let lastId = 1_000;

/**
 * Drives one case over all its lanes, and looks at every oracle after each. Oracle 6 is the caller's: the different
 * verdicts, of which there must be one whatever the transport and the era.
 */
export async function runCase(arena: Arena, one: MessageCase): Promise<readonly Verdict[]> {
  const verdicts = new Map<string, Verdict>();
  const lanes = one.lanes ?? allLanes;
  const runInTurn = async (transport: string): Promise<void> => {
    for (const lane of lanes.filter((name) => name.startsWith(transport))) {
      const verdict = await runOnLane(arena, one, lane);
      verdicts.set(JSON.stringify(verdict), verdict);
    }
  };
  // Two gateways with witnesses of their own: side by side.
  const ends = await Promise.allSettled([runInTurn("http"), runInTurn("stdio")]);
  for (const end of ends) if (end.status === "rejected") throw end.reason;
  return [...verdicts.values()];
}

/** Drives one case over one lane. */
export async function runOnLane(arena: Arena, one: MessageCase, lane: Lane): Promise<Verdict> {
  const policy = one.policy ?? "safe-only";
  const place = await arena.place(lane, policy);
  const good = goodCalls[policy];
  if (!warm.has(place)) {
    // The gateway's own first look at the server's tools is over before anything hostile is sent.
    warm.add(place);
    const start = place.rows.last();
    await sendGood(place, good);
    place.counter.value = counterAfter(await settledRow(place, start));
  }
  const before = { spy: place.spy.size(), row: place.rows.last(), counter: place.counter.value };
  const expected = (lane.startsWith("stdio") ? one.expectedOverStdio : undefined) ?? one.expected;
  const id = (lastId += 1);
  const bytes = render(one.body, lane, id);
  const { tool = "safe", method = "tools/call", headers = {} } = one;
  // A reply that does not come in time fails here: oracle 2, with the good call below.
  const reply = await place.send({ bytes, tool, method, headers });
  const goodSent = await sendGood(place, good);

  const goodRow = await settledRow(place, before.row);
  place.counter.value = counterAfter(goodRow);
  const rows = place.rows.after(before.row).filter((row) => row.requestId !== goodRow.requestId);
  const verdict = checkReply(reply, expected, bytes, tool);
  checkRows(rows, expected);
  // Oracle 1: the server saw what was judged, byte for byte, and nothing else.
  const seen = place.spy.linesAfter(before.spy).filter((line) => !isOwnList(line));
  const wanted = expected.kind === "forwarded" ? [Buffer.from(bytes).toString("utf8"), goodSent] : [goodSent];
  expect(
    seen.map((line, index) => withId(line, wanted[index] ?? "")),
    "what the server saw",
  ).toEqual(wanted);
  // Oracle 4: only what was forwarded was counted, once.
  expect(place.counter.value, "the counter").toBe(before.counter + (expected.kind === "forwarded" ? 2 : 1));
  // Oracle 5
  const outputs = [reply.text, JSON.stringify(rows)];
  expect(
    outputs.flatMap((output) => arena.secrets.foundIn(output)),
    "secrets in outputs",
  ).toEqual([]);
  return verdict;
}

const warm = new WeakSet<Place>();

/** Oracle 7: sends the policy's good call, which must be answered well. Returns its text. */
async function sendGood(place: Place, good: { readonly tool: string; readonly body: string }): Promise<string> {
  const id = (lastId += 1);
  const bytes = render(good.body, place.lane, id);
  const reply = await place.send({ bytes, tool: good.tool, method: "tools/call", headers: {} });
  const answer = readAnswer(reply.text);
  expect({ id: answer.id, isError: answer.isError, error: answer.error }, "a good call").toEqual({
    id,
    isError: false,
    error: undefined,
  });
  return Buffer.from(bytes).toString("utf8");
}

/** The decision row of the good call, once its outcome row is there too. */
async function settledRow(place: Place, after: number): Promise<CallRow> {
  await place.rows.waitFor(1, (row) => row.kind === "outcome", after);
  const last = place.rows.calls(after).at(-1);
  if (last === undefined) throw new Error("the good call has no row");
  await place.rows.waitFor(1, (row) => row.kind === "outcome" && row.requestId === last.requestId, after);
  return last;
}

/** What the client got is what the outcome promises. */
function checkReply(reply: Reply, expected: Expected, bytes: Uint8Array, tool: string): Verdict {
  const isHttp = reply.status !== undefined;
  if (expected.kind === "status") {
    expect(reply.status).toBe(expected.status);
    return { kind: "status", status: reply.status };
  }
  const answer = readAnswer(reply.text);
  const { error, isError, decision } = answer;
  switch (expected.kind) {
    case "rejected":
      if (isHttp) expect(reply.status).toBe(400);
      expect(error, reply.text).toBeDefined();
      if (expected.code !== undefined) expect(error?.code).toBe(expected.code);
      return { kind: "rejected", reason: expected.reason };
    case "denied":
      if (isHttp) expect(reply.status).toBe(200);
      expect(answer.text).toMatch(/^\[POLICY DENIED\] ./);
      expect({ isError, ...decision }).toMatchObject({
        isError: true,
        outcome: "deny",
        code: expected.code,
        rule: expected.rule,
      });
      return { kind: "denied", code: decision?.["code"], rule: decision?.["rule"], text: answer.text };
    case "not found": {
      if (isHttp) expect(reply.status).toBe(200);
      const message = `Unknown tool: ${tool}`;
      const id: unknown = Reflect.get(Object(JSON.parse(Buffer.from(bytes).toString("utf8"))), "id");
      expect(reply.text).toBe(JSON.stringify({ jsonrpc: "2.0", id, error: { code: -32602, message } }));
      return { kind: "not found", message };
    }
    case "forwarded":
      if (isHttp) expect(reply.status).toBe(200);
      expect({ error, isError }).toEqual({ error: undefined, isError: false });
      return { kind: "forwarded", text: answer.text };
    case "not served":
      if (isHttp) expect([200, 404]).toContain(reply.status);
      expect(error?.code).toBe(-32601);
      return { kind: "not served" };
    case "door closed":
      if (isHttp) expect(reply.status).toBe(200);
      expect(error?.code).toBe(-31000);
      expect(error?.message).toMatch(/^\[POLICY DENIED\] ./);
      expect(error?.data).toMatchObject({ outcome: "deny", code: "door_denied", rule: expected.rule });
      return { kind: "door closed" };
    case "empty list":
      if (isHttp) expect(reply.status).toBe(200);
      expect(answer.result?.[expected.list]).toEqual([]);
      return { kind: "empty list" };
    case "unknown task":
      expect(error).toMatchObject({ code: -32602, message: "Unknown task" });
      return { kind: "unknown task" };
    case "answered":
      expect(answer.result).toEqual({});
      return { kind: "answered" };
  }
}

/** Oracle 3: the rows that the case left, none too many. */
function checkRows(rows: readonly Row[], expected: Expected): void {
  const shown = rows.map((row) =>
    row.kind === "event"
      ? `${row.event} ${row.reason}`
      : row.kind === "call"
        ? `${row.outcome} ${row.code} ${row.rule}`
        : `outcome ${row.status}`,
  );
  switch (expected.kind) {
    case "rejected":
      return expect(shown).toEqual([`message_rejected ${expected.reason}`]);
    case "denied":
      return expect(shown).toEqual([`deny ${expected.code} ${expected.rule}`]);
    case "not found":
      return expect(shown).toEqual([`deny ${expected.code} (${expected.code.replace("_", " ")})`]);
    case "forwarded":
      return expect(shown).toEqual(["allow allowed ", "outcome completed"]);
    case "not served":
      return expect(shown).toEqual(["method_refused method_not_served"]);
    case "door closed":
      return expect(shown).toEqual([`deny door_denied ${expected.rule}`]);
    case "empty list":
      return expect(shown).toEqual(["list_filtered policy"]);
    case "unknown task":
      return expect(shown).toEqual(["message_rejected task_unknown"]);
    case "answered":
      return expect(shown).toEqual([]);
    case "status":
      // Strangers' rows are bounded in number, so one may be missing.
      return expect([[], [`message_rejected ${expected.reason}`]]).toContainEqual(shown);
  }
}

/** What the counter stood at after an allowed call. */
function counterAfter(row: CallRow): number {
  return Number(row.limits.find((limit) => limit.rule === counterRule)?.after);
}

/** The gateway's own question for the server's tools. */
function isOwnList(line: string): boolean {
  return /^\{"jsonrpc":"2\.0","id":"cg_[\w-]{22}","method":"tools\/list","params":/.test(line);
}

/** A connection that several clients share carries the gateway's ids: the line with the client's own put back. */
function withId(line: string, sent: string): string {
  const own = /"id"\s*:\s*("(?:[^"\\]|\\.)*"|-?[\d.eE+-]+)/.exec(sent)?.[1];
  return own === undefined ? line : line.replace(/("id"\s*:\s*)"cg_[\w-]{22}"/, (_, key: string) => key + own);
}
