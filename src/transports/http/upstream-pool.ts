import { lookup, type LookupAddress, type LookupOptions } from "node:dns";
import type { LookupFunction } from "node:net";
import { buildConnector, Pool } from "undici";
import { isPublicAddress, parseAddress } from "../../values/public-address.ts";
import { privateAddressCode } from "./upstream-failure.ts";

/** How connections to one origin are made. */
export interface PoolOptions {
  /** `https://example.com:8443` */
  readonly origin: string;
  readonly allowPrivate: boolean;
  /** Milliseconds for name, TCP and TLS together, > 0. */
  readonly connectTimeoutMs: number;
}

/**
 * Keep-alive connections to one origin over HTTP/1.1, one exchange at a time on each. They do not keep the process
 * alive and end when idle; whoever must end them earlier destroys the pool.
 */
export function createPool({ origin, allowPrivate, connectTimeoutMs }: PoolOptions): Pool {
  const connect = buildConnector({
    // What the environment says of certificates is not asked: NODE_TLS_REJECT_UNAUTHORIZED has no say here.
    rejectUnauthorized: true,
    allowH2: false,
    timeout: connectTimeoutMs,
    ...(allowPrivate ? {} : { lookup: lookupPublic }),
  });
  // INVARIANT: no pipelining. undici then never sends a request again once its first byte may have left.
  return new Pool(origin, { connect, allowH2: false, pipelining: 1, connections: null });
}

class PrivateAddressError extends Error {
  readonly code = privateAddressCode;
}

/**
 * Resolves a name for the very connection that is made: what is checked here is what is connected to. One address that
 * is not public refuses the name, so that it matters neither which is tried first nor what a second look-up would say.
 */
const lookupPublic: LookupFunction = (name, options, callback) => {
  const ask: LookupOptions & { all: true } = { ...options, all: true };
  lookup(name, ask, (error, addresses) => {
    if (error !== null) return callback(error, []);
    const refused = addresses.some(({ address }) => !isPublic(address));
    const first: LookupAddress | undefined = addresses[0];
    if (refused || first === undefined) {
      return callback(new PrivateAddressError("the name leads to an address that is not public"), []);
    }
    if (options.all === true) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};

function isPublic(text: string): boolean {
  const address = parseAddress(text);
  return address !== undefined && isPublicAddress(address);
}
