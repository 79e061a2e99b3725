import { z } from "zod";
import { AppError } from "../errors.ts";
import type { OutboundFetch } from "../transports/transport.ts";
import { endpointFault, type EndpointRules, mayBePrivate } from "./endpoint-fault.ts";
import type { Issuer } from "./stored-texts.ts";

/** How a server wants to be authorized for. */
export interface Discovered {
  /** What the tokens are for (RFC 8707). */
  readonly resource: string;
  /** Left out when nobody says which. */
  readonly scope?: string;
  readonly issuer: Issuer;
  readonly registrationEndpoint: string | undefined;
  /** Whether the issuer reads the document of a client whose id is its address. */
  readonly readsClientDocuments: boolean;
}

/**
 * Finds out how to be authorized at a server: its 401, its protected resource metadata (RFC 9728), and its authorization
 * server's (RFC 8414, OpenID Connect Discovery). Rejects with `OAUTH_CONNECT_FAILED` and what is missing.
 */
export async function discover(serverUrl: string, rules: EndpointRules, fetch: OutboundFetch): Promise<Discovered> {
  const challenge = await askServer(serverUrl, rules, fetch);
  const resource = await readResource(serverUrl, challenge.metadataUrl, rules, fetch);
  const issuerUrl = resource?.authorization_servers?.[0] ?? new URL(serverUrl).origin;
  const metadata = await readIssuer(issuerUrl, rules, fetch);
  const { registration_endpoint, client_id_metadata_document_supported, scopes_supported, ...issuer } = metadata;
  const asked = challenge.scope ?? resource?.scopes_supported?.join(" ");
  // Without it many issuers give no refresh token, and the connection would end with the first access token.
  const scope = scopes_supported?.includes("offline_access") === true ? withScope(asked, "offline_access") : asked;
  return {
    resource: resource?.resource ?? serverUrl,
    ...(scope === undefined || scope === "" ? {} : { scope }),
    issuer: { ...issuer, issuer: metadata.issuer },
    registrationEndpoint: registration_endpoint,
    readsClientDocuments: client_id_metadata_document_supported === true,
  };
}

function withScope(scope: string | undefined, more: string): string {
  return [...new Set([...(scope ?? "").split(" ").filter((one) => one !== ""), more])].join(" ");
}

interface Challenge {
  readonly metadataUrl: string | undefined;
  readonly scope: string | undefined;
}

const handshake = JSON.stringify({
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "callgate", version: "1" } },
});

/** What the server says to who comes without a token (RFC 9728 §5.1). */
async function askServer(serverUrl: string, rules: EndpointRules, fetch: OutboundFetch): Promise<Challenge> {
  const { headers } = await labelled("the server", () =>
    fetch(serverUrl, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json, text/event-stream" },
      body: handshake,
      allowPrivate: mayBePrivate(serverUrl, rules),
      wants: "head",
    }),
  );
  const text = headers.get("www-authenticate") ?? "";
  const member = (name: string): string | undefined => new RegExp(`\\b${name}="([^"\\\\]{1,2000})"`).exec(text)?.[1];
  return { metadataUrl: member("resource_metadata"), scope: member("scope") };
}

interface ResourceMetadata {
  readonly resource: string;
  readonly authorization_servers?: readonly string[];
  readonly scopes_supported?: readonly string[];
}

const resourceSchema: z.ZodType<ResourceMetadata> = z.object({
  resource: z.string().max(2_000),
  authorization_servers: z.exactOptional(z.array(z.string().max(2_000)).min(1).max(20)),
  scopes_supported: z.exactOptional(z.array(z.string().max(200)).max(200)),
});

/** Undefined when the server publishes none: servers before MCP 2025-06-18 are their own authorization servers. */
async function readResource(
  serverUrl: string,
  named: string | undefined,
  rules: EndpointRules,
  fetch: OutboundFetch,
): Promise<ResourceMetadata | undefined> {
  const what = "the server's protected resource metadata";
  for (const url of named === undefined ? wellKnown(serverUrl, "oauth-protected-resource") : [named]) {
    const found = await readDocument(url, resourceSchema, what, rules, fetch);
    if (found === undefined) continue;
    if (isResourceOf(found.resource, serverUrl)) return found;
    throw failed(`${what} is about another resource than this server`);
  }
  if (named === undefined) return undefined;
  throw failed(`${what} is not where the server says`);
}

/** RFC 9728 §3.3, and the path above: servers publish one resource for all they have. */
function isResourceOf(resource: string, serverUrl: string): boolean {
  if (!URL.canParse(resource)) return false;
  const [one, other] = [new URL(resource), new URL(serverUrl)];
  const folder = one.pathname.endsWith("/") ? one.pathname : `${one.pathname}/`;
  return one.origin === other.origin && (one.pathname === other.pathname || other.pathname.startsWith(folder));
}

