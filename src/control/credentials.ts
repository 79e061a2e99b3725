import type { ServerAccess } from "../config/settings.ts";
import { AppError } from "../errors.ts";
import type { CredentialEntry, ServerEntry } from "./state.ts";

/**
 * Pure. What a credential for this access is bound to: scheme, host and port of an address, or the whole command. One
 * that was entered for anything else is not sent.
 */
export function originOf(access: ServerAccess): string {
  return access.kind === "url" ? new URL(access.url).origin : JSON.stringify([access.command, ...access.args]);
}

/**
 * How a server is reached, with the credentials of all grants in place. Throws `SECRET_UNREADABLE` when one of them
 * cannot be opened: without it the server would be asked as somebody else.
 */
export function accessWithCredentials(server: ServerEntry, credentials: readonly CredentialEntry[]): ServerAccess {
  const { access } = server.settings;
  const mine = credentials.filter(
    ({ server: id, grantId, origin }) => id === server.id && grantId === undefined && origin === originOf(access),
  );
  if (mine.length === 0) return access;
  const kind = access.kind === "url" ? "header" : "environment";
  const values = mine.filter((entry) => entry.kind === kind).map((entry) => [entry.name, reveal(entry)] as const);
  const added = Object.fromEntries(values);
  return access.kind === "url"
    ? { ...access, headers: { ...access.headers, ...added } }
    : { ...access, env: { ...access.env, ...added } };
}

function reveal({ server, name, value }: CredentialEntry): string {
  if (value !== undefined) return value.reveal();
  throw new AppError("SECRET_UNREADABLE", `the credential \`${name}\` of the server \`${server}\` cannot be opened`);
}
