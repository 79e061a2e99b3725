import type { Attack } from "../attacks/attack.ts";
import { findAttacks } from "../attacks/find-attacks.ts";
import type { WithoutEntry } from "../attacks/load-entries.ts";
import { recommendForRecord } from "../catalogue/apply-override.ts";
import { precheck, type Precheck } from "../catalogue/precheck.ts";
import { type Preset, presets, type Recommendation } from "../catalogue/recommend.ts";
import type { ServerRecord, ToolRecord } from "../catalogue/server-record.ts";
import { categoryTexts, plainSignals, questionsOf, signalTexts } from "../catalogue/tool-texts.ts";
import { plainAddress } from "../clients/plain-address.ts";
import type {
  CatalogueChange,
  CatalogueCounts,
  CatalogueEntry,
  CatalogueStore,
  ServerHit,
  ToolHit,
} from "./catalogue-store.ts";
import { similarServers } from "./similar-servers.ts";

/** An attack that a tool's page links. */
export interface AttackLink {
  readonly slug: string;
  readonly name: string;
  /** How far a policy stops it. */
  readonly coverage: string;
}

/** What the faces of the catalogue work with. */
export interface CatalogueParts {
  readonly store: CatalogueStore;
  /** The attack database, read by who asks first. */
  readonly attacks: () => readonly Attack[];
  /** Known attacks beside it that no policy judges, with what stops them or why nothing does. */
  readonly withoutEntry: () => WithoutEntry;
}

/** A server as every face shows it. */
export interface ServerView extends Omit<ServerRecord, "grade" | "tools"> {
  /** `listed`: somebody names it, but its tools were never seen. Then there is neither grade nor verdict. */
  readonly status: "known" | "listed";
  readonly origin: CatalogueEntry["origin"];
  readonly grade: ServerRecord["grade"] | null;
  readonly verdict: Precheck;
  /** Tools that change something. */
  readonly changing: number;
  /** Names of tools that destroy, spend or run something. */
  readonly dangerous: readonly string[];
  readonly tools: readonly ToolRecord[];
  readonly policies: Readonly<Record<Preset, Recommendation>>;
  readonly changes: readonly CatalogueChange[];
  readonly similar: readonly ServerHit[];
}

/** A tool as every face shows it. */
export interface ToolView {
  readonly server: Pick<ServerRecord, "slug" | "name"> & { readonly tools: number };
  readonly tool: ToolRecord;
  readonly use: string;
  readonly harms: readonly string[];
  readonly rule: string;
  readonly attacks: readonly AttackLink[];
  /** Other tools of its category, of other servers. */
  readonly alike: readonly ToolHit[];
  readonly questions: ReturnType<typeof questionsOf>;
  readonly counts: CatalogueCounts;
}

/** An answer about a server that nothing is known of, which is neither good nor bad. */
export interface UnknownServer {
  readonly status: "unknown";
  readonly name: string;
  readonly grade: null;
  readonly verdict: Precheck;
  readonly queued: true;
  /** Slugs of known servers that may be meant. */
  readonly alike: readonly string[];
}

const alikeMax = 12;
const changesShown = 50;

/** What is known of a server, or that nothing is: then it is remembered that somebody asked. */
export function askServer(parts: CatalogueParts, name: string, nowMs: number): ServerView | UnknownServer {
  const found = findAsked(parts, name, nowMs);
  return "record" in found ? serverView(parts, found) : found;
}

/** What `askServer` says of a server, in short. */
export interface ServerVerdict extends Precheck {
  readonly status: ServerView["status"] | UnknownServer["status"];
  readonly grade: ServerRecord["grade"]["letter"] | null;
  readonly dangerous: ServerView["dangerous"];
}

/** The verdict on a server. Who asks for an unknown one is remembered. */
export function askVerdict(parts: CatalogueParts, name: string, nowMs: number): ServerVerdict {
  const found = findAsked(parts, name, nowMs);
  if (!("record" in found)) return { status: found.status, grade: null, ...found.verdict, dangerous: [] };
  const { record, isExamined } = found;
  return {
    status: statusOf(found),
    grade: isExamined ? record.grade.letter : null,
    ...verdictOf(found),
    dangerous: dangerousOf(record),
  };
}

