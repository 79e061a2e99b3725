import { z } from "zod";
import { AppError } from "../errors.ts";
import { Secret } from "../vault/secret.ts";

/** What is kept of an authorization server: what it said of itself (RFC 8414) and is needed later. */
export interface Issuer {
  readonly issuer: string;
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
  readonly revocation_endpoint?: string;
  readonly token_endpoint_auth_methods_supported?: string[];
  readonly authorization_response_iss_parameter_supported?: boolean;
}

/** The client that the gateway is at one issuer. */
export interface OAuthClient {
  readonly issuer: string;
  readonly id: string;
  readonly secret?: string;
  readonly method: "none" | "client_secret_basic" | "client_secret_post";
  /** Entered by a person, registered by itself (RFC 7591), or the address of the gateway's own document. */
  readonly origin: "entered" | "registered" | "document";
  readonly redirectUri: string;
  /** Milliseconds since 1970; left out for a secret that does not expire. */
  readonly secretExpiresMs?: number;
}

/** Tokens of a connection, with all that renews and revokes them. Sealed, nowhere else. */
export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken?: string;
  /** Milliseconds since 1970. */
  readonly obtainedMs: number;
  /** Milliseconds since 1970; left out when the issuer does not say. */
  readonly expiresMs?: number;
  readonly scope: string;
  readonly resource: string;
  readonly issuer: Issuer;
  readonly client: OAuthClient;
}

/** A connection that a person is making: from the question to the answer in the browser. */
export interface Flow {
  readonly server: string;
  readonly grantId?: string;
  /** Of the server, when the flow began. */
  readonly origin: string;
  readonly memberId: string;
  readonly codeVerifier: string;
  readonly scope?: string;
  readonly resource: string;
  readonly issuer: Issuer;
  readonly client: OAuthClient;
  /** Digest of the cookie of the browser that went to the issuer; left out before. */
  readonly browserSha256?: string;
}

const issuer: z.ZodType<Issuer> = z.object({
  issuer: z.string(),
  authorization_endpoint: z.string(),
  token_endpoint: z.string(),
  revocation_endpoint: z.exactOptional(z.string()),
  token_endpoint_auth_methods_supported: z.exactOptional(z.array(z.string())),
  authorization_response_iss_parameter_supported: z.exactOptional(z.boolean()),
});

const client: z.ZodType<OAuthClient> = z.object({
  issuer: z.string(),
  id: z.string(),
  secret: z.exactOptional(z.string()),
  method: z.enum(["none", "client_secret_basic", "client_secret_post"]),
  origin: z.enum(["entered", "registered", "document"]),
  redirectUri: z.string(),
  secretExpiresMs: z.exactOptional(z.number()),
});

const tokens: z.ZodType<Tokens> = z.object({
  accessToken: z.string(),
  refreshToken: z.exactOptional(z.string()),
  obtainedMs: z.number(),
  expiresMs: z.exactOptional(z.number()),
  scope: z.string(),
  resource: z.string(),
  issuer,
  client,
});

const flow: z.ZodType<Flow> = z.object({
  server: z.string(),
  grantId: z.exactOptional(z.string()),
  origin: z.string(),
  memberId: z.string(),
  codeVerifier: z.string(),
  scope: z.exactOptional(z.string()),
  resource: z.string(),
  issuer,
  client,
  browserSha256: z.exactOptional(z.string()),
});

/** Pure. A value as the text that is sealed. */
export function toSecret(value: Tokens | OAuthClient | Flow): Secret {
  return Secret.of(JSON.stringify(value));
}

/** The tokens of a sealed text. Throws `STORE_CORRUPT` when it is not what was written. */
export const readTokens = (secret: Secret): Tokens => read(tokens, secret);

/** The client of a sealed text. Throws as {@link readTokens}. */
export const readClient = (secret: Secret): OAuthClient => read(client, secret);

/** The flow of a sealed text. Throws as {@link readTokens}. */
export const readFlow = (secret: Secret): Flow => read(flow, secret);

function read<Value>(schema: z.ZodType<Value>, secret: Secret): Value {
  try {
    return schema.parse(JSON.parse(secret.reveal()));
  } catch {
    // Without the cause: it would show what it could not read.
    throw new AppError("STORE_CORRUPT", "what the store holds of an OAuth connection cannot be read");
  }
}
