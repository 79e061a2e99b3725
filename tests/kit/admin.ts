import type { ControlPlane } from "../../src/control/control-plane.ts";
import { newShortId, newToken } from "../../src/identity/token.ts";
import type { Role } from "../../src/values/roles.ts";
import { roles } from "../../src/values/roles.ts";
import { openBeside } from "./beside.ts";
import { apiToken, setUp } from "./browser-session.ts";
import { type ServeGateway, type ServeOptions, startServe } from "./gateway.ts";

/** An answer of the HTTP API. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** The body's JSON; undefined without a body. */
  readonly body: unknown;
  readonly text: string;
}

/** What is sent besides method and path. */
export interface ApiInput {
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** For `If-Match`. */
  readonly revision?: number;
}

/** Asks the HTTP API: `ask("GET", "/servers")`. */
export type Ask = (method: string, path: string, input?: ApiInput) => Promise<ApiAnswer>;

/** A running gateway that people administer. */
export interface AdminGateway {
  readonly gateway: ServeGateway;
  /** The same store as another process has it. */
  readonly plane: ControlPlane;
  /** Each role's API token. */
  readonly tokens: Readonly<Record<Role, string>>;
  /** Asks as a member of that role. */
  readonly as: Readonly<Record<Role, Ask>>;
  readonly stranger: Ask;
}

/** Starts `callgate serve` with a member of each role. */
export async function startAdmin(options: Partial<ServeOptions> = {}): Promise<AdminGateway> {
  const gateway = await startServe({ policies: {}, grants: {}, servers: {}, ...options });
  const plane = await openBeside(gateway.folder);
  const tokens = await tokensOfRoles(gateway, plane);
  return {
    gateway,
    plane,
    tokens,
    as: mapRoles((role) => askAs(gateway.origin, tokens[role])),
    stranger: askAs(gateway.origin, undefined),
  };
}

/** Asks the API of a gateway with a token, or without any. */
export function askAs(origin: string, token: string | undefined): Ask {
  return async (method, path, { body, headers = {}, revision } = {}) => {
    const response = await fetch(`${origin}/api/v1${path}`, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(revision === undefined ? {} : { "if-match": `"${revision}"` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const parsed: unknown = text === "" ? undefined : JSON.parse(text);
    return { status: response.status, headers: response.headers, body: parsed, text };
  };
}

function mapRoles<Value>(make: (role: Role) => Value): Readonly<Record<Role, Value>> {
  const [viewer, approver, policy_manager, admin] = [...roles].map(make);
  if (viewer === undefined || approver === undefined || policy_manager === undefined || admin === undefined)
    throw new Error("a role is missing");
  return { viewer, approver, policy_manager, admin };
}

/** An API token of a member of each role: the first admin by the setup link, the others straight in the store. */
async function tokensOfRoles(gateway: ServeGateway, plane: ControlPlane): Promise<Readonly<Record<Role, string>>> {
  const made = new Map<Role, string>([["admin", await apiToken(await setUp(gateway))]]);
  for (const role of roles) if (role !== "admin") made.set(role, await addMember(plane, role));
  return mapRoles((role) => made.get(role) ?? "");
}

async function addMember(plane: ControlPlane, role: Role): Promise<string> {
  const id = newShortId();
  const { token, sha256 } = newToken("cga", id);
  await plane.database.note(async (tx, nowMs) => {
    const row = { id: role, email: `${role}@example.com`, name: role, role, password_hash: null, oidc_subject: null };
    await tx
      .insertInto("members")
      .values({ ...row, created_ms: nowMs, last_seen_ms: null, revision: 1 })
      .execute();
    const times = { created_ms: nowMs, expires_ms: null, last_used_ms: null };
    await tx
      .insertInto("api_tokens")
      .values({ id, token_sha256: sha256, member_id: role, label: role, role, ...times })
      .execute();
  });
  return token;
}

/** A text in an answer, by its members' names: `textAt(answer, "grant", "id")`. Throws when there is none. */
export function textAt({ body, text }: ApiAnswer, ...names: readonly string[]): string {
  let value: unknown = body;
  for (const name of names) value = typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
  if (typeof value !== "string") throw new Error(`no text at ${names.join(".")} in ${text}`);
  return value;
}
