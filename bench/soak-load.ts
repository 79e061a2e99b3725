import { connect } from "node:net";
import { Pool } from "undici";
import { HttpLane } from "./clients/http-client.ts";
import { callText, deniedCallParams, initializedText, initializeText, legacyVersion } from "./clients/messages.ts";
import { benchToken } from "./http-targets.ts";

/** What the load has done. */
export interface SoakCounts {
  allowed: number;
  denied: number;
  lists: number;
  strangers: number;
  "hung up": number;
  sessions: number;
  /** Answers that were not what they should be. */
  wrong: number;
}

/** A load that runs. */
export interface SoakLoad {
  /** Stops it, closes every connection and tells what was done. */
  end(): Promise<SoakCounts>;
}

const laneCount = 16;
const tickMs = 50;

/** Starts a steady mixed load on a gateway of the benches at that MCP address. */
export function startSoakLoad(url: string, callsPerSecond: number): SoakLoad {
  const counts: SoakCounts = { allowed: 0, denied: 0, lists: 0, strangers: 0, "hung up": 0, sessions: 0, wrong: 0 };
  const lanes = Array.from({ length: laneCount }, () => new HttpLane(url, benchToken));
  const stranger = new HttpLane(url, "nobody-knows-this-token");
  const pool = new Pool(new URL(url).origin, { connections: 8 });
  const running = new Set<Promise<void>>();
  const run = (kind: keyof SoakCounts, work: () => Promise<boolean>): void => {
    const done: Promise<void> = work()
      .catch(() => false)
      .then((isRight) => {
        counts[isRight ? kind : "wrong"] += 1;
        running.delete(done);
      });
    running.add(done);
  };
  const idle = [...lanes];
  let owed = 0;
  let turn = 0;
  const onLane = (kind: keyof SoakCounts, ask: (lane: HttpLane) => Promise<string>, sign: string): void => {
    const lane = idle.pop();
    if (lane === undefined) return;
    run(kind, async () => (await ask(lane).finally(() => idle.push(lane))).includes(sign));
  };
  const ticking = setInterval(() => {
    for (owed += (callsPerSecond * tickMs) / 1_000; owed >= 1 && idle.length > 0; owed -= 1) {
      turn += 1;
      if (turn % 20 === 0) onLane("denied", (lane) => lane.ask("tools/call", deniedCallParams), "require_failed");
      else if (turn % 50 === 1) onLane("lists", (lane) => lane.ask("tools/list", {}), '"tools"');
      else onLane("allowed", (lane) => lane.call(), "rrrr");
    }
    owed = Math.min(owed, laneCount);
  }, tickMs);
  const everySecond = setInterval(() => {
    run("strangers", async () => (await stranger.call()).includes("token"));
    run("hung up", () => hangUp(url));
    run("sessions", () => legacySession(pool, new URL(url).pathname));
  }, 1_000);
  return {
    end: async () => {
      clearInterval(ticking);
      clearInterval(everySecond);
      await Promise.all(running);
      for (const lane of [...lanes, stranger]) lane.close();
      await pool.close();
      return counts;
    },
  };
}

/** Sends an allowed call and closes the connection before the answer. */
function hangUp(url: string): Promise<boolean> {
  const { hostname, port, pathname, host } = new URL(url);
  const body = callText("legacy");
  const head = `POST ${pathname} HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${benchToken}\r\ncontent-type: application/json\r\naccept: application/json, text/event-stream\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`;
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(head + body, () => socket.destroy());
    });
    socket.on("error", () => resolve(false));
    socket.on("close", () => resolve(true));
  });
}

/** Handshake, stream, three calls, DELETE. */
async function legacySession(pool: Pool, path: string): Promise<boolean> {
  const headers: Record<string, string> = {
    authorization: `Bearer ${benchToken}`,
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
  };
  const post = (body: string): ReturnType<Pool["request"]> => pool.request({ method: "POST", path, headers, body });
  const first = await post(initializeText());
  await first.body.text();
  const sessionId = first.headers["mcp-session-id"];
  if (typeof sessionId !== "string") return false;
  headers["mcp-session-id"] = sessionId;
  headers["mcp-protocol-version"] = legacyVersion;
  await (await post(initializedText)).body.dump();
  const stream = await pool.request({ method: "GET", path, headers: { ...headers, accept: "text/event-stream" } });
  stream.body.on("error", () => {});
  let isRight = true;
  for (let call = 0; call < 3; call += 1) {
    const text = await (await post(callText("legacy"))).body.text();
    isRight &&= text.includes("rrrr");
  }
  const ended = await pool.request({ method: "DELETE", path, headers });
  await ended.body.dump();
  stream.body.destroy();
  return isRight && ended.statusCode < 300;
}
