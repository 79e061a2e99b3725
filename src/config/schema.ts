import { z } from "zod";
import { type Role, roles } from "../values/roles.ts";
import { type PinMode, pinModes } from "../definitions/pinning.ts";

/**
 * The shape of `callgate.yaml`. Durations are seconds or `"90s"`, `"5m"`; `${NAME}` in a token, an
 * environment value or a header stands for the gateway's own environment variable of that name.
 */

const optional = z.exactOptional;

/** A strict object whose "unrecognized keys" issue carries the known keys as its message, for suggestions. */
function strict<T extends z.ZodRawShape>(fields: T): z.ZodObject<T, z.core.$strict> {
  const known = Object.keys(fields).join(" ");
  return z.strictObject(fields, { error: (issue) => (issue.code === "unrecognized_keys" ? known : undefined) });
}

const duration = z.union([z.number(), z.string()]);

const serverSchema = strict({
  command: optional(z.string().min(1)).describe(
    "The program that speaks MCP on its standard streams. No shell is involved. Or `url`.",
  ),
  args: optional(z.array(z.string()).readonly()),
  env: optional(z.record(z.string(), z.string()).readonly()).describe(
    "The child's environment, beside what a program needs to start.",
  ),
  cwd: optional(z.string()),
  url: optional(z.string().min(1)).describe("The address of a server over HTTP, instead of `command`."),
  transport: optional(z.enum(["streamable-http", "sse"])).describe(
    "How the server at `url` speaks; default streamable-http.",
  ),
  headers: optional(z.record(z.string(), z.string()).readonly()).describe("Headers sent with every request to `url`."),
  start_timeout: optional(duration).describe("How long the server may take to its first answer; default 30 s."),
  call_timeout: optional(duration).describe("How long a call may stay without answer or progress; default 120 s."),
  call_deadline: optional(duration).describe("How long a call may take in all, progress or not; default 1 h."),
  idle_timeout: optional(duration).describe("How long a session or shared connection may stay unused; default 30 min."),
  show_denied: optional(z.boolean()).describe("Keep tools that a grant can never call in its lists."),
  pin: optional(z.enum(pinModes)).describe(
    "What is done about tools whose definition is not the reviewed one, once something was reviewed; default block.",
  ),
  volatile_text: optional(z.array(z.string().min(1)).readonly()).describe(
    "Patterns in RE2 syntax of what may change in descriptions without a review.",
  ),
  lock: optional(z.string().min(1)).describe("A lock file with the reviewed definitions, e.g. ./callgate.lock."),
});

const grantSchema = strict({
  token: optional(z.string().min(1)),
  tokenSha256: optional(z.string()),
  label: optional(z.string()),
  owner: optional(z.string()),
  tags: optional(z.record(z.string(), z.string()).readonly()),
  servers: z.record(z.string(), z.string().nullable()).readonly(),
  expires: optional(z.string()).describe("RFC 3339"),
  show_denied: optional(z.boolean()),
});

const keyFields = {
  key_file: optional(z.string().min(1)).describe("A file with the key, which nobody else may read."),
  key: optional(z.string().min(1)).describe("`${NAME}`: the environment variable with the key; never the key itself."),
  key_command: optional(z.array(z.string().min(1)).min(1).readonly()).describe(
    "A program and its arguments that write the key to standard output. No shell is involved.",
  ),
};

const vaultSchema = strict({
  ...keyFields,
  previous: optional(z.array(strict(keyFields)).readonly()).describe(
    "Keys under which stored secrets still lie, while they are moved to the current one.",
  ),
});

/** Where a key comes from: exactly one of the three. */
export interface KeyDocument {
  readonly key_file?: string;
  readonly key?: string;
  readonly key_command?: readonly string[];
}

/** The keys of stored secrets; the current one may be left out. */
export interface VaultDocument extends KeyDocument {
  readonly previous?: readonly KeyDocument[];
}

const allowSchema = strict({
  private_addresses: optional(z.boolean()).describe(
    "Servers that are registered through the HTTP API may be at private and loopback addresses; default no.",
  ),
  public_catalogue: optional(z.boolean()).describe(
    "Strangers may read the catalogue's pages and ask it over MCP; default no.",
  ),
  commands: optional(
    z
      .array(
        strict({
          command: z.string().min(1),
          args: optional(z.array(z.string()).readonly()),
          env: optional(z.array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/)).readonly()).describe(
            "Names of variables that may be set for it.",
          ),
        }),
      )
      .readonly(),
  ).describe("Commands that may be registered as servers through the HTTP API, each exactly as it stands here."),
});