function findAsked(parts: CatalogueParts, name: string, nowMs: number): CatalogueEntry | UnknownServer {
  // What follows an address's path may be a secret.
  const asked = (/^https?:\/\//iu.test(name) ? (plainAddress(name) ?? "an address") : name).slice(0, 300);
  const entry = parts.store.findServer(asked);
  if (entry !== undefined) return entry;
  parts.store.enqueue(asked, nowMs);
  const alike = serversAlike(parts, asked);
  return { status: "unknown", name: asked, grade: null, verdict: precheck(undefined), queued: true, alike };
}

/** Slugs of known servers that a name may be meant for. */
export function serversAlike({ store }: CatalogueParts, name: string): readonly string[] {
  return store.searchServers({ text: name, limit: 3 }).items.map(({ slug }) => slug);
}

/** A server as every face shows it. */
export function serverView(parts: CatalogueParts, entry: CatalogueEntry): ServerView {
  const { record, origin, isExamined } = entry;
  const { grade, tools: _tools, ...rest } = record;
  const tools = record.tools.map((tool) => withAttacks(parts, tool));
  const [readOnly, balanced, strict] = presets.map((preset) => recommendForRecord(record, preset));
  const none: Recommendation = { document: { version: "1", default: "deny" }, suggested: [], unnamed: [] };
  return {
    ...rest,
    status: statusOf(entry),
    origin,
    grade: isExamined ? grade : null,
    verdict: verdictOf(entry),
    changing: tools.filter(({ category }) => category !== "Read").length,
    dangerous: dangerousOf(record),
    tools,
    policies: { "read-only": readOnly ?? none, balanced: balanced ?? none, strict: strict ?? none },
    changes: parts.store.changesOf(record.slug, changesShown),
    similar: similarServers(parts.store, record),
  };
}

function statusOf({ isExamined }: CatalogueEntry): ServerView["status"] {
  return isExamined ? "known" : "listed";
}

function verdictOf({ isExamined, record }: CatalogueEntry): Precheck {
  return precheck(isExamined ? record : undefined);
}

function dangerousOf({ tools }: ServerRecord): readonly string[] {
  return tools.filter(({ category }) => category !== "Read" && category !== "Write").map(({ name }) => name);
}

/** A tool by its server's slug and its own name, or else slug; undefined when it is not known. */
export function toolView(parts: CatalogueParts, serverSlug: string, toolSlug: string): ToolView | undefined {
  const record = parts.store.server(serverSlug)?.record;
  const found =
    record?.tools.find(({ name }) => name === toolSlug) ?? record?.tools.find(({ slug }) => slug === toolSlug);
  if (record === undefined || found === undefined) return undefined;
  const tool = withAttacks(parts, found);
  const text = categoryTexts[tool.category];
  return {
    server: { slug: record.slug, name: record.name, tools: record.tools.length },
    tool,
    use: text.use,
    harms: [text.harm, ...tool.signals.map((signal) => signalTexts[signal].harm)],
    rule: text.rule,
    attacks: attackLinks(parts, tool),
    alike: parts.store
      .searchTools({ category: tool.category, limit: 200 })
      .items.filter(({ server }) => server !== record.slug)
      .slice(0, alikeMax),
    questions: questionsOf(tool, record.name),
    counts: parts.store.counts(),
  };
}

function attackLinks({ attacks }: CatalogueParts, { category, signals }: ToolRecord): readonly AttackLink[] {
  return findAttacks(attacks(), { category, signals: plainSignals(signals) }).map(({ slug, name, coverage }) => ({
    slug,
    name,
    coverage,
  }));
}

function withAttacks(parts: CatalogueParts, tool: ToolRecord): ToolRecord {
  return { ...tool, attacks: attackLinks(parts, tool).map(({ slug }) => slug) };
}
