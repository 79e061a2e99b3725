import type { MessageHandler } from "../transports/transport.ts";
import { isForEveryServer } from "./aggregate/answer-message.ts";
import { listenToEveryServer } from "./aggregate/listen.ts";
import { createAggregateRoom } from "./aggregate/room.ts";
import type { GatewayContext } from "./context.ts";
import { createDefinitionNotes } from "./definition-notes.ts";
import { handleServerMessages } from "./from-server.ts";
import { endSession, handleMessage } from "./handle-message.ts";
import { listen } from "./listen.ts";
import type { GatewayParts } from "./parts.ts";
import { createSessions, type Sessions } from "./sessions.ts";
import { createRefusalLog, type RefusalLog, rowsOfGrantPerMinuteMax } from "./refusal-log.ts";

/** The spine: takes messages from any agent-side transport, decides, forwards, records. */
export interface Gateway {
  readonly handler: MessageHandler;
  readonly sessions: Sessions;
  /** Ends what the configuration now in force does not allow any more, and tells listeners that tools may have changed. */
  configurationChanged(): void;
  /** Ends the streams on which clients only listen, before it is waited for calls under way. */
  endStreams(): void;
  /** Ends every session and its server process. Resolves when they are gone. */
  close(): Promise<void>;
}

/** Builds a gateway from its parts. */
export function createGateway(parts: GatewayParts): Gateway {
  const aggregate = createAggregateRoom(parts);
  const noteDefinitions = createDefinitionNotes(parts);
  const sessions = createSessions(
    parts,
    handleServerMessages(parts, (grantId) => aggregate.toolsChanged(grantId)),
    (grantId) => aggregate.isHeard(grantId),
    noteDefinitions,
  );
  const strangers = createRefusalLog(parts);
  const refusals = new Map<string, RefusalLog>();
  const refusalsOf: GatewayContext["refusalsOf"] = (grant, transport) => {
    const summary = { event: "message_rejected", transport, grant } as const;
    const log = refusals.get(grant) ?? createRefusalLog(parts, summary, rowsOfGrantPerMinuteMax);
    refusals.set(grant, log);
    return log;
  };
  const context: GatewayContext = { ...parts, sessions, strangers, refusalsOf, aggregate, noteDefinitions };
  return {
    sessions,
    handler: {
      handle: (inbound, exchange) => handleMessage(context, inbound, exchange),
      noteRefusal: ({ transport, reason, message }) =>
        void strangers.record({ event: "message_rejected", transport, reason, message }),
      listen: (request, exchange) => {
        if (isForEveryServer(request)) listenToEveryServer(context, request, exchange);
        else listen(context, request, exchange);
      },
      endSession: (request) => endSession(context, request),
    },
    configurationChanged: () => {
      sessions.endOrphans();
      aggregate.configurationChanged();
    },
    endStreams: () => {
      sessions.endStreams();
      aggregate.endStreams();
    },
    close: async () => {
      aggregate.close();
      await sessions.close();
      await strangers.flush();
      for (const log of refusals.values()) await log.flush();
    },
  };
}
