import { randomBytes } from "node:crypto";

/** The entry that this process adds to `Via`: a name of its own among the intermediaries (RFC 9110 §7.6.3). */
export const ownVia: string = `1.1 callgate-${randomBytes(8).toString("hex")}`;

const gatewayEntry = /^1\.1 callgate-[0-9a-f]{16}$/;

/** Pure. The gateways of our kind that a message came through, of its `Via` headers. What else they say goes no further. */
export function gatewaysPassed(headers: readonly string[]): readonly string[] {
  return headers
    .flatMap((value) => value.split(",").map((entry) => entry.trim()))
    .filter((entry) => gatewayEntry.test(entry));
}
