import type { Category, PolicyDocument, Signal } from "../policy/index.ts";
import type { JsonValue } from "../values/json.ts";
import type { OwaspCode } from "../values/owasp.ts";
import type { Finding } from "./checks/finding.ts";
import type { Grade } from "./grade.ts";
import type { Classification } from "./record.ts";
import type { Suggestion } from "./suggest-rules.ts";

/** The policy language's signals, and two of a definition itself, which no rule can name. */
export type RecordSignal = Signal | "hidden_text" | "instruction_like_text";

/** An argument of a tool. */
export interface ToolParameter {
  readonly name: string;
  /** The schema's word, several joined by ` | `; `any` where it has none. */
  readonly type: string;
  readonly required: boolean;
  readonly enum?: readonly JsonValue[];
}

/** SHA-256 digests (hex) of a definition's parts, so that a change is told from its kind without the server's text. */
export interface DefinitionDigests {
  readonly definition: string;
  readonly description: string;
  readonly schema: string;
  readonly annotations: string;
}

/** A local correction of a classification. */
export interface Override {
  readonly category: Category;
  readonly note: string;
  readonly by: string;
  /** SHA-256 (hex) of the definition that it was made for. */
  readonly definition?: string;
}

/** One tool as the catalogue knows it. Text of the server's own is in `title`, `description` and the schemas alone. */
export interface ToolRecord extends Omit<Classification, "signals"> {
  readonly name: string;
  readonly slug: string;
  readonly title?: string;
  readonly description?: string;
  readonly parameters: readonly ToolParameter[];
  readonly inputSchema?: JsonValue;
  readonly outputSchema?: JsonValue;
  readonly annotations?: JsonValue;
  readonly signals: readonly RecordSignal[];
  /** The OWASP risks that it is a way into. */
  readonly owasp: readonly OwaspCode[];
  /** The policy for this tool alone; loads as it stands. */
  readonly recommended: PolicyDocument;
  readonly suggested: readonly Suggestion[];
  /** Slugs of attacks that abuse this kind of access. */
  readonly attacks: readonly string[];
  readonly findings: readonly Finding[];
  readonly definitionTokens: number;
  readonly digests: DefinitionDigests;
  readonly override?: Override;
  /** A correction that lowered the category of another definition, and so counts no more. */
  readonly lapsed?: Override;
}

/** A package that a server is published as. */
export interface PackageReference {
  /** `npm`, `pypi`, `oci`, ... */
  readonly registry: string;
  readonly name: string;
  readonly version?: string;
}

/** How well a publisher is known, worst first. */
export const identityLevels = ["unknown", "community", "verified", "official"] as const;

/** Who publishes a server, and what says so. */
export interface Identity {
  readonly level: (typeof identityLevels)[number];
  readonly evidence: readonly string[];
}

/** What is known of a server beside its definitions. */
export interface ServerFacts {
  readonly name: string;
  readonly registryName?: string;
  readonly description?: string;
  readonly packages: readonly PackageReference[];
  /** Addresses, without user, query and fragment. */
  readonly remotes: readonly string[];
  /** Of a command that runs no package: SHA-256 of what is started, hex. */
  readonly commandSha256?: string;
  readonly repository?: string;
  readonly transport: readonly string[];
  readonly identity: Identity;
  readonly auth: "open" | "gated" | "unknown";
  /** How the definitions were learnt. */
  readonly source: "live" | "package" | "registry" | "docs";
  /** RFC 3339. */
  readonly scannedAt: string;
}

/** A prompt or a resource, by name. */
export interface EntryRecord {
  readonly kind: "prompt" | "resource";
  readonly name: string;
}

/** One server as the catalogue knows it: the same value for the command line, pages, API and MCP. */
export interface ServerRecord extends Omit<ServerFacts, "auth"> {
  readonly slug: string;
  readonly posture: {
    readonly auth: ServerFacts["auth"];
    /** Share of tools that carry annotations, 0 to 1. */
    readonly annotations: number;
  };
  readonly grade: Grade;
  readonly counts: Readonly<Record<Category, number>>;
  readonly definitionTokens: number;
  readonly tokenMethod: string;
  readonly heaviestTool: string | undefined;
  /** Riskiest first. */
  readonly tools: readonly ToolRecord[];
  readonly entries: readonly EntryRecord[];
  /** All of them, worst first, those of tools among them. */
  readonly findings: readonly Finding[];
  /** SHA-256 over all definitions, hex. */
  readonly definitionsSha256: string;
  /** SHA-256 of what the server tells models about itself, hex; absent where nobody asked the server. */
  readonly instructionsSha256?: string;
  /**
   * References (`npm:@acme/notes`, an address) that a list names for this server and under which nobody looked at it: the
   * record does not answer for them.
   */
  readonly onlyListed?: readonly string[];
}
