import type { Exchange, Inbound } from "../transports/transport.ts";
import type { GatewayParts } from "./parts.ts";
import type { Sessions } from "./sessions.ts";
import type { Snapshot } from "./snapshot.ts";
import type { Caller } from "./steps/identify.ts";
import type { StrangerLog } from "./stranger-log.ts";

/** Parts and state that every step may use. */
export interface GatewayContext extends GatewayParts {
  readonly sessions: Sessions;
  readonly strangers: StrangerLog;
}

/** A message with everything that was known when it came in; nothing after looks anything up again. */
export interface MessageContext {
  readonly gateway: GatewayContext;
  readonly snapshot: Snapshot;
  readonly caller: Caller;
  readonly inbound: Inbound;
  readonly exchange: Exchange;
  /** Joins everything recorded about this message. */
  readonly requestId: string;
}
