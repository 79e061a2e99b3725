import { systemClock } from "../clock.ts";
import type { Look, Lookout } from "../control/tool-lists.ts";
import type { OperatorRules } from "../config/operator-rules.ts";
import { AppError } from "../errors.ts";
import type { Snapshot } from "../gateway/snapshot.ts";
import type { Logger } from "../logger.ts";
import { introspect, type IntrospectOptions } from "../scan/introspect.ts";
import { scanLimits } from "../scan/read-list.ts";
import { upstreamOf } from "./servers.ts";

/** What a {@link Lookout} is made of. */
export interface LookoutParts {
  readonly snapshot: () => Snapshot;
  readonly rules: () => OperatorRules;
  readonly logger: Logger;
  /** Aborted when the gateway stops. */
  readonly signal: AbortSignal;
}

/** Looks at servers on connections of its own, beside those of clients. */
export function createLookout({ snapshot, rules, logger, signal }: LookoutParts): Lookout {
  const look = async (server: IntrospectOptions["server"]): Promise<Look> => {
    const found = await introspect({ server, limits: scanLimits, clock: systemClock, logger, signal });
    if (found.kind === "failed") return found;
    const { kind, protocolVersion, tools } = found;
    return { kind, protocolVersion, tools };
  };
  return {
    registered: async (id) => {
      const server = snapshot().servers.get(id);
      if (server !== undefined) return look(server);
      return {
        kind: "failed",
        code: "UPSTREAM_START_FAILED",
        message: `the server \`${id}\` is disabled, or cannot be used`,
      };
    },
    unregistered: async (access) => {
      const name = "test";
      try {
        const { allowPrivateAddresses } = rules();
        const upstream = upstreamOf({ name, access }, allowPrivateAddresses, logger, { onServerStderr: () => {} });
        return await look({ name, upstream, secrets: [] });
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        return { kind: "failed", code: "UPSTREAM_START_FAILED", message: error.message };
      }
    },
  };
}
