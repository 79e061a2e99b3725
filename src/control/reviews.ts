import type { Actor } from "../audit/admin-event.ts";
import { checkDefinitions } from "../catalogue/checks/check-definitions.ts";
import type { Finding } from "../catalogue/checks/finding.ts";
import { classifyTool } from "../catalogue/classify/classify-tool.ts";
import type { OtherServer } from "../catalogue/checks/names.ts";
import { type DefinitionChange, describeChange } from "../definitions/describe-change.ts";
import { lastReviewedMs, type Reviews } from "../definitions/pinning.ts";
import type { Category, Signal } from "../policy/index.ts";
import type { ControlQueries } from "../store/control-database.ts";
import { type ToolDefinitionRow, withdrawnSha256 } from "../store/control-tables.ts";
import { isObject, type JsonObject, type JsonValue } from "../values/json.ts";
import { type ControlContext, demand, invalid, notFound } from "./control-context.ts";
import { tooLongDefinition } from "./definition-watch.ts";
import { readOtherTools } from "./tool-findings.ts";

/** A tool of a server that waits for somebody: for as long as nobody decides, it may be refused. */
export interface UnreviewedTool {
  readonly server: string;
  readonly tool: string;
  /**
   * `new`: no definition of that name was ever reviewed. `changed`: the one that is listed is not reviewed. `returned`: it
   * is, but since its review another one was listed between.
   */
  readonly state: "new" | "changed" | "returned";
  /** Names in a review the definition that is listed. */
  readonly sha256: string;
  /** Empty when it was too long to be kept; it cannot be reviewed then. */
  readonly definition: JsonObject;
  /** What a review takes when it says nothing else: of the review before, else what the classifier makes of it. */
  readonly category: Category;
  readonly signals: readonly Signal[];
  /** What differs from the definition that was reviewed last. */
  readonly changes: readonly DefinitionChange[];
  /** What in the definition a reviewer should look at: hidden characters, text like instructions, names of others' tools. */
  readonly findings: readonly Finding[];
  /** What else was listed since the last review of the tool and nobody reviewed, the latest first. A review of the tool ends it. */
  readonly between: readonly DefinitionBetween[];
  /** Milliseconds since 1970. */
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
}

/** A definition that was listed between a review and now. Members as in {@link UnreviewedTool}. */
export type DefinitionBetween = Pick<
  UnreviewedTool,
  "sha256" | "definition" | "changes" | "findings" | "firstSeenMs" | "lastSeenMs"
>;

/** What somebody says of a definition that they accept. */
export interface ReviewInput {
  readonly tool: string;
  readonly sha256: string;
  /** Left out: as the review of this definition before says, else the classifier. */
  readonly category?: Category;
  readonly signals?: readonly Signal[];
  readonly note?: string;
}

/** The tools of a server that wait for a review, by name. Throws `NOT_FOUND`. */
export async function readUnreviewed(context: ControlContext, server: string): Promise<readonly UnreviewedTool[]> {
  if (!context.state().servers.has(server)) throw notFound("server", server);
  const reviews: Reviews = context.state().reviews.get(server) ?? new Map();
  const rows = await readDefinitions(context.database.read, server);
  const others = await readOtherTools(context.database.read, server);
  return [...Map.groupBy(rows, ({ tool }) => tool)].flatMap(([tool, seen]) => {
    const [latest, ...older] = seen.toSorted((a, b) => b.last_seen_ms - a.last_seen_ms);
    if (latest === undefined) return [];
    const known = reviews.get(tool);
    const reviewedMs = lastReviewedMs({ reviews }, tool) ?? Infinity;
    const between = older.filter((row) => known?.has(row.sha256) === false && row.last_seen_ms > reviewedMs);
    const review = known?.get(latest.sha256);
    if (review !== undefined && between.length === 0) return [];
    const reviewed = seen
      .filter(({ sha256 }) => known?.has(sha256))
      .toSorted((a, b) => (known?.get(b.sha256)?.reviewedMs ?? 0) - (known?.get(a.sha256)?.reviewedMs ?? 0))
      .at(0);
    const before = review === undefined ? reviewed : latest;
    const describe = (row: ToolDefinitionRow): DefinitionBetween => describeRow(row, before, others);
    const described = describe(latest);
    const { category, signals } = review ?? classifyTool({ ...described.definition, name: tool });
    const state = known === undefined ? "new" : review === undefined ? "changed" : "returned";
    return [{ server, tool, state, ...described, category, signals, between: between.map(describe) }];
  });
}

function describeRow(
  row: ToolDefinitionRow,
  before: ToolDefinitionRow | undefined,
  others: readonly OtherServer[],
): DefinitionBetween {
  const definition = parseDefinition(row);
  const isKept = row.definition !== tooLongDefinition;
  return {
    sha256: row.sha256,
    definition,
    changes: before === undefined || !isKept ? [] : describeChange(parseDefinition(before), definition),
    findings: checkDefinitions({
      server: undefined,
      entries: [{ subject: { kind: "tool", name: row.tool }, definition }],
      others,
    }),
    firstSeenMs: row.first_seen_ms,
    lastSeenMs: row.last_seen_ms,
  };
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
      const known = context.state().reviews.get(server)?.get(tool)?.get(sha256);
      const found = known ?? classifyTool({ ...parseDefinition(row), name: tool });
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
