import type { Lane, StdioClient } from "../kit/clients.ts";
import { openHttpLegacy, openStdio } from "../kit/clients.ts";
import { type Canaries, createCanaries } from "../kit/canary.ts";
import { startRun, startServe } from "../kit/gateway.ts";
import { headerValue, legacyVersion, modernMeta, modernVersion } from "../kit/messages.ts";
import type { CallgateProcess } from "../kit/process.ts";
import { postBytes, sendRaw } from "../kit/raw-http.ts";
import type { Rows } from "../kit/rows.ts";
import { echoServer, type Spy } from "../kit/spy.ts";
import { type PolicyName, policies } from "./policies.ts";

/** What a client sent. */
export interface Sent {
  readonly bytes: Uint8Array;
  /** The tool and method that modern headers name. */
  readonly tool: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What a client got back. `status` is undefined on stdio. */
export interface Reply {
  readonly status: number | undefined;
  readonly text: string;
}

/** One policy on one lane: where to send, and the witnesses of what came of it. */
export interface Place {
  readonly lane: Lane;
  readonly spy: Spy;
  readonly rows: Rows;
  readonly process: CallgateProcess;
  /** Sends one message and waits for its one answer. */
  readonly send: (sent: Sent) => Promise<Reply>;
  /** What the policy's counter stood at after the last call that was seen; shared by the lanes of one gateway. */
  readonly counter: { value: number };
}

/** Long-lived gateways: one for HTTP, and for stdio one a policy, each started when first needed. */
export interface Arena {
  place(lane: Lane, policy: PolicyName): Promise<Place>;
  /** Secrets that no answer, row, log or store may ever show. */
  readonly secrets: Canaries;
  /** Standard error and the stores of all gateways. */
  leftovers(): (string | Buffer)[];
  /** Every byte that reached a server. */
  received(): Buffer[];
}

interface Holder {
  readonly received: () => Buffer;
  readonly process: CallgateProcess;
  storeBytes(): Buffer;
}

/** Opens the arena; `closeAll` closes it. */
export async function openArena(): Promise<Arena> {
  const secrets = createCanaries();
  const tokens = Object.fromEntries(Object.keys(policies).map((name) => [name, secrets.plant(`token of ${name}`)]));
  const server = {
    command: process.execPath,
    args: [echoServer],
    env: { ECHO_SECRET: secrets.plant("environment of the server") },
  };
  // Power cuts are not what is tried here: the corpus need not wait for the disk.
  const settings = { audit_durability: "process" };
  const serve = await startServe({ servers: { echo: server }, policies, tokens, settings });
  const holders: Holder[] = [{ ...serve, received: () => serve.spy().bytes() }];
  const counters = new Map<string, Place["counter"]>();
  const places = new Map<string, Promise<Place>>();
  const stdio = new Map<PolicyName, Promise<Omit<Place, "lane" | "counter">>>();

  const openStdioPlace = async (policy: PolicyName): Promise<Omit<Place, "lane" | "counter">> => {
    const gateway = startRun({ policy: policies[policy], server });
    holders.push({ ...gateway, received: () => gateway.spy.bytes() });
    const client = await openStdio(gateway.process, "legacy");
    return {
      spy: gateway.spy,
      rows: gateway.rows,
      process: gateway.process,
      send: (sent) => sendLine(client, sent),
    };
  };
  const open = async (lane: Lane, policy: PolicyName): Promise<Place> => {
    const key = `${lane.startsWith("http") ? "http" : "stdio"} ${policy}`;
    const counter = counters.get(key) ?? { value: Number.NaN };
    counters.set(key, counter);
    if (lane === "stdio legacy" || lane === "stdio modern") {
      const opening = stdio.get(policy) ?? openStdioPlace(policy);
      stdio.set(policy, opening);
      return { ...(await opening), lane, counter };
    }
    const token = serve.token(policy);
    const url = serve.url();
    const witnesses = { spy: serve.spy(), rows: serve.rows, process: serve.process };
    const base = {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
    };
    if (lane === "http modern") {
      const send = (sent: Sent): Promise<Reply> => sendPost(serve.origin, url, { ...base, ...mirrors(sent) }, sent);
      return { ...witnesses, lane, counter, send };
    }
    const { sessionId = "" } = await openHttpLegacy(url, token);
    const headers = { ...base, "mcp-session-id": sessionId, "mcp-protocol-version": legacyVersion };
    return { ...witnesses, lane, counter, send: (sent) => sendPost(serve.origin, url, headers, sent) };
  };
  return {
    secrets,
    place: async (lane, policy) => {
      const key = `${lane} ${policy}`;
      const opening = places.get(key) ?? open(lane, policy);
      places.set(key, opening);
      return opening;
    },
    received: () => holders.map((holder) => holder.received()),
    leftovers: () => holders.flatMap((holder) => [holder.process.stderr(), holder.storeBytes()]),
  };
}

function mirrors({ method, tool }: Sent): Record<string, string> {
  return {
    "mcp-protocol-version": modernVersion,
    "mcp-method": method,
    ...(method === "tools/call" ? { "mcp-name": headerValue(tool) } : {}),
  };
}

async function sendPost(
  origin: string,
  url: string,
  headers: Readonly<Record<string, string>>,
  sent: Sent,
): Promise<Reply> {
  const { status, body } = await sendRaw(origin, postBytes(url, { ...headers, ...sent.headers }, sent.bytes));
  return { status, text: body };
}

async function sendLine(client: StdioClient, sent: Sent): Promise<Reply> {
  const next = client.lines().length;
  client.write(sent.bytes);
  client.write("\n");
  return { status: undefined, text: await client.line(next) };
}

const metaMembers = JSON.stringify(modernMeta).slice(1, -1);

/** Pure. A case's body as bytes: its placeholders filled in for the era, and the id they got. */
export function render(body: string | Uint8Array, lane: Lane, id: number): Uint8Array {
  if (typeof body !== "string") return body;
  const isModern = lane.endsWith("modern");
  return Buffer.from(
    body
      .replaceAll("<meta members>", isModern ? `${metaMembers},` : "")
      .replaceAll("<meta>", isModern ? `"_meta":{${metaMembers}},` : "")
      .replaceAll("<id>", String(id)),
  );
}
