import { createHmac, createSecretKey } from "node:crypto";
import { systemClock } from "../clock.ts";
import { createGateway, type Gateway } from "../gateway/gateway.ts";
import type { DefinitionKeeper } from "../gateway/parts.ts";
import type { Snapshot } from "../gateway/snapshot.ts";
import type { UsageMeter } from "../gateway/usage.ts";
import { prepareSchema } from "../input-schema/prepare-schema.ts";
import type { Logger } from "../logger.ts";
import type { Store } from "../store/store.ts";

/** A gateway on the system's clock. `snapshot` is asked anew for every message. */
export function assemble(
  store: Store,
  logger: Logger,
  snapshot: () => Snapshot,
  usage?: UsageMeter,
  definitions?: DefinitionKeeper,
): Gateway {
  // Made once: a raw key would be wrapped anew for every call.
  const key = createSecretKey(store.digestSalt);
  return createGateway({
    store,
    clock: systemClock,
    logger,
    snapshot,
    prepareSchema,
    digestArguments: (canonical) => createHmac("sha256", key).update(canonical, "utf8").digest("hex"),
    ...(usage === undefined ? {} : { usage }),
    ...(definitions === undefined ? {} : { definitions }),
  });
}
