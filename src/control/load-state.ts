import { z } from "zod";
import type { ServerAccess, ServerSettings } from "../config/settings.ts";
import { defaults } from "../config/settings.ts";
import { AppError } from "../errors.ts";
import { type PinMode, pinModes, type ReviewedDefinition, type Reviews } from "../definitions/pinning.ts";
import { categories, type CompiledPolicy, loadPolicy, signals, type ToolReview } from "../policy/index.ts";
import type { ControlQueries } from "../store/control-database.ts";
import { type PolicyVersionRow, type SecretRow, type ServerRow, withdrawnSha256 } from "../store/control-tables.ts";
import type { Vault } from "../vault/vault.ts";
import type { ControlState, CredentialEntry, GrantEntry, PolicyEntry, ServerEntry } from "./state.ts";

/** Compiled versions in force, by policy id and version, so that a change compiles what is new and nothing else. */
export type PolicyCache = Map<string, CompiledPolicy | undefined>;

/** Reads everything that calls are judged by from the database. Rejects with the database's errors. */
export async function loadState(read: ControlQueries, vault: Vault, cache: PolicyCache): Promise<ControlState> {
  const servers = await readServers(read);
  const policies = await readPolicies(read, cache);
  const grants = await readGrants(read);
  const secrets = await readCredentials(read, vault);
  return {
    servers: new Map(servers.map((entry) => [entry.id, entry])),
    policies: new Map(policies.map((entry) => [entry.id, entry])),
    grants: new Map(grants.map((entry) => [entry.id, entry])),
    credentials: secrets,
    reviews: await readReviews(read),
    quarantined: await readQuarantined(read),
  };
}

const accessSchema: z.ZodType<ServerAccess> = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("command"),
    command: z.string(),
    args: z.array(z.string()),
    env: z.record(z.string(), z.string()),
    cwd: z
      .string()
      .optional()
      .transform((cwd) => cwd),
  }),
  z.object({
    kind: z.literal("url"),
    url: z.string(),
    transport: z.enum(["streamable-http", "sse"]),
    headers: z.record(z.string(), z.string()),
  }),
]);

/** What a registered server may set beside its access; undefined members have the default. */
export interface StoredServerSettings {
  readonly startTimeoutMs?: number;
  readonly callTimeoutMs?: number;
  readonly callDeadlineMs?: number;
  readonly idleTimeoutMs?: number;
  readonly showDenied?: boolean;
  readonly pinMode?: PinMode;
  readonly volatileText?: readonly string[];
}

const settingsSchema: z.ZodType<StoredServerSettings> = z.object({
  startTimeoutMs: z.exactOptional(z.number()),
  callTimeoutMs: z.exactOptional(z.number()),
  callDeadlineMs: z.exactOptional(z.number()),
  idleTimeoutMs: z.exactOptional(z.number()),
  showDenied: z.exactOptional(z.boolean()),
  pinMode: z.exactOptional(z.enum(pinModes)),
  volatileText: z.exactOptional(z.array(z.string()).readonly()),
});

/** All servers, or one. Rejects with the database's errors. */
export async function readServers(read: ControlQueries, id?: string): Promise<readonly ServerEntry[]> {
  const servers = read.selectFrom("servers").selectAll();
  return (await (id === undefined ? servers : servers.where("id", "=", id)).execute()).map(serverEntry);
}

function serverEntry(row: ServerRow): ServerEntry {
  const stored = parseStored(settingsSchema, row.settings, `server \`${row.id}\``);
  const settings: ServerSettings = {
    name: row.id,
    access: parseStored(accessSchema, row.access, `server \`${row.id}\``),
    startTimeoutMs: stored.startTimeoutMs ?? defaults.startTimeoutMs,
    callTimeoutMs: stored.callTimeoutMs ?? defaults.callTimeoutMs,
    callDeadlineMs: stored.callDeadlineMs ?? defaults.callDeadlineMs,
    idleTimeoutMs: stored.idleTimeoutMs ?? defaults.idleTimeoutMs,
    showDenied: stored.showDenied ?? false,
    pin: { mode: stored.pinMode ?? defaults.pinMode, volatile: stored.volatileText ?? [], locked: undefined },
  };
  return {
    id: row.id,
    title: row.title,
    source: "database",
    settings,
    isDisabled: row.is_disabled === 1,
    createdMs: row.created_ms,
    updatedMs: row.updated_ms,
    revision: row.revision,
  };
}

