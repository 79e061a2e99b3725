import { describe, expect, it } from "vitest";
import type { Outgoing, Upstream, UpstreamConnection, UpstreamFailure } from "../../src/transports/transport.ts";
import { until } from "../kit/wait.ts";

/** An implementation of `Upstream` under test. Its servers answer a line with the same line, and `end` by ending. */
export interface UpstreamUnderTest {
  readonly name: string;
  readonly echo: () => Upstream;
  /** A server that cannot be started. */
  readonly missing: () => Upstream;
}

interface Opened {
  readonly connection: UpstreamConnection;
  readonly messages: string[];
  readonly ends: UpstreamFailure[];
}

function message(text: string): Outgoing {
  return { text, kind: "notification", era: "legacy", headers: {} };
}

function open(upstream: Upstream): Opened {
  const messages: string[] = [];
  const ends: UpstreamFailure[] = [];
  const connection = upstream.connect({
    onMessage: (bytes) => messages.push(new TextDecoder().decode(bytes)),
    onStreamEnd: () => {},
    onEnd: (end) => ends.push(end),
  });
  return { connection, messages, ends };
}

/** What every connection to a server keeps to. */
export function upstreamSuite({ name, echo, missing }: UpstreamUnderTest): void {
  describe(`${name} upstream`, () => {
    it("hands messages over whole and in order", async () => {
      const { connection, messages } = open(echo());
      const sent = [
        "{}",
        `"${"x".repeat(300_000)}"`,
        '"\\u0061 \u00e9 \u{1f600}"',
        ...Array.from({ length: 50 }, (_, i) => `${i}`),
      ];
      for (const text of sent) expect(await connection.send(message(text))).toBe("sent");
      await until("all messages", () => (messages.length === sent.length ? true : undefined));
      expect(messages).toEqual(sent);
      await connection.close();
    });

    it("keeps connections apart", async () => {
      const upstream = echo();
      const [one, two] = [open(upstream), open(upstream)];
      await one.connection.send(message("1"));
      await two.connection.send(message("2"));
      await until("both answers", () => (one.messages.length + two.messages.length === 2 ? true : undefined));
      expect([one.messages, two.messages]).toEqual([["1"], ["2"]]);
      await one.connection.close();
      await two.connection.close();
    });

    it("says its end once, and sends nothing after it", async () => {
      const { connection, ends } = open(echo());
      await connection.send(message("1"));
      await connection.close();
      await connection.close();
      expect(ends.length).toBeLessThanOrEqual(1);
      expect(await connection.send(message("2"))).toBe("not_sent");
    });

    it("tells a server that cannot be started from one that ended, and sends nothing to it", async () => {
      const { connection, ends } = open(missing());
      expect(await connection.send(message("1"))).toBe("not_sent");
      await until("the end", () => ends[0]);
      expect(ends).toHaveLength(1);
      expect(ends[0]?.code).toBe("UPSTREAM_START_FAILED");
      await connection.close();
    });
  });
}
