import type { IncomingMessage, ServerResponse } from "node:http";
import type { Provider } from "oidc-provider";
import { serverOfResource } from "../values/resource-address.ts";
import type { ConsentRequest, Person } from "./consent.ts";
import { mcpScope } from "./metadata.ts";
import { redirectTarget } from "./redirect-rules.ts";

/** A browser's request and where its answer goes, as Node has them. */
export interface BrowserExchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
}

/**
 * What this browser is to be asked, by the cookie that it got with the request `uid`; undefined when there is no such
 * request (any more), or another browser began it.
 */
export async function readConsentRequest(
  provider: Provider,
  { req, res }: BrowserExchange,
  uid: string,
): Promise<ConsentRequest | undefined> {
  const interaction = await provider.interactionDetails(req, res).catch(() => undefined);
  if (interaction === undefined || interaction.uid !== uid) return undefined;
  const { client_id: clientId, redirect_uri: redirectUri, resource, prompt } = interaction.params;
  if (typeof clientId !== "string" || typeof redirectUri !== "string" || typeof resource !== "string") return undefined;
  const server = serverOfResource(provider.issuer, resource);
  const client = await provider.Client.find(clientId);
  if (server === undefined || client === undefined) return undefined;
  const isDocument = clientId.startsWith("https://");
  return {
    clientId,
    clientName: client.clientName ?? (isDocument ? new URL(clientId).host : "an unnamed client"),
    verifiedHost: isDocument ? new URL(clientId).host : undefined,
    redirectUri,
    target: redirectTarget(redirectUri),
    resource,
    server,
    mustAsk: typeof prompt === "string" && /\b(?:consent|login)\b/.test(prompt),
  };
}

/** Lets the request go on with what was granted. Answers where the browser goes next, an address of ours. */
export async function acceptRequest(
  provider: Provider,
  { req, res }: BrowserExchange,
  person: Person,
  { clientId, resource }: ConsentRequest,
  grantId: string,
): Promise<string> {
  const { memberId: accountId } = person;
  // The protocol's own record of the grant has the grant's id: what ends the one ends the other.
  const grant = (await provider.Grant.find(grantId)) ?? newGrant(provider, { accountId, clientId, jti: grantId });
  grant.addResourceScope(resource, mcpScope);
  await grant.save();
  const result = { login: { accountId, remember: false }, consent: { grantId } };
  return provider.interactionResult(req, res, result, { mergeWithLastSubmission: false });
}

/** Lets the request end without anything granted. Answers where the browser goes next, an address of ours. */
export function denyRequest(provider: Provider, { req, res }: BrowserExchange): Promise<string> {
  const result = { error: "access_denied", error_description: "the person did not allow it" };
  return provider.interactionResult(req, res, result, { mergeWithLastSubmission: false });
}

function newGrant(
  provider: Provider,
  properties: { readonly accountId: string; readonly clientId: string; readonly jti: string },
): InstanceType<Provider["Grant"]> {
  return new provider.Grant(properties);
}
