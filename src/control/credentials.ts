import type { ServerAccess } from "../config/settings.ts";
import type { CredentialEntry, ServerEntry } from "./state.ts";

/**
 * Pure. What a credential for this access is bound to: scheme, host and port of an address, or the whole command. One
 * that was entered for anything else is not sent.
 */
export function originOf(access: ServerAccess): string {
  return access.kind === "url" ? new URL(access.url).origin : JSON.stringify([access.command, ...access.args]);
}

/** How a server is reached for one grant or for all that have no credentials of their own. */
export interface CredentialedAccess {
  /** With the credentials that were entered; nothing of those when there is a fault. */
  readonly access: ServerAccess;
  /** What was entered, for whoever must not show it. */
  readonly entered: readonly string[];
  /** The tokens that `Authorization` is made of, if the server is connected by OAuth. */
  readonly oauth: CredentialEntry | undefined;
  /** Why nothing may be sent, and what to do; for the agent, so without names. */
  readonly fault: string | undefined;
}

/**
 * A server's access with these credentials in place, which are all of the server, or all that one grant has at it. A
 * single one that cannot be used keeps the server from being reached: it would be asked as somebody else.
 */
export function accessWithCredentials(
  { settings: { access } }: ServerEntry,
  credentials: readonly CredentialEntry[],
): CredentialedAccess {
  const fault = faultOf(access, credentials);
  const oauth = credentials.find(({ kind }) => kind === "oauth");
  if (fault !== undefined) return { access, entered: [], oauth: undefined, fault };
  const entries = credentials.flatMap(({ kind, name, value }) =>
    kind === "oauth" || value === undefined ? [] : [[name, value.reveal()] as const],
  );
  const entered = entries.map(([, value]) => value);
  const added = Object.fromEntries(entries);
  if (access.kind === "command")
    return { access: { ...access, env: { ...access.env, ...added } }, entered, oauth, fault };
  const headers = { ...access.headers, ...added };
  // A token of OAuth stands in its place.
  if (oauth !== undefined) delete headers["authorization"];
  return { access: { ...access, headers }, entered, oauth, fault };
}

/** Pure. Why these credentials of a server cannot be used, and what to do; undefined when all can. */
export function faultOf(access: ServerAccess, credentials: readonly CredentialEntry[]): string | undefined {
  const origin = originOf(access);
  if (credentials.some((entry) => entry.origin !== origin)) {
    return "its credentials were entered for another address: an administrator has to enter them again";
  }
  if (credentials.some(({ value }) => value === undefined)) {
    return "its stored credentials cannot be opened: an administrator has to look at the gateway's key, or enter them again";
  }
  return undefined;
}

/** Pure. Credentials by server and grant, for {@link credentialsAt}. */
export type CredentialsByPlace = ReadonlyMap<string, readonly CredentialEntry[]>;

/** Pure. Puts credentials in order by where they belong. */
export function credentialsByPlace(credentials: readonly CredentialEntry[]): CredentialsByPlace {
  return Map.groupBy(credentials, ({ server, grantId }) => placeOf(server, grantId));
}

/** Pure. The credentials of all grants at a server, or those that one grant has of its own; empty for none. */
export function credentialsAt(
  places: CredentialsByPlace,
  server: string,
  grantId: string | undefined,
): readonly CredentialEntry[] {
  return places.get(placeOf(server, grantId)) ?? [];
}

function placeOf(server: string, grantId: string | undefined): string {
  return JSON.stringify([server, grantId ?? ""]);
}
