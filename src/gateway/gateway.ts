import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import type { ArgumentSchema } from "../policy/index.ts";
import type { Store } from "../store/store.ts";
import type { MessageHandler } from "../transports/transport.ts";
import type { JsonValue } from "../values/json.ts";
import { endSession, handleMessage } from "./handle-message.ts";
import { createSessions, type Sessions } from "./sessions.ts";
import type { Snapshot } from "./snapshot.ts";
import { createStrangerLog, type StrangerLog } from "./stranger-log.ts";

/** What a gateway is made of. The store and the upstreams are closed by whoever made them. */
export interface GatewayParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The configuration now in force. */
  readonly snapshot: () => Snapshot;
  /** Prepares a tool's `inputSchema` for checking arguments. */
  readonly prepareSchema: (schema: JsonValue) => ArgumentSchema;
  /** Digest of canonical arguments for the audit row, hex. */
  readonly digestArguments: (canonical: string) => string;
}

/** Parts and state that every step may use. */
export interface GatewayContext extends GatewayParts {
  readonly sessions: Sessions;
  readonly strangers: StrangerLog;
}

/** The spine: takes messages from any agent-side transport, decides, forwards, records. */
export interface Gateway {
  readonly handler: MessageHandler;
  readonly sessions: Sessions;
  /** Ends every session and its server process. Resolves when they are gone. */
  close(): Promise<void>;
}

/** Builds a gateway from its parts. */
export function createGateway(parts: GatewayParts): Gateway {
  const sessions = createSessions(parts);
  const strangers = createStrangerLog(parts);
  const context: GatewayContext = { ...parts, sessions, strangers };
  return {
    sessions,
    handler: {
      handle: (inbound, exchange) => handleMessage(context, inbound, exchange),
      noteRefusal: ({ transport, reason, message }) =>
        void strangers.record({ event: "message_rejected", transport, reason, message }),
      endSession: (request) => endSession(context, request),
    },
    close: async () => {
      await sessions.close();
      await strangers.flush();
    },
  };
}
