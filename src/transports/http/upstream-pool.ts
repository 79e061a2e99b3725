import type { LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";
import { buildConnector, Pool } from "undici";
import { isPublicAddress, parseAddress } from "../../values/public-address.ts";
import { privateAddressCode } from "./upstream-failure.ts";
import type { Resolve } from "./upstream-resolve.ts";

/** How connections to one origin are made. */
export interface PoolOptions {
  /** `https://example.com:8443` */
  readonly origin: string;
  readonly allowPrivate: boolean;
  /** Milliseconds for name, TCP and TLS together, > 0. */
  readonly connectTimeoutMs: number;
  readonly resolve: Resolve;
}

/**
 * Keep-alive connections to one origin over HTTP/1.1, one exchange at a time on each. They do not keep the process
 * alive and end when idle.
 */
export function createPool({ origin, allowPrivate, connectTimeoutMs, resolve }: PoolOptions): Pool {
  const connect = buildConnector({
    // What the environment says of certificates is not asked: NODE_TLS_REJECT_UNAUTHORIZED has no say here.
    rejectUnauthorized: true,
    allowH2: false,
    timeout: connectTimeoutMs,
    lookup: lookupFor(resolve, allowPrivate),
  });
  // INVARIANT: no pipelining. undici then never sends a request again once its first byte may have left.
  return new Pool(origin, { connect, allowH2: false, pipelining: 1, connections: null });
}

class PrivateAddressError extends Error {
  readonly code = privateAddressCode;
}

/**
 * Resolves a name for the very connection that is made: what is checked here is what is connected to, so that a second
 * answer of the name server changes nothing. One address that is not public refuses the name, whichever comes first.
 */
function lookupFor(resolve: Resolve, allowPrivate: boolean): LookupFunction {
  return (name, { all }, callback) => {
    resolve(name, (error, addresses) => {
      if (error !== null) return callback(error, []);
      const [first] = addresses;
      if (first === undefined || !(allowPrivate || addresses.every(isPublic))) {
        return callback(new PrivateAddressError("the name leads to an address that is not public"), []);
      }
      if (all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

function isPublic({ address: text }: LookupAddress): boolean {
  const address = parseAddress(text);
  return address !== undefined && isPublicAddress(address);
}