/** The files of a certificate chain and of its key. */
export interface TlsDocument {
  readonly certificate: string;
  readonly key: string;
}

/** What the HTTP API may do that only the operator can allow. */
export interface AllowDocument {
  readonly private_addresses?: boolean;
  readonly public_catalogue?: boolean;
  readonly commands?: readonly {
    readonly command: string;
    readonly args?: readonly string[];
    readonly env?: readonly string[];
  }[];
}

const namesSchema = z.union([z.string().min(1), z.array(z.string().min(1)).min(1).readonly()]);

const oauthSchema = strict({
  issuer: optional(z.string().min(1)).describe(
    "An issuer elsewhere whose tokens are taken, instead of those that the gateway issues itself.",
  ),
  audience: optional(z.string().min(1)).describe("Its tokens' `aud`; default the address they are shown at."),
  jwks_uri: optional(z.string().min(1)).describe("Its keys; default what its metadata says."),
  algorithms: optional(
    z
      .array(z.enum(["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]))
      .min(1)
      .readonly(),
  ).describe("Signature algorithms that are taken; default RS256, PS256, ES256, EdDSA."),
  token_types: optional(z.array(z.string().min(1)).min(1).readonly()).describe(
    "Values of its tokens' `typ` that are taken; default at+jwt.",
  ),
  grants: optional(
    z
      .array(
        strict({
          role: optional(z.enum(roles)).describe("The least role of people who may grant themselves these servers."),
          when: optional(z.record(z.string(), namesSchema).readonly()).describe(
            "With `issuer`: claims of a token, each with a value or several.",
          ),
          grant: optional(z.string().min(1)).describe("With `issuer`: the grant that such tokens share."),
          servers: optional(z.record(z.string(), namesSchema).readonly()).describe(
            "Server to policy, or to the policies that a person may choose from.",
          ),
          label: optional(z.string().min(1)).describe("With `issuer`: the claim that names the grant."),
        }),
      )
      .readonly(),
  ).describe("What OAuth may give to whom; the first entry that fits counts."),
});

/** What OAuth may give to whom. */
export interface OAuthGrantDocument {
  readonly role?: Role;
  readonly when?: Readonly<Record<string, string | readonly string[]>>;
  readonly grant?: string;
  readonly servers?: Readonly<Record<string, string | readonly string[]>>;
  readonly label?: string;
}

/** OAuth for MCP clients. */
export interface OAuthDocument {
  readonly issuer?: string;
  readonly audience?: string;
  readonly jwks_uri?: string;
  readonly algorithms?: readonly string[];
  readonly token_types?: readonly string[];
  readonly grants?: readonly OAuthGrantDocument[];
}

const role = z.enum(roles);

const openIdSchema = strict({
  issuer: z.string().min(1).describe("The provider's issuer, exactly as it writes it."),
  client_id: z.string().min(1),
  client_secret: optional(z.string().min(1)).describe("`${NAME}`: the environment variable with it."),
  title: optional(z.string().min(1).max(60)).describe("What the button to sign in says; default OpenID Connect."),
  scopes: optional(z.array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/)).readonly()).describe(
    "What is asked for; default openid, email, profile.",
  ),
  groups_claim: optional(z.string().min(1)).describe("The claim that holds a person's groups; default groups."),
  roles: optional(z.record(z.string(), role).readonly()).describe("Group to role; of several, the greatest counts."),
  default_role: optional(role).describe("For who is in none of these groups; default: they may not sign in."),
  private_address: optional(z.boolean()).describe(
    "The provider may be at a private address, and speak plain http; default no.",
  ),
});

/** An OpenID provider that people sign in at. */
export interface OpenIdDocument {
  readonly issuer: string;
  readonly client_id: string;
  readonly client_secret?: string;
  readonly title?: string;
  readonly scopes?: readonly string[];
  readonly groups_claim?: string;
  readonly roles?: Readonly<Record<string, Role>>;
  readonly default_role?: Role;
  readonly private_address?: boolean;
}

/** How people sign in. */
export interface SignInDocument {
  readonly password?: boolean;
  readonly oidc?: OpenIdDocument;
}

const signInSchema = strict({
  password: optional(z.boolean()).describe("By e-mail address and password; default yes."),
  oidc: optional(openIdSchema).describe("At an OpenID provider."),
});

/** A server of the file: exactly one of `command` and `url`. */
export interface ServerDocument {
  readonly command?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly url?: string;
  readonly transport?: "streamable-http" | "sse";
  readonly headers?: Readonly<Record<string, string>>;
  readonly start_timeout?: number | string;
  readonly call_timeout?: number | string;
  readonly call_deadline?: number | string;
  readonly idle_timeout?: number | string;
  readonly show_denied?: boolean;
  readonly pin?: PinMode;
  readonly volatile_text?: readonly string[];
  readonly lock?: string;
}

/** A grant of the file: exactly one of `token` and `tokenSha256`. */
export interface GrantDocument {
  readonly token?: string;
  readonly tokenSha256?: string;
  readonly label?: string;
  readonly owner?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly servers: Readonly<Record<string, string | null>>;
  readonly expires?: string;
  readonly show_denied?: boolean;
}

/** A file of the right shape. */
export interface ConfigDocument {
  readonly listen?: string;
  readonly allowed_hosts?: readonly string[];
  readonly max_body_bytes?: number;
  readonly store?: string;
  readonly audit_durability?: "power-loss" | "process";
  readonly vault?: VaultDocument;
  readonly public_url?: string;
  readonly contact_url?: string;
  readonly catalogue_webhooks?: readonly {
    readonly url: string;
    readonly secret: string;
    readonly severity?: "low" | "medium" | "high" | "critical";
  }[];
  readonly behind_proxy?: true | readonly string[];
  readonly tls?: TlsDocument;
  readonly allow?: AllowDocument;
  readonly oauth?: OAuthDocument;
  readonly sign_in?: SignInDocument;
  readonly grant_lifetime?: number | string;
  readonly grant_lifetime_max?: number | string;
  readonly servers?: Readonly<Record<string, ServerDocument>>;
  readonly policies?: Readonly<Record<string, string>>;
  readonly grants?: Readonly<Record<string, GrantDocument>>;
}

/** The whole file. */
export const configSchema: z.ZodType<ConfigDocument> = strict({
  listen: optional(z.string()).describe("Address and port, default 127.0.0.1:7777."),
  allowed_hosts: optional(z.array(z.string()).readonly()),
  max_body_bytes: optional(
    z
      .number()
      .int()
      .min(1024)
      .max(64 * 1024 * 1024),
  ),
  store: optional(z.string()).describe("The store's file, default in the data folder."),
  audit_durability: optional(z.enum(["power-loss", "process"])),
  vault: optional(vaultSchema).describe("The key of stored secrets, default a file beside the store's."),
  public_url: optional(z.string()).describe(
    "The address that clients and browsers know the gateway by, e.g. https://mcp.example.com; default where it listens.",
  ),
  behind_proxy: optional(z.union([z.literal(true), z.array(z.string()).min(1).readonly()])).describe(
    "A proxy that speaks TLS stands in front: the gateway may listen on any address. The networks of proxies whose X-Forwarded-For is believed, or `true` for none.",
  ),
  tls: optional(strict({ certificate: z.string().min(1), key: z.string().min(1) })).describe(
    "Files with the certificate chain and its private key, PEM: the gateway speaks TLS itself and may listen on any address.",
  ),
  allow: optional(allowSchema).describe("What the HTTP API may do that only the operator can allow."),
  contact_url: optional(z.string()).describe("A link on the catalogue's pages: https or mailto."),
  catalogue_webhooks: optional(
    z
      .array(
        strict({
          url: z.string().min(1),
          secret: z.string().min(1).describe("A variable, such as `${HOOK_SECRET}`: what each message is signed with."),
          severity: optional(z.enum(["low", "medium", "high", "critical"])).describe("At least this bad; default low."),
        }),
      )
      .max(20)
      .readonly(),
  ).describe("Where the catalogue's changes are sent, signed, and again until they are taken. Read at the start."),
  oauth: optional(oauthSchema).describe("OAuth for MCP clients: which grants people may give them."),
  sign_in: optional(signInSchema).describe("How people who administer sign in; default by password."),
  grant_lifetime: optional(duration).describe("How long a grant made through the HTTP API lives; default 30 days."),
  grant_lifetime_max: optional(duration).describe("The longest such a grant may live; default 365 days."),
  servers: optional(z.record(z.string(), serverSchema).readonly()),
  policies: optional(z.record(z.string(), z.string()).readonly()).describe("Policy name to the file it is in."),
  grants: optional(z.record(z.string(), grantSchema).readonly()),
});
