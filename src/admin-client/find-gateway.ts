import { credentialsFile } from "../config/home.ts";
import { AppError } from "../errors.ts";
import { type ApiClient, createApiClient } from "./api-client.ts";
import { readKeptTokens } from "./credentials-file.ts";

/** Where `callgate serve` listens when nothing says otherwise. */
const defaultOrigin = "http://127.0.0.1:7777";

/**
 * A client of the gateway that is meant: `url`, else `CALLGATE_URL`, else the one last signed in to; by the token in
 * `CALLGATE_TOKEN`, else the one kept for it. Throws `UNAUTHENTICATED` without a token, and `INPUT_INVALID` for an
 * address that a token may not be sent to.
 */
export function findGateway(url: string | undefined, environment: NodeJS.ProcessEnv = process.env): ApiClient {
  const kept = readKeptTokens(credentialsFile());
  const origin = originOf(url ?? textOf(environment["CALLGATE_URL"]) ?? kept.current ?? defaultOrigin);
  const token = textOf(environment["CALLGATE_TOKEN"]) ?? kept.gateways[origin]?.token;
  if (token === undefined) {
    const message = `nobody is signed in to ${origin}: \`callgate login ${origin}\`, or set CALLGATE_TOKEN`;
    throw new AppError("UNAUTHENTICATED", message);
  }
  return createApiClient(origin, { authorization: `Bearer ${token}` });
}

/** Pure. The origin of a gateway's address. Throws `INPUT_INVALID` where tokens and passwords would go in the clear. */
export function originOf(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new AppError("INPUT_INVALID", `\`${text}\` is not the address of a gateway: write \`https://host\``);
  }
  const isLoopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol === "http:" && !isLoopback) {
    throw new AppError("INPUT_INVALID", `\`${url.origin}\` would be sent secrets in the clear: use https`);
  }
  return url.origin;
}

function textOf(value: string | undefined): string | undefined {
  return value === "" ? undefined : value;
}
