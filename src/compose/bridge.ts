import { systemClock } from "../clock.ts";
import { defaults } from "../config/settings.ts";
import { createBridge } from "../gateway/bridge.ts";
import type { Logger } from "../logger.ts";
import { serveStdio } from "../transports/stdio/downstream.ts";
import type { RunOptions, StreamGateway } from "./run.ts";
import type { ComposeEvents } from "./running-gateway.ts";
import { serverRecord } from "./servers.ts";

/** What `callgate run --gateway` is told. */
export interface BridgeOptions extends Pick<
  RunOptions,
  "serverName" | "access" | "callTimeoutMs" | "input" | "output"
> {}

/** Leads a client on standard streams to a gateway over HTTP, which judges its calls. */
export function composeBridge(options: BridgeOptions, logger: Logger, events: ComposeEvents): StreamGateway {
  const { serverName: name, access, callTimeoutMs, input, output } = options;
  const { startTimeoutMs, callDeadlineMs, idleTimeoutMs, bodyBytesMax: messageBytesMax } = defaults;
  const times = { startTimeoutMs, callTimeoutMs, callDeadlineMs, idleTimeoutMs };
  const server = serverRecord({ name, access, ...times, showDenied: false }, true, logger, events);
  const bridge = createBridge({ server, clock: systemClock, logger });
  const { handler } = bridge;
  const client = serveStdio({ input, output, server: name, handler, clock: systemClock, messageBytesMax });
  return {
    ended: client.ended,
    close: async () => {
      client.close();
      await bridge.close();
    },
  };
}
