import type { Exchange, Inbound } from "../transports/transport.ts";
import type { DefinitionNotes } from "./definition-notes.ts";
import type { GatewayParts } from "./parts.ts";
import type { Sessions } from "./sessions.ts";
import type { GrantRecord, ServerRecord, Snapshot } from "./snapshot.ts";
import type { AggregateRoom } from "./aggregate/room.ts";
import type { Caller, KnownGrant } from "./steps/identify.ts";
import type { RefusalLog } from "./refusal-log.ts";

/** Parts and state that every step may use. */
export interface GatewayContext extends GatewayParts {
  readonly sessions: Sessions;
  readonly strangers: RefusalLog;
  /** The refused messages of one grant. */
  readonly refusalsOf: (grantId: string, transport: Inbound["transport"]) => RefusalLog;
  readonly aggregate: AggregateRoom;
  readonly noteDefinitions: DefinitionNotes;
}

/** What was known when a message came in, whichever address it came to; nothing after looks anything up again. */
interface Received {
  readonly gateway: GatewayContext;
  readonly snapshot: Snapshot;
  readonly inbound: Inbound;
  readonly exchange: Exchange;
  /** Joins everything recorded about this message. */
  readonly requestId: string;
}

/** A message to one server. */
export interface MessageContext extends Received {
  readonly caller: Caller;
  /** Aborted when the client gives the request up but stays; undefined where the connection to the server is its own. */
  readonly cancelled?: AbortSignal;
}

/** A message to the address of all servers of a grant. */
export interface GrantContext extends Received {
  readonly caller: KnownGrant;
}

/** As much as a refusal needs: a known grant, and the server where the message names one. */
export interface RefusalContext extends Received {
  readonly caller: { readonly grant: GrantRecord; readonly server?: ServerRecord };
}
