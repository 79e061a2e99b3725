import { createHash } from "node:crypto";

/** What is part of an address and no key: up to two lower-case words, or the version of an interface. */
const plainPart = /^(?:[a-z]{1,12}(?:-[a-z]{1,12})?|v\d{1,2}|)$/u;

/**
 * Pure. An address as it may be shown and kept: scheme, host, and of the path what cannot be a key. Every other part is
 * `...` and eight digits of its SHA-256, by which two addresses are told apart. Undefined for what is no address.
 */
export function plainAddress(url: string): string | undefined {
  const address = URL.parse(url);
  if (address === null) return undefined;
  const path = address.pathname
    .split("/")
    .map((part) => (plainPart.test(part) ? part : `...${createHash("sha256").update(part).digest("hex").slice(0, 8)}`))
    .join("/");
  return `${address.protocol}//${address.host}${path}`;
}

/** Pure. An address that was published, without user, query and fragment; undefined for what is no address. */
export function bareAddress(url: string): string | undefined {
  const address = URL.parse(url);
  return address === null ? undefined : `${address.protocol}//${address.host}${address.pathname}`;
}
