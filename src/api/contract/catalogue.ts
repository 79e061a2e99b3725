import { z } from "zod";
import { severities, type Severity } from "../../catalogue/checks/finding.ts";
import { type Preset, presets } from "../../catalogue/recommend.ts";
import type { Risk } from "../../catalogue/record.ts";
import type { QueuedServer, ServerHit, ToolHit } from "../../catalogue-store/catalogue-store.ts";
import { riskOrder } from "../../catalogue-store/search-words.ts";
import { categories, type Category } from "../../policy/index.ts";
import { idText, type Page, pageMembers, pageOf, type PageQuery } from "./common.ts";
import { type AnyOperation, noContent, nothing, type Operation } from "./operation.ts";

/** What is looked for in the catalogue. */
export interface CatalogueSearch extends PageQuery {
  readonly query?: string;
  readonly category?: Category;
  readonly risk?: Risk;
}

/** Whatever a record holds; the guide of the catalogue says what. */
export type CatalogueDocument = Readonly<Record<string, unknown>>;

/** One of these words, in whatever case it is written. */
function wordOf<Word extends string>(words: readonly Word[]): z.ZodType<Word> {
  const known = (text: string): string => words.find((word) => word.toLowerCase() === text.toLowerCase()) ?? text;
  return z.string().overwrite(known).pipe(z.enum(words)).meta({ enum: words });
}

const search: z.ZodType<CatalogueSearch> = z.strictObject({
  query: z.exactOptional(z.string().max(500)),
  category: z.exactOptional(wordOf(categories)),
  risk: z.exactOptional(wordOf(riskOrder)),
  ...pageMembers,
});

const count = z.int().min(0);
const counts: z.ZodType<ServerHit["counts"]> = z
  .strictObject({ Read: count, Write: count, Execute: count, Destructive: count, Financial: count })
  .meta({ id: "CatalogueCounts" });

/** A server in a list; `grade` is null when its tools were never seen. */
export type CatalogueServer = Omit<ServerHit, "grade"> & { readonly grade: string | null };

const serverHit: z.ZodType<CatalogueServer> = z
  .strictObject({
    slug: z.string(),
    name: z.string(),
    packages: z.array(
      z.strictObject({ registry: z.string(), name: z.string(), version: z.exactOptional(z.string()) }).readonly(),
    ),
    identity: z.enum(["official", "verified", "community", "unknown"]),
    grade: z.string().nullable(),
    tools: count,
    counts,
    scannedAt: z.string(),
  })
  .meta({ id: "CatalogueServer" });

const toolHit: z.ZodType<ToolHit> = z
  .strictObject({
    server: z.string(),
    serverName: z.string(),
    name: z.string(),
    slug: z.string(),
    category: z.enum(categories),
    risk: z.enum(riskOrder),
  })
  .meta({ id: "CatalogueTool" });

const document: z.ZodType<CatalogueDocument> = z
  .record(z.string(), z.unknown())
  .meta({ id: "CatalogueDocument", description: "A record as the guide of the catalogue describes it" });

const documents: z.ZodType<{ readonly items: readonly CatalogueDocument[]; readonly after: number }> = z
  .strictObject({ items: z.array(document), after: z.int() })
  .meta({ id: "CatalogueChanges" });

const slugParams: z.ZodType<{ readonly slug: string }> = z.strictObject({ slug: idText });

const common = { method: "GET", tag: "catalogue", access: "anyone_known", body: noContent, status: 200 } as const;

/** Servers by any part of a name. */
export const searchCatalogueServers: Operation<{ query: CatalogueSearch; answer: Page<CatalogueServer> }> = {
  ...common,
  id: "searchCatalogueServers",
  path: "/catalogue/servers",
  summary: "Search the catalogue's servers by any part of name, slug, package or repository",
  params: nothing,
  query: search,
  answer: pageOf("CatalogueServerPage", serverHit),
  codes: [],
};

/** Tools by any part of a name. */
export const searchCatalogueTools: Operation<{ query: CatalogueSearch; answer: Page<ToolHit> }> = {
  ...common,
  id: "searchCatalogueTools",
  path: "/catalogue/tools",
  summary: "Search the catalogue's tools by any part of their or their server's name",
  params: nothing,
  query: search,
  answer: pageOf("CatalogueToolPage", toolHit),
  codes: [],
};

