import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import type { ArgumentSchema } from "../policy/index.ts";
import type { Store } from "../store/store.ts";
import type { JsonValue } from "../values/json.ts";
import type { Snapshot } from "./snapshot.ts";
import type { UsageMeter } from "./usage.ts";

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
  /** Keeps the definitions that servers list, for those who review them; left out where nobody does. */
  readonly definitions?: DefinitionKeeper;
  /** Left out where nobody looks after grants: in `callgate run`. */
  readonly usage?: UsageMeter;
}

/** Keeps definitions of tools. */
export interface DefinitionKeeper {
  /** A server listed these. */
  readonly seen: (server: string, definitions: readonly ListedDefinition[]) => void;
}

/** A definition as a server listed it, for those who review it. */
export interface ListedDefinition {
  readonly tool: string;
  /** What a review names. */
  readonly sha256: string;
  /** Gives it as JSON. */
  readonly text: () => string;
  /** When its tool was last reviewed, milliseconds since 1970: what is listed after that is noted anew. */
  readonly reviewedMs: number | undefined;
}
