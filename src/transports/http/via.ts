import { randomBytes } from "node:crypto";

/** The name of this process among the intermediaries of a message (RFC 9110 §7.6.3). */
const pseudonym = `callgate-${randomBytes(8).toString("hex")}`;

/** The entry that this process adds to `Via`. */
export const ownVia: string = `1.1 ${pseudonym}`;

/** Pure. Whether a message has been through this process already: sent on, it would come back for ever. */
export function hasPassedHere(via: string): boolean {
  return via.split(",").some((entry) => entry.trim().split(/\s+/)[1] === pseudonym);
}
