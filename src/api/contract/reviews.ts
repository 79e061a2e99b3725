import { z } from "zod";
import { categories, type Category, type Signal, signals } from "../../policy/index.ts";
import { idText, jsonObject, type Page, pageOf, type PageQuery, pageQuery, time } from "./common.ts";
import { finding, type FindingView } from "./findings.ts";
import { type AnyOperation, noContent, nothing, type Operation } from "./operation.ts";
import { serverParams, type ServerParams } from "./servers.ts";

/**
 * One difference from the definition that was reviewed last. Values are JSON, hidden characters made visible, long ones
 * from where they differ, with what is left out counted.
 */
export interface DefinitionChangeView {
  /** RFC 6901 pointer into the definition; `""` for `more`. */
  readonly path: string;
  /** `more`: the last entry, where there are more differences than are listed; `after` says how many. */
  readonly kind: "added" | "removed" | "changed" | "more";
  readonly before: string | null;
  readonly after: string | null;
}

/** A definition as it was listed. It is the server's text: show it as text. */
export interface SeenDefinitionView {
  readonly sha256: string;
  readonly changes: readonly DefinitionChangeView[];
  readonly findings: readonly FindingView[];
  /** Empty when it was too long to be kept. */
  readonly definition: Readonly<Record<string, unknown>>;
  readonly firstSeenAt: string;
  readonly lastSeenAt: string;
}

/** A tool that waits for a review, with the definition that is listed. */
export interface UnreviewedView extends SeenDefinitionView {
  readonly tool: string;
  /** `returned`: the definition is reviewed, but another was listed between. */
  readonly state: "new" | "changed" | "returned";
  readonly category: Category;
  readonly signals: readonly Signal[];
  /** What else was listed since the last review and nobody reviewed, the latest first. */
  readonly between: readonly SeenDefinitionView[];
}

const category = z.enum(categories);
const signalList = z.array(z.enum(signals));
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const seen = z.strictObject({
  sha256,
  changes: z.array(
    z.strictObject({
      path: z.string(),
      kind: z.enum(["added", "removed", "changed", "more"]),
      before: z.string().nullable(),
      after: z.string().nullable(),
    }),
  ),
  findings: z.array(finding),
  definition: jsonObject,
  firstSeenAt: time,
  lastSeenAt: time,
});

const unreviewed: z.ZodType<UnreviewedView> = seen
  .extend({
    tool: z.string(),
    state: z.enum(["new", "changed", "returned"]),
    category,
    signals: signalList,
    between: z.array(seen.meta({ id: "SeenDefinition" })),
  })
  .meta({ id: "UnreviewedTool" });

/** The tools of a server that wait for a review. */
export const listUnreviewed: Operation<{ params: ServerParams; query: PageQuery; answer: Page<UnreviewedView> }> = {
  id: "listUnreviewed",
  method: "GET",
  path: "/servers/{serverId}/unreviewed",
  tag: "servers",
  summary: "List the tools that wait for a review, with what changed and what was listed between, by name",
  access: "servers.read",
  params: serverParams,
  query: pageQuery,
  body: noContent,
  answer: pageOf("UnreviewedToolPage", unreviewed),
  status: 200,
  codes: ["NOT_FOUND"],
};

/** Definitions to accept, each by its digest. Category and signals left out: as the review of it before says, else the classifier. */
export interface ReviewsToMake {
  readonly reviews: readonly {
    readonly tool: string;
    readonly sha256: string;
    readonly category?: Category;
    readonly signals?: readonly Signal[];
    readonly note?: string;
  }[];
}

const reviewsToMake: z.ZodType<ReviewsToMake> = z
  .strictObject({
    reviews: z
      .array(
        z.strictObject({
          tool: z.string().min(1).max(256),
          sha256,
          category: z.exactOptional(category),
          signals: z.exactOptional(signalList.max(signals.length)),
          note: z.exactOptional(z.string().max(2_000)),
        }),
      )
      .min(1)
      .max(1_000),
  })
  .meta({ id: "ReviewsToMake" });

/** Definitions, accepted. */
export const reviewTools: Operation<{ params: ServerParams; body: ReviewsToMake }> = {
  id: "reviewTools",
  method: "POST",
  path: "/servers/{serverId}/reviews",
  tag: "servers",
  summary: "Accept definitions of tools as they are; all of them or none",
  access: "servers.review",
  params: serverParams,
  query: nothing,
  body: reviewsToMake,
  answer: noContent,
  status: 204,
  codes: ["NOT_FOUND"],
};

/** Names a tool of a server. */
export interface ToolParams extends ServerParams {
  readonly tool: string;
}

const toolParams: z.ZodType<ToolParams> = z.strictObject({ serverId: idText, tool: z.string().min(1).max(256) });

/** A review, taken back. */
export const withdrawReview: Operation<{ params: ToolParams }> = {
  id: "withdrawReview",
  method: "DELETE",
  path: "/servers/{serverId}/reviews/{tool}",
  tag: "servers",
  summary: "Take back every review of a tool",
  access: "servers.review",
  params: toolParams,
  query: nothing,
  body: noContent,
  answer: noContent,
  status: 204,
  codes: ["NOT_FOUND"],
};

/** The operations of reviews. */
export const reviewOperations: readonly AnyOperation[] = [listUnreviewed, reviewTools, withdrawReview];