async function readPolicies(read: ControlQueries, cache: PolicyCache): Promise<readonly PolicyEntry[]> {
  const rows = await read
    .selectFrom("policies")
    .innerJoin("policy_versions", (join) =>
      join
        .onRef("policy_versions.policy_id", "=", "policies.id")
        .onRef("policy_versions.version", "=", "policies.version"),
    )
    .select(["policies.id", "policies.title", "policies.version", "policies.updated_ms", "policies.revision"])
    .select(["policy_versions.sha256", "policy_versions.document"])
    .execute();
  const keys = new Set(rows.map((row) => cacheKey({ ...row, policy_id: row.id })));
  for (const key of cache.keys()) if (!keys.has(key)) cache.delete(key);
  return rows.map((row) => ({
    id: row.id,
    title: row.title,
    source: "database",
    version: row.version,
    sha256: row.sha256,
    document: row.document,
    compiled: compileCached({ ...row, policy_id: row.id }, cache),
    updatedMs: row.updated_ms,
    revision: row.revision,
  }));
}

function compileCached(
  row: Pick<PolicyVersionRow, "policy_id" | "version" | "sha256" | "document">,
  cache: PolicyCache,
): CompiledPolicy | undefined {
  const key = cacheKey(row);
  if (!cache.has(key)) {
    const identity = { id: row.policy_id, version: row.version, sha256: row.sha256 };
    cache.set(key, loadPolicy(row.document, { identity }).policy);
  }
  return cache.get(key);
}

function cacheKey({ policy_id, version, sha256 }: Pick<PolicyVersionRow, "policy_id" | "version" | "sha256">): string {
  return `${policy_id} ${version} ${sha256}`;
}

/** All grants with their servers and tokens, or one. Rejects with the database's errors. */
export async function readGrants(read: ControlQueries, id?: string): Promise<readonly GrantEntry[]> {
  const grants = read.selectFrom("grants").selectAll();
  const servers = read.selectFrom("grant_servers").selectAll();
  const tokens = read.selectFrom("grant_tokens").selectAll();
  const isOne = id !== undefined;
  const rows = await (isOne ? grants.where("id", "=", id) : grants).execute();
  const opened = groupBy(await (isOne ? servers.where("grant_id", "=", id) : servers).execute());
  const kept = groupBy(await (isOne ? tokens.where("grant_id", "=", id) : tokens).execute());
  return rows.map((row) => ({
    id: row.id,
    label: row.label,
    owner: row.owner ?? undefined,
    tags: parseStored(z.record(z.string(), z.string()), row.tags, `grant \`${row.id}\``),
    source: "database",
    servers: new Map((opened.get(row.id) ?? []).map(({ server, policy_id }) => [server, policy_id ?? undefined])),
    tokens: (kept.get(row.id) ?? []).map((token) => ({
      sha256: token.token_sha256,
      expiresMs: token.expires_ms ?? undefined,
    })),
    showDenied: row.show_denied === 1,
    expiresMs: row.expires_ms ?? undefined,
    revokedMs: row.revoked_ms ?? undefined,
    client: row.client ?? undefined,
    createdBy: row.created_by,
    createdMs: row.created_ms,
    updatedMs: row.updated_ms,
    revision: row.revision,
  }));
}

function groupBy<Row extends { readonly grant_id: string }>(rows: readonly Row[]): ReadonlyMap<string, readonly Row[]> {
  return Map.groupBy(rows, ({ grant_id }) => grant_id);
}

