import type { MessageHandler } from "../transports/transport.ts";
import type { GatewayContext } from "./context.ts";
import { handleServerMessages } from "./from-server.ts";
import { endSession, handleMessage } from "./handle-message.ts";
import { listen } from "./listen.ts";
import type { GatewayParts } from "./parts.ts";
import { createSessions, type Sessions } from "./sessions.ts";
import { createStrangerLog } from "./stranger-log.ts";

/** The spine: takes messages from any agent-side transport, decides, forwards, records. */
export interface Gateway {
  readonly handler: MessageHandler;
  readonly sessions: Sessions;
  /** Ends every session and its server process. Resolves when they are gone. */
  close(): Promise<void>;
}

/** Builds a gateway from its parts. */
export function createGateway(parts: GatewayParts): Gateway {
  const sessions = createSessions(parts, handleServerMessages(parts));
  const strangers = createStrangerLog(parts);
  const context: GatewayContext = { ...parts, sessions, strangers };
  return {
    sessions,
    handler: {
      handle: (inbound, exchange) => handleMessage(context, inbound, exchange),
      noteRefusal: ({ transport, reason, message }) =>
        void strangers.record({ event: "message_rejected", transport, reason, message }),
      listen: (request, exchange) => listen(context, request, exchange),
      endSession: (request) => endSession(context, request),
    },
    close: async () => {
      await sessions.close();
      await strangers.flush();
    },
  };
}
