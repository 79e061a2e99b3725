import type { Actor } from "../audit/admin-event.ts";
import { checkDefinitions } from "../catalogue/checks/check-definitions.ts";
import type { Finding } from "../catalogue/checks/finding.ts";
import { classifyTool } from "../catalogue/classify/classify-tool.ts";
import { type DefinitionChange, describeChange } from "../definitions/describe-change.ts";
import type { Category, Signal } from "../policy/index.ts";
import type { ControlQueries } from "../store/control-database.ts";
import { type ToolDefinitionRow, withdrawnSha256 } from "../store/control-tables.ts";
import { isObject, type JsonObject, type JsonValue } from "../values/json.ts";
import { type ControlContext, demand, invalid, notFound } from "./control-context.ts";
import { tooLongDefinition } from "./definition-watch.ts";
import { readOtherTools } from "./tool-findings.ts";

/** A definition that a server lists and that nobody has reviewed. */
export interface UnreviewedTool {
  readonly server: string;
  readonly tool: string;
  /** `new`: no definition of that name was ever reviewed. */
  readonly state: "new" | "changed";
  /** Names this very definition in a review. */
  readonly sha256: string;
  /** Empty when it was too long to be kept; it cannot be reviewed then. */
  readonly definition: JsonObject;
  /** What the classifier makes of it: what a review takes when it says nothing else. */
  readonly category: Category;
  readonly signals: readonly Signal[];
  /** What differs from the definition that was reviewed last. */
  readonly changes: readonly DefinitionChange[];
  /** What in the definition a reviewer should look at: hidden characters, text like instructions, names of others' tools. */
  readonly findings: readonly Finding[];
  /** Milliseconds since 1970. */
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
}

/** What somebody says of a definition that they accept. */
export interface ReviewInput {
  readonly tool: string;
  readonly sha256: string;
  /** Left out: as the classifier says. */
  readonly category?: Category;
  readonly signals?: readonly Signal[];
  readonly note?: string;
}

/** The definitions of a server that wait for a review, the latest of each tool, by name. */
export async function readUnreviewed(context: ControlContext, server: string): Promise<readonly UnreviewedTool[]> {
  if (!context.state().servers.has(server)) throw notFound("server", server);
  const reviews = context.state().reviews.get(server) ?? new Map();
  const rows = await readDefinitions(context.database.read, server);
  const others = await readOtherTools(context.database.read, server);
  return [...Map.groupBy(rows, ({ tool }) => tool).values()].flatMap((seen) => {
    const [latest, ...older] = seen.toSorted((a, b) => b.last_seen_ms - a.last_seen_ms);
    const known = latest === undefined ? undefined : reviews.get(latest.tool);
    if (latest === undefined || known?.has(latest.sha256) === true) return [];
    const reviewed = older.find(({ sha256 }) => known?.has(sha256) === true);
    const definition = parseDefinition(latest);
    const before = reviewed === undefined ? undefined : parseDefinition(reviewed);
    const { category, signals } = classifyTool({ ...definition, name: latest.tool });
    return [
      {
        server,
        tool: latest.tool,
        state: known === undefined ? "new" : "changed",
        sha256: latest.sha256,
        definition,
        category,
        signals,
        changes: before === undefined ? [] : describeChange(before, definition),
        findings: checkDefinitions({
          server: undefined,
          entries: [{ subject: { kind: "tool", name: latest.tool }, definition }],
          others,
        }),
        firstSeenMs: latest.first_seen_ms,
        lastSeenMs: latest.last_seen_ms,
      },
    ];
  });
}

/**
 * Accepts definitions of a server: from now on each is what its category and signals say. Those that were accepted
 * before stay so. Throws `FORBIDDEN`, `NOT_FOUND`, and `INPUT_INVALID` for a definition that the server never listed
 * (then none is accepted).
 */
export async function reviewTools(
  context: ControlContext,
  actor: Actor,
  server: string,
  reviews: readonly ReviewInput[],
): Promise<void> {
  demand(actor, "servers.review");
  if (!context.state().servers.has(server)) throw notFound("server", server);
  await context.database.change(actor, async ({ tx, nowMs, record }) => {
    for (const [index, { tool, sha256, note = "", ...verdict }] of reviews.entries()) {
      const row = await readDefinition(tx, { server, tool, sha256 });
      if (row === undefined) {
        const message = `the server never listed \`${tool.slice(0, 80)}\` with this definition`;
        throw invalid([
          { path: `/reviews/${index}`, message, hint: "read the definitions again and review what is there" },
        ]);
      }
      if (row.definition === tooLongDefinition) {
        const message = `the definition of \`${tool.slice(0, 80)}\` is too long to be kept, so nobody can have read it`;
        throw invalid([{ path: `/reviews/${index}`, message, hint: "leave it out; it stays blocked" }]);
      }
      const found = classifyTool({ ...parseDefinition(row), name: tool });
      const { category = found.category, signals = found.signals } = verdict;
      const values = { category, signals: JSON.stringify(signals), note, reviewed_ms: nowMs };
      const by = { reviewed_by: actor.memberId ?? actor.name };
      await tx
        .insertInto("tool_reviews")
        .values({ server, tool, sha256, ...values, ...by })
        .onConflict((conflict) => conflict.columns(["server", "tool", "sha256"]).doUpdateSet({ ...values, ...by }))
        .execute();
      record({ action: "tool.review", objectId: `${server}/${tool}`, after: { sha256, category, signals, note } });
    }
  });
}

/** Takes back every review of a tool. The server stays one that was reviewed: what is left is new. Throws `FORBIDDEN` and `NOT_FOUND`. */
export async function withdrawReview(
  context: ControlContext,
  actor: Actor,
  server: string,
  tool: string,
): Promise<void> {
  demand(actor, "servers.review");
  await context.database.change(actor, async ({ tx, nowMs, record }) => {
    const before = await tx
      .deleteFrom("tool_reviews")
      .where("server", "=", server)
      .where("tool", "=", tool)
      .where("sha256", "!=", withdrawnSha256)
      .returning("sha256")
      .execute();
    if (before.length === 0) throw notFound("review of the tool", tool);
    await tx
      .insertInto("tool_reviews")
      .values({
        server,
        tool: "",
        sha256: withdrawnSha256,
        category: "",
        signals: "[]",
        note: "",
        reviewed_by: actor.memberId ?? actor.name,
        reviewed_ms: nowMs,
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const digests = before.map(({ sha256 }) => sha256);
    record({ action: "tool.withdraw", objectId: `${server}/${tool}`, before: { digests } });
  });
}

function readDefinitions(read: ControlQueries, server: string): Promise<readonly ToolDefinitionRow[]> {
  return read.selectFrom("tool_definitions").selectAll().where("server", "=", server).orderBy("tool").execute();
}

function readDefinition(
  read: ControlQueries,
  { server, tool, sha256 }: Pick<ToolDefinitionRow, "server" | "tool" | "sha256">,
): Promise<ToolDefinitionRow | undefined> {
  return read
    .selectFrom("tool_definitions")
    .selectAll()
    .where("server", "=", server)
    .where("tool", "=", tool)
    .where("sha256", "=", sha256)
    .executeTakeFirst();
}

function parseDefinition({ definition }: ToolDefinitionRow): JsonObject {
  const value: JsonValue = JSON.parse(definition);
  return isObject(value) ? value : {};
}