interface IssuerMetadata extends Issuer {
  readonly registration_endpoint?: string;
  readonly client_id_metadata_document_supported?: boolean;
  readonly scopes_supported?: string[];
  readonly code_challenge_methods_supported?: string[];
}

const endpoint = z.string().max(2_000);
const issuerSchema: z.ZodType<IssuerMetadata> = z.object({
  issuer: endpoint,
  authorization_endpoint: endpoint,
  token_endpoint: endpoint,
  revocation_endpoint: z.exactOptional(endpoint),
  registration_endpoint: z.exactOptional(endpoint),
  token_endpoint_auth_methods_supported: z.exactOptional(z.array(z.string())),
  authorization_response_iss_parameter_supported: z.exactOptional(z.boolean()),
  client_id_metadata_document_supported: z.exactOptional(z.boolean()),
  scopes_supported: z.exactOptional(z.array(z.string())),
  code_challenge_methods_supported: z.exactOptional(z.array(z.string())),
});

async function readIssuer(
  issuer: string,
  rules: EndpointRules,
  fetch: OutboundFetch,
): Promise<Omit<IssuerMetadata, "code_challenge_methods_supported">> {
  const what = "the authorization server's metadata";
  const fault = endpointFault(issuer, rules);
  if (fault !== undefined) throw failed(`the address of the authorization server is refused: ${fault}`);
  const path = new URL(issuer).pathname.replace(/\/$/, "");
  const appended = `${new URL(issuer).origin}${path}/.well-known/openid-configuration`;
  const places = [
    ...wellKnown(issuer, "oauth-authorization-server").slice(0, 1),
    ...wellKnown(issuer, "openid-configuration").slice(0, 1),
    ...(path === "" ? [] : [appended]),
  ];
  for (const url of places) {
    const found = await readDocument(url, issuerSchema, what, rules, fetch);
    if (found !== undefined) return checkIssuer(found, issuer, rules);
  }
  throw failed(`${what} is nowhere to be found, so OAuth cannot be used`);
}

function checkIssuer(
  { code_challenge_methods_supported: challenges, ...metadata }: IssuerMetadata,
  issuer: string,
  rules: EndpointRules,
): Omit<IssuerMetadata, "code_challenge_methods_supported"> {
  // Two servers could be taken for one another otherwise (RFC 8414 §3.3).
  if (metadata.issuer !== issuer && metadata.issuer !== issuer.replace(/\/$/, "")) {
    throw failed("the authorization server's metadata is another issuer's");
  }
  for (const name of [
    "authorization_endpoint",
    "token_endpoint",
    "revocation_endpoint",
    "registration_endpoint",
  ] as const) {
    const url = metadata[name];
    const fault = url === undefined ? undefined : endpointFault(url, rules);
    if (fault !== undefined) throw failed(`the authorization server's \`${name}\` is refused: ${fault}`);
  }
  if (challenges?.includes("S256") === true) return metadata;
  throw failed(
    "the authorization server does not say that it supports PKCE with S256, without which nobody is connected",
  );
}

/** Pure. Where metadata of a kind lies: between host and path, then at the root (RFC 8615, RFC 9728 §3.1, RFC 8414 §3.1). */
function wellKnown(address: string, kind: string): readonly string[] {
  const { origin, pathname } = new URL(address);
  const root = `${origin}/.well-known/${kind}`;
  return pathname === "/" ? [root] : [`${root}${pathname.replace(/\/$/, "")}`, root];
}

/** The document at an address; undefined when there is none (HTTP status 4xx). */
async function readDocument<Value>(
  url: string,
  schema: z.ZodType<Value>,
  what: string,
  rules: EndpointRules,
  fetch: OutboundFetch,
): Promise<Value | undefined> {
  const fault = endpointFault(url, rules);
  if (fault !== undefined) throw failed(`the address of ${what} is refused: ${fault}`);
  const response = await labelled(what, () =>
    fetch(url, {
      method: "GET",
      headers: { accept: "application/json" },
      allowPrivate: mayBePrivate(url, rules),
      wants: "body",
    }),
  );
  if (response.status >= 400 && response.status < 500) return undefined;
  if (response.status !== 200) throw failed(`${what} cannot be had (HTTP status ${response.status})`);
  const { success, data } = schema.safeParse(await response.json().catch(() => undefined));
  if (!success) throw failed(`${what} is not as it has to be`);
  return data;
}

async function labelled(what: string, ask: () => Promise<Response>): Promise<Response> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof AppError) throw failed(`${what} cannot be had: ${error.message}`);
    throw error;
  }
}

function failed(message: string): AppError {
  return new AppError("OAUTH_CONNECT_FAILED", message);
}
