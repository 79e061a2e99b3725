import { type ClientMetadata, errors } from "oidc-provider";
import { redirectUriFault } from "./redirect-rules.ts";

const redirectsMax = 20;
const nameLengthMax = 120;

/** Has the validator run for every client: a member of RFC 7591 §2 that nothing is done with. */
export const checkedProperties = ["software_id"] as const;

/**
 * Holds what a client says of itself, at its registration (RFC 7591) or in its own document, to what is allowed here.
 * Clients have no secret: PKCE binds a code to who asked for it, and a secret that ships with a program is none. Where
 * a client asks for one it is registered without, as RFC 7591 §3.2.1 allows. Throws `invalid_client_metadata`.
 */
export function checkClientMetadata(metadata: ClientMetadata): void {
  const given: Record<string, unknown> = metadata;
  const method: unknown = metadata.token_endpoint_auth_method ?? "client_secret_basic";
  if (typeof method !== "string") throw new errors.InvalidClientMetadata("token_endpoint_auth_method is a text");
  if (method.startsWith("client_secret")) given["token_endpoint_auth_method"] = "none";
  delete given["client_secret"];
  delete given["client_secret_expires_at"];
  // What a redirect may be is the same for every client; see redirect-rules.ts.
  given["application_type"] = "native";
  const known = ["authorization_code", "refresh_token"];
  const { grant_types: asked = known } = metadata;
  if (Array.isArray(asked)) given["grant_types"] = known.filter((type) => asked.includes(type));
  delete given["scope"];
  const { redirect_uris: redirects, client_name: name } = metadata;
  if (!Array.isArray(redirects) || redirects.length > redirectsMax) {
    throw new errors.InvalidRedirectUri(`name 1 to ${redirectsMax} redirect addresses`);
  }
  for (const uri of redirects) {
    const fault = typeof uri === "string" ? redirectUriFault(uri) : "a redirect address is a text";
    if (fault !== undefined) throw new errors.InvalidClientMetadata(`redirect_uris: ${fault}`);
  }
  if (typeof name !== "string") return;
  if (name.length > nameLengthMax || !name.isWellFormed()) {
    throw new errors.InvalidClientMetadata(`client_name: at most ${nameLengthMax} characters`);
  }
  const shown = shownName(name);
  if (shown === "") delete given["client_name"];
  else given["client_name"] = shown;
}

/**
 * Pure. A name as people read it when they decide: characters that turn the writing round, hide or break the line could
 * make another name of it, or another sentence.
 */
function shownName(name: string): string {
  return name
    .replaceAll(/[\s\p{Z}]+/gu, " ")
    .replaceAll(/[\p{C}\u{115F}\u{1160}\u{3164}\u{FFA0}\u{2800}]/gu, "")
    .trim();
}
