import { z } from "zod";
import { categories, type Category, type Signal, signals } from "../../policy/index.ts";
import { idText, jsonObject, type Page, pageOf, type PageQuery, pageQuery, time } from "./common.ts";
import { finding, type FindingView } from "./findings.ts";
import { type AnyOperation, noContent, nothing, type Operation } from "./operation.ts";
import { serverParams, type ServerParams } from "./servers.ts";

/** One difference from the definition that was reviewed last. Values are JSON, hidden characters made visible. */
export interface DefinitionChangeView {
  /** RFC 6901 pointer into the definition. */
  readonly path: string;
  readonly kind: "added" | "removed" | "changed";
  readonly before: string | null;
  readonly after: string | null;
}

/** A definition that waits for a review. It is the server's text: show it as text. */
export interface UnreviewedView {
  readonly tool: string;
  readonly state: "new" | "changed";
  readonly sha256: string;
  readonly category: Category;
  readonly signals: readonly Signal[];
  readonly changes: readonly DefinitionChangeView[];
  readonly findings: readonly FindingView[];
  readonly definition: Readonly<Record<string, unknown>>;
  readonly firstSeenAt: string;
  readonly lastSeenAt: string;
}

const category = z.enum(categories);
const signalList = z.array(z.enum(signals));
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const unreviewed: z.ZodType<UnreviewedView> = z
  .strictObject({
    tool: z.string(),
    state: z.enum(["new", "changed"]),
    sha256,
    category,
    signals: signalList,
    changes: z.array(
      z.strictObject({
        path: z.string(),
        kind: z.enum(["added", "removed", "changed"]),
        before: z.string().nullable(),
        after: z.string().nullable(),
      }),
    ),
    findings: z.array(finding),
    definition: jsonObject,
    firstSeenAt: time,
    lastSeenAt: time,
  })
  .meta({ id: "UnreviewedTool" });

/** The definitions of a server that wait for a review. */
export const listUnreviewed: Operation<{ params: ServerParams; query: PageQuery; answer: Page<UnreviewedView> }> = {
  id: "listUnreviewed",
  method: "GET",
  path: "/servers/{serverId}/unreviewed",
  tag: "servers",
  summary: "List the tools whose definition nobody has reviewed, with what changed, by name",
  access: "servers.read",
  params: serverParams,
  query: pageQuery,
  body: noContent,
  answer: pageOf("UnreviewedToolPage", unreviewed),
  status: 200,
  codes: ["NOT_FOUND"],
};

/** Definitions to accept, each by its digest. Category and signals left out: as the classifier says. */
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
