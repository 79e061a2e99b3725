import { outboundUrlFault } from "../values/public-address.ts";

/** What URLs in metadata may lead to. */
export interface EndpointRules {
  /** Whether addresses that are not public, and plain http, are allowed at all. */
  readonly allowPrivate: boolean;
  /** The origin of the server that is being connected, if the operator's files name it. */
  readonly operatorsOrigin: string | undefined;
}

/** Characters of RFC 3986 but those that a shell would read as more than text. */
const plainUrl = /^[A-Za-z0-9._~:/?[\]@!&'*+,;=%-]+$/;

/**
 * Pure. Why a URL that a server or an authorization server names for OAuth is not used, or undefined: http and https
 * alone, plain http and private addresses only where they are allowed, no user, no fragment, nothing a shell would read.
 */
export function endpointFault(text: string, rules: EndpointRules): string | undefined {
  const fault = outboundUrlFault(text, mayBePrivate(text, rules));
  if (fault !== undefined) return "it is not an http or https address that may be used here";
  if (!plainUrl.test(text)) return "it has characters that no such address needs";
  const url = new URL(text);
  if (url.protocol === "https:" || mayBePrivate(text, rules)) return undefined;
  return "it is not https";
}

/** Pure. Whether this address may be one that is not public. */
export function mayBePrivate(text: string, { allowPrivate, operatorsOrigin }: EndpointRules): boolean {
  return allowPrivate || (URL.canParse(text) && new URL(text).origin === operatorsOrigin);
}