/** What of OAuth a row of `secrets` holds: the tokens of a connection, or the client that the gateway is. */
export const oauthNames = { tokens: "tokens", client: "client" } as const;

/** All credentials in force, or those of one server. Rejects with the database's errors. */
export async function readCredentials(
  read: ControlQueries,
  vault: Vault,
  server?: string,
): Promise<readonly CredentialEntry[]> {
  const all = read
    .selectFrom("secrets")
    .selectAll()
    .where((eb) => eb.or([eb("kind", "!=", "oauth"), eb("name", "=", oauthNames.tokens)]));
  const rows = await (server === undefined ? all : all.where("server", "=", server)).execute();
  return rows.map((row) => credentialEntry(row, vault));
}

function credentialEntry(row: SecretRow, vault: Vault): CredentialEntry {
  const { id, server, kind, name, version, origin } = row;
  return {
    id,
    server,
    grantId: row.grant_id === "" ? undefined : row.grant_id,
    kind,
    name,
    origin,
    version,
    value: openSealed(vault, row.sealed, { recordId: id, version, origin }),
    setBy: row.set_by,
    updatedMs: row.updated_ms,
  };
}

function openSealed(vault: Vault, ...parameters: Parameters<Vault["open"]>): CredentialEntry["value"] {
  try {
    return vault.open(...parameters);
  } catch (error) {
    if (error instanceof AppError && error.code !== "INTERNAL") return undefined;
    throw error;
  }
}

/** Reads a member that holds JSON. Throws `STORE_CORRUPT` when it is not what was written. */
function parseStored<Value>(schema: z.ZodType<Value>, text: string, what: string): Value {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new AppError("STORE_CORRUPT", `what the store holds of ${what} cannot be read`, { cause: error });
  }
}

const reviewSchema: z.ZodType<ToolReview> = z.object({
  category: z.enum(categories),
  signals: z.array(z.enum(signals)),
});

async function readReviews(read: ControlQueries): Promise<ReadonlyMap<string, Reviews>> {
  const rows = await read.selectFrom("tool_reviews").selectAll().orderBy("reviewed_ms").execute();
  const reviews = new Map<string, Map<string, Map<string, ReviewedDefinition>>>();
  for (const { server, tool, sha256, category, signals: found, reviewed_ms: reviewedMs } of rows) {
    const text = `{"category":${JSON.stringify(category)},"signals":${found}}`;
    const tools = reviews.get(server) ?? new Map<string, Map<string, ReviewedDefinition>>();
    reviews.set(server, tools);
    if (sha256 === withdrawnSha256) continue;
    const digests = tools.get(tool) ?? new Map<string, ReviewedDefinition>();
    digests.set(sha256, { ...parseStored(reviewSchema, text, `the review of \`${tool}\``), reviewedMs });
    tools.set(tool, digests);
  }
  return reviews;
}

async function readQuarantined(read: ControlQueries): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const reviewed = read
    .selectFrom("tool_reviews")
    .select(["server", "tool"])
    .select((eb) => eb.fn.max("reviewed_ms").as("reviewed_ms"))
    .groupBy(["server", "tool"]);
  const rows = await read
    .selectFrom("tool_definitions as seen")
    .innerJoin(reviewed.as("last"), (join) =>
      join.onRef("last.server", "=", "seen.server").onRef("last.tool", "=", "seen.tool"),
    )
    .leftJoin("tool_reviews as own", (join) =>
      join
        .onRef("own.server", "=", "seen.server")
        .onRef("own.tool", "=", "seen.tool")
        .onRef("own.sha256", "=", "seen.sha256"),
    )
    .select(["seen.server", "seen.tool"])
    .where("own.sha256", "is", null)
    .whereRef("seen.last_seen_ms", ">", "last.reviewed_ms")
    .execute();
  const byServer = Map.groupBy(rows, ({ server }) => server);
  return new Map([...byServer].map(([server, tools]) => [server, new Set(tools.map(({ tool }) => tool))] as const));
}