/** One server; one that nothing is known of has the status `unknown` and neither grade nor verdict. */
export const getCatalogueServer: Operation<{ params: { readonly slug: string }; answer: CatalogueDocument }> = {
  ...common,
  id: "getCatalogueServer",
  path: "/catalogue/servers/{slug}",
  summary: "Read what is known of a server, by slug, package or name",
  params: slugParams,
  query: nothing,
  answer: document,
  codes: [],
};

/** One tool. */
export const getCatalogueTool: Operation<{
  params: { readonly slug: string; readonly tool: string };
  answer: CatalogueDocument;
}> = {
  ...common,
  id: "getCatalogueTool",
  path: "/catalogue/servers/{slug}/tools/{tool}",
  summary: "Read what is known of a tool",
  params: z.strictObject({ slug: idText, tool: idText }),
  query: nothing,
  answer: document,
  codes: ["NOT_FOUND"],
};

/** A policy to start from. */
export const getCataloguePolicy: Operation<{
  params: { readonly slug: string };
  query: { readonly preset: Preset };
  answer: CatalogueDocument;
}> = {
  ...common,
  id: "getCataloguePolicy",
  path: "/catalogue/servers/{slug}/policy",
  summary: "Read the policy to start from for a server, with the rules that need values of your own beside it",
  params: slugParams,
  query: z.strictObject({ preset: wordOf(presets).default("balanced") }),
  answer: document,
  codes: ["NOT_FOUND"],
};

/** The change feed. */
export const listCatalogueChanges: Operation<{
  query: { readonly after: number; readonly severity: Severity; readonly limit: number };
  answer: { readonly items: readonly CatalogueDocument[]; readonly after: number };
}> = {
  ...common,
  id: "listCatalogueChanges",
  path: "/catalogue/changes",
  summary: "Read what changed between looks at servers, oldest first; go on with `after`",
  params: nothing,
  query: z.strictObject({
    after: z.coerce.number().int().min(0).default(0),
    severity: wordOf(severities).default("low"),
    limit: z.coerce.number().int().min(1).max(1_000).default(100),
  }),
  answer: documents,
  codes: [],
};

/** Servers that somebody asked for and that nothing is known of. */
export const listCatalogueQueue: Operation<{ answer: { readonly items: readonly QueuedServer[] } }> = {
  ...common,
  id: "listCatalogueQueue",
  path: "/catalogue/queue",
  summary: "List servers that were asked for and that nothing is known of, the longest waiting first",
  params: nothing,
  query: nothing,
  answer: z
    .strictObject({ items: z.array(z.strictObject({ name: z.string(), firstAskedAt: z.string(), times: z.int() })) })
    .meta({ id: "CatalogueQueue" }),
  codes: [],
};

/** The attack database, and what is known of attacks that no policy judges. */
export interface CatalogueAttacks {
  readonly items: readonly CatalogueDocument[];
  readonly stoppedByGateway: readonly { readonly slug: string; readonly name: string; readonly how: string }[];
  readonly outOfReach: readonly { readonly slug: string; readonly name: string; readonly reason: string }[];
}

const attackName = { slug: z.string(), name: z.string() };

/** Known attacks. */
export const listCatalogueAttacks: Operation<{ answer: CatalogueAttacks }> = {
  ...common,
  id: "listCatalogueAttacks",
  path: "/catalogue/attacks",
  summary:
    "List the attacks of the database, with how far a policy stops each; and those that no policy judges, with what of the gateway stops them or why nothing does",
  params: nothing,
  query: nothing,
  answer: z
    .strictObject({
      items: z.array(document),
      stoppedByGateway: z.array(z.strictObject({ ...attackName, how: z.string() })),
      outOfReach: z.array(z.strictObject({ ...attackName, reason: z.string() })),
    })
    .meta({ id: "CatalogueAttacks" }),
  codes: [],
};

/** All of them. */
export const catalogueOperations: readonly AnyOperation[] = [
  searchCatalogueServers,
  searchCatalogueTools,
  getCatalogueServer,
  getCatalogueTool,
  getCataloguePolicy,
  listCatalogueChanges,
  listCatalogueQueue,
  listCatalogueAttacks,
];
