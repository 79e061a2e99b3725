import { createDefinitionDigest } from "../definitions/definition-digest.ts";
import type { Pinning } from "../definitions/pinning.ts";
import type { ControlState, ServerEntry } from "./state.ts";

/** Pure. How a server's definitions are held against what was reviewed, as the state says it. */
export function pinningOf({ reviews, quarantined }: ControlState, { id, settings: { pin } }: ServerEntry): Pinning {
  return {
    mode: pin.mode,
    digest: createDefinitionDigest(pin.volatile),
    reviews: pin.locked ?? reviews.get(id),
    quarantined: new Set(quarantined.get(id)),
  };
}
