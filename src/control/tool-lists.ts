import type { Actor } from "../audit/admin-event.ts";
import type { ServerAccess } from "../config/settings.ts";
import { createDefinitionDigest, type DefinitionDigest } from "../definitions/definition-digest.ts";
import { AppError, type ErrorCode } from "../errors.ts";
import { sha256Hex } from "../identity/token.ts";
import type { ControlQueries } from "../store/control-database.ts";
import { canonicalJson } from "../values/canonical.ts";
import { isObject, type JsonObject, type JsonValue } from "../values/json.ts";
import { type ControlContext, demand, notFound } from "./control-context.ts";
import { noteDefinitions } from "./definition-watch.ts";
import { pinningOf } from "./pinning-of.ts";

/** What a look at a server found: its tools as it lists them, or why it could not be read. */
export type Look =
  | {
      readonly kind: "read";
      /** The revision of MCP that it speaks. */
      readonly protocolVersion: string;
      readonly tools: readonly JsonObject[];
    }
  | { readonly kind: "failed"; readonly code: UpstreamFault; readonly message: string };

/** The codes of what can be wrong with a server. */
export type UpstreamFault = Extract<ErrorCode, `UPSTREAM_${string}`>;

/** Connects to servers as the gateway would, within bounds, and reads their lists; calls no tool. Never rejects. */
export interface Lookout {
  /** With its credentials. */
  registered(id: string): Promise<Look>;
  /** Without any credential. */
  unregistered(access: ServerAccess): Promise<Look>;
}

/** A tool as a server defines it. */
export interface StoredTool {
  readonly name: string;
  /** What a review of this very definition names. */
  readonly sha256: string;
  readonly definition: JsonObject;
}

/** What a server's `tools/list` last answered. */
export interface StoredToolList {
  readonly server: string;
  /** Milliseconds since 1970. */
  readonly fetchedMs: number;
  /** Over the canonical form of all definitions. */
  readonly sha256: string;
  /** In the server's order. */
  readonly tools: readonly StoredTool[];
}

/**
 * Asks a server for its tools and keeps what it lists. Throws `FORBIDDEN`, `NOT_FOUND`, and what is wrong with
 * the server (`UPSTREAM_...`); the list that was kept stays then.
 */
export async function fetchToolList(
  context: ControlContext,
  actor: Actor,
  id: string,
  lookout: Lookout,
): Promise<StoredToolList> {
  demand(actor, "servers.review");
  const server = context.state().servers.get(id);
  if (server === undefined) throw notFound("server", id);
  const { digest } = pinningOf(context.state(), server);
  const found = await lookout.registered(id);
  if (found.kind === "failed") throw new AppError(found.code, found.message);
  const tools = JSON.stringify(found.tools);
  const list = storedTools(found.tools, digest);
  const seen = list.map(({ name, sha256: own, definition }) => ({
    tool: name,
    sha256: own,
    text: () => JSON.stringify(definition),
  }));
  const sha256 = sha256Hex(canonicalJson(found.tools));
  const fetchedMs = await context.database.change(actor, async ({ tx, nowMs, record }) => {
    const before = await tx.selectFrom("tool_lists").selectAll().where("server", "=", id).executeTakeFirst();
    const values = { fetched_ms: nowMs, sha256, tools };
    await tx
      .insertInto("tool_lists")
      .values({ server: id, ...values })
      .onConflict((conflict) => conflict.column("server").doUpdateSet(values))
      .execute();
    await noteDefinitions(tx, id, seen, nowMs);
    record({
      action: "tool_list.fetch",
      objectId: id,
      ...(before === undefined ? {} : { before: { sha256: before.sha256 } }),
      after: { sha256, tools: list.length },
    });
    return nowMs;
  });
  return { server: id, fetchedMs, sha256, tools: list };
}

/** The kept list of a server; undefined when it was never asked. Rejects with the database's errors. */
export async function readToolList(
  read: ControlQueries,
  server: string,
  digest: DefinitionDigest = plainDigest,
): Promise<StoredToolList | undefined> {
  const row = await read.selectFrom("tool_lists").selectAll().where("server", "=", server).executeTakeFirst();
  if (row === undefined) return undefined;
  return { server, fetchedMs: row.fetched_ms, sha256: row.sha256, tools: storedTools(parseTools(row.tools), digest) };
}

const plainDigest = createDefinitionDigest([]);

/** Which of these servers a list is kept of. Rejects with the database's errors. */
export async function readListedServers(read: ControlQueries): Promise<ReadonlySet<string>> {
  const rows = await read.selectFrom("tool_lists").select("server").execute();
  return new Set(rows.map(({ server }) => server));
}

function storedTools(definitions: readonly JsonObject[], digest: DefinitionDigest): readonly StoredTool[] {
  return definitions.map((definition) => ({ name: toolNameOf(definition), sha256: digest(definition), definition }));
}

/** Pure. The name of a tool as its definition says it. */
export function toolNameOf({ name }: JsonObject): string {
  return typeof name === "string" ? name : "";
}

function parseTools(text: string): readonly JsonObject[] {
  const value: JsonValue = JSON.parse(text);
  if (Array.isArray(value) && value.every((entry) => isObject(entry))) return value;
  throw new AppError("STORE_CORRUPT", "a list of tools in the store cannot be read");
}
