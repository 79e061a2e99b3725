import type { Category, CompiledPolicy, Signal } from "../policy/index.ts";
import type { JsonObject, JsonValue } from "../values/json.ts";
import type { OwaspCode } from "../values/owasp.ts";

/** What an attack works through. */
export const attackCategories = [
  "protocol",
  "metadata",
  "tool result",
  "supply chain",
  "agent behaviour",
  "data theft",
  "money",
] as const;
export type AttackCategory = (typeof attackCategories)[number];

/** How far a policy at the gateway stops an attack: every step of its replay, some, or none. */
export const coverages = ["full", "partial", "none"] as const;
export type Coverage = (typeof coverages)[number];

/** Where a fact about an attack comes from. */
export interface AttackSource {
  readonly title: string | undefined;
  readonly url: string;
  /** When what it tells of happened or became known: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`. */
  readonly date: string;
}

/** The sections of an entry, in their order, by heading. */
export const sectionHeadings = {
  summary: "Summary",
  how: "How it works",
  happened: "What happened",
  notice: "How to notice it",
  policy: "The policy that stops it",
  remains: "What remains",
} as const;
export type SectionName = keyof typeof sectionHeadings;

/** One attack of the database, ready to be shown and played. */
export interface Attack {
  /** Kebab-case; its files are named after it. */
  readonly slug: string;
  readonly name: string;
  readonly category: AttackCategory;
  /** The kinds of tools it abuses. Neither list is empty. */
  readonly abuses: { readonly categories: readonly Category[]; readonly signals: readonly Signal[] };
  readonly coverage: Coverage;
  /** The OWASP risks that it is a case of; often several, seldom none. */
  readonly owasp: readonly OwaspCode[];
  readonly sources: readonly AttackSource[];
  /** Markdown, without the heading. */
  readonly sections: Readonly<Record<SectionName, string>>;
  /** The policy document of the entry as text, and compiled. */
  readonly policyText: string;
  readonly policy: CompiledPolicy;
  readonly replay: Replay;
}

/** What a server can ask of the client in the middle of a call: a door of the policy. */
export const asks = ["sampling", "elicitation", "roots"] as const;
export type Ask = (typeof asks)[number];

/** A tool of the hostile server. */
export interface ReplayTool {
  /** The name of the second server that it is on; undefined for the hostile one that the policy is about. */
  readonly server: string | undefined;
  /** Unique among all servers of the replay; a later definition may have the name of one before. */
  readonly name: string;
  /** Whether the server shows it only after the first call of a tool: it takes the place of one of that name. */
  readonly isLater: boolean;
  readonly title: string | undefined;
  readonly description: string | undefined;
  readonly inputSchema: JsonObject;
  readonly annotations: JsonObject | undefined;
  /** The text it answers with. */
  readonly result: string;
  readonly isError: boolean;
  /** What it asks of the client in its answer, instead of that text. */
  readonly asks: Ask | undefined;
}

/** Headers that mirror a message's body, by their names (MCP 2026-07-28, Transports §Headers). */
export interface SentHeaders {
  readonly "mcp-protocol-version"?: string;
  readonly "mcp-method"?: string;
  readonly "mcp-name"?: string;
}

/** One thing the agent does; `send` is a message that no well-behaved client makes, as it goes out. The last of `repeat` equal calls is the one that is expected something of. */
export type ReplayAction =
  | { readonly kind: "call"; readonly tool: string; readonly args: JsonObject; readonly repeat: number }
  | { readonly kind: "see"; readonly tool: string }
  | { readonly kind: "ask"; readonly tool: string; readonly door: Ask }
  | { readonly kind: "read"; readonly uri: string }
  | { readonly kind: "prompt"; readonly prompt: string }
  | { readonly kind: "send"; readonly text: string; readonly headers: SentHeaders };

/** What a policy makes of a step: it goes through, or what stops it (policy.md §4). */
export type Judgement =
  | { readonly kind: "passed" }
  | { readonly kind: "stopped"; readonly code: string; readonly rule: string };

/** What came of a step. `failed`: nothing stopped it, and nothing was done; the server says why, in `message`. */
export type StepOutcome = Judgement | { readonly kind: "failed"; readonly message: string };

/** What comes of looking for a tool in a list that does not hold it. */
export const notListed: Judgement = { kind: "stopped", code: "not_listed", rule: "(list)" };

/** The rule of what stops a message that is no unambiguous one: the gateway itself, whatever the policy. */
export const messageRule = "(message)";

/** Pure. Whether the gateway itself stops a step, with any policy and with none. */
export function isStoppedByGateway({ expected }: Pick<ReplayStep, "expected">): boolean {
  return expected.kind === "stopped" && expected.rule === messageRule;
}

/**
 * A step of a replay: `bait` is a harmless call by which hostile text comes in, `attack` does or would do the harm,
 * `work` is what the agent is there for and must go through.
 */
export interface ReplayStep {
  readonly role: "bait" | "attack" | "work";
  /** What happens, in our words. */
  readonly says: string;
  readonly action: ReplayAction;
  readonly expected: Judgement;
  /** Why an attack goes through; "" for all other steps. */
  readonly because: string;
}

/** What a hostile server has. */
export interface HostileServer {
  readonly tools: readonly ReplayTool[];
  /** URI to text. */
  readonly resources: Readonly<Record<string, string>>;
  /** Name to text. */
  readonly prompts: Readonly<Record<string, string>>;
}

/** A hostile little server, perhaps beside others that the same agent uses, and what an agent that was taken in by it does. */
export interface Replay extends HostileServer {
  readonly grant: { readonly owner: string | undefined; readonly tags: Readonly<Record<string, string>> };
  readonly steps: readonly ReplayStep[];
}

/** A tool of the hostile server as it stands in its `tools/list` answer. Pure. */
export function definitionOf({ name, title, description, inputSchema, annotations }: ReplayTool): JsonObject {
  const optional: Readonly<Record<string, JsonValue | undefined>> = { title, description, annotations };
  const given = Object.entries(optional).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]]));
  return { name, ...Object.fromEntries(given), inputSchema };
}

/** The second server that an action is for; undefined for the one that the policy is about. Pure. */
export function serverOf({ tools }: Replay, action: ReplayAction): string | undefined {
  return "tool" in action ? tools.find(({ name }) => name === action.tool)?.server : undefined;
}

/** The names of the servers beside the one that the policy is about. Pure. */
export function otherServers({ tools }: Replay): readonly string[] {
  return [...new Set(tools.flatMap(({ server }) => (server === undefined ? [] : [server])))];
}

/** The tools as their servers list them, before the first call of a tool or after it. Pure. */
export function toolsListed({ tools }: HostileServer, isAfterCall: boolean): readonly ReplayTool[] {
  const first = tools.filter(({ isLater }) => !isLater);
  if (!isAfterCall) return first;
  const later = tools.filter(({ isLater }) => isLater);
  return [...first.filter(({ name }) => !later.some((tool) => tool.name === name)), ...later];
}
