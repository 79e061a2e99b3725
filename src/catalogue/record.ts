import type { Category, Signal } from "../policy/index.ts";
import type { JsonValue } from "../values/json.ts";

/** A tool as a server's `tools/list` answer defines it. All of its text is the server's, and may be hostile. */
export interface ToolDefinition {
  readonly name: string;
  readonly title?: JsonValue | undefined;
  readonly description?: JsonValue | undefined;
  readonly inputSchema?: JsonValue | undefined;
  readonly outputSchema?: JsonValue | undefined;
  readonly annotations?: JsonValue | undefined;
}

/** How much harm a tool can do; it follows the category. */
export type Risk = "Low" | "Medium" | "High" | "Critical";

/** One thing in a definition that spoke for a category. */
export interface Evidence {
  readonly place: "name" | "parameter" | "description" | "annotation" | "nothing";
  /** The word, the parameter's name or the annotation's name; `""` where nothing was found. */
  readonly word: string;
  readonly says: Category;
  /** Our words for why, a clause without full stop. */
  readonly because: string;
}

/** What the classifier makes of one definition. */
export interface Classification {
  readonly category: Category;
  readonly risk: Risk;
  /** 0 to 1: how much the evidence agrees, and how strong it is. Not a probability. */
  readonly confidence: number;
  /** In the order of the policy language's list. */
  readonly signals: readonly Signal[];
  /** What decided first. */
  readonly evidence: readonly Evidence[];
  /** One sentence of ours, made from the evidence. */
  readonly reason: string;
}

/** A definition with what the classifier makes of it. */
export interface ClassifiedTool {
  readonly definition: ToolDefinition;
  readonly classification: Classification;
}
