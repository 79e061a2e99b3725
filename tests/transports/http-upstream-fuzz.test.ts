import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closeAll } from "../kit/opened.ts";
import { startRawServer, type TestServer } from "../servers/http-script.ts";
import { httpUpstream, observe, request, result, type Told } from "./observed.ts";

// Whatever bytes a server answers with, in whatever pieces: each request has exactly one outcome.

let server: TestServer;
let pieces: readonly Uint8Array[] = [];

beforeAll(async () => {
  server = await startRawServer((socket) => {
    socket.once("data", () => {
      for (const piece of pieces) socket.write(piece);
      socket.end();
    });
  });
});

afterAll(closeAll);

const statuses = fc.constantFrom(
  "200 OK",
  "202 Accepted",
  "204 No Content",
  "302 Found",
  "400 Bad",
  "401 No",
  "404 No",
  "503 No",
  "103 Hint",
  "999 ?",
);
const headerLines = fc.subarray([
  "content-type: application/json",
  "content-type: text/event-stream",
  "content-type: text/html",
  "content-length: 5",
  "content-length: 40",
  "transfer-encoding: chunked",
  "content-encoding: gzip",
  "mcp-session-id: s",
  "connection: close",
  "set-cookie: a=b",
  ": broken",
]);
const bodies = fc.array(
  fc.oneof(
    fc.constantFrom(
      result(1),
      result(2),
      `data: ${result(1)}\n\n`,
      "id: 1\ndata:\n\n",
      "retry: 5\n",
      "event: x\n",
      ": c\n\n",
      "{}",
      "\r\n",
      "0\r\n\r\n",
      "24\r\n",
    ),
    fc.string(),
  ),
  { maxLength: 6 },
);
const heads = fc.array(fc.tuple(statuses, headerLines), { minLength: 0, maxLength: 3 });

/** The text in pieces that begin at the given places. */
function cut(text: string, places: readonly number[]): Uint8Array[] {
  const bytes = Buffer.from(text);
  const starts = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b);
  return starts.slice(1).map((end, i) => bytes.subarray(starts[i] ?? 0, end));
}

describe("a server that answers with anything", () => {
  it.each(["legacy", "modern"] as const)("gives each request one outcome: %s", async (era) => {
    await fc.assert(
      fc.asyncProperty(heads, bodies, fc.array(fc.nat(2000), { maxLength: 4 }), async (head, body, places) => {
        const text = head.map(
          ([status, lines]) => `HTTP/1.1 ${status}\r\n${lines.map((line) => `${line}\r\n`).join("")}\r\n`,
        );
        pieces = cut(text.join("") + body.join(""), places);
        const { connection, told, wait } = observe(httpUpstream(server.origin));
        expect(await connection.send(request(1, era))).toBe("sent");
        const isAnswer = (each: Told): boolean => each.kind === "message" && each.text === result(1);
        const isEnd = (each: Told): boolean => each.kind !== "message";
        for (let count = 1; !told.some((each) => isAnswer(each) || isEnd(each)); count += 1) await wait(count);
        await connection.close();
        // A server may repeat its answer; the end of an answered stream is never told.
        expect(told.filter(isEnd)).toHaveLength(told.some(isAnswer) ? 0 : 1);
      }),
      { numRuns: 300 },
    );
  });
});
