import { categories, type Category } from "../../policy/index.ts";
import type { Classification, Evidence, Risk, ToolDefinition } from "../record.ts";
import { descriptionEvidence, isLoud, speaksOfHarm } from "./description-evidence.ts";
import { nameEvidence } from "./name-evidence.ts";
import { parameterEvidence } from "./parameter-evidence.ts";
import { readDefinition, type ReadDefinition } from "./read-definition.ts";
import { signalsOf } from "./signals.ts";

/** The risk of each category. */
export const risks: Readonly<Record<Category, Risk>> = {
  Read: "Low",
  Write: "Medium",
  Execute: "High",
  Destructive: "Critical",
  Financial: "Critical",
};

/**
 * Pure, deterministic and bounded. The most severe category that a definition allows, with what said so. The
 * definition's text can only raise; an annotation lowers only where nothing else speaks.
 */
export function classifyTool(tool: ToolDefinition): Classification {
  const definition = readDefinition(tool);
  const evidence = gather(definition);
  const category = worstOf(evidence);
  const ordered = evidence.toSorted((a, b) => severity(b.says) - severity(a.says));
  return {
    category,
    risk: risks[category],
    confidence: confidenceOf(evidence, category),
    signals: signalsOf(definition, category),
    evidence: ordered,
    reason: reasonOf(category, ordered),
  };
}

function gather(definition: ReadDefinition): readonly Evidence[] {
  const { hints } = definition;
  const named = nameEvidence(definition);
  // Without a verb or a noun the name speaks of nothing worse than reading.
  const isReader = named.every(({ says }) => says === "Read");
  const found = [...named, ...parameterEvidence(definition, isReader)];
  const described = descriptionEvidence(definition);
  // "Run a search" is how readers are described too, so against a reader's name it takes more than running.
  const bar = severity(named.length > 0 && isReader ? "Execute" : "Write");
  const told =
    found.length === 0 ? described : described.filter(({ says, word }) => severity(says) > bar || isLoud(word));
  const spoken = [...found, ...told, ...annotationRaises(definition, named), ...unread(definition)];
  if (spoken.length > 0) return spoken;
  if (hints.get("readOnlyHint") === true && hints.get("destructiveHint") !== true && !speaksOfHarm(definition))
    return [{ place: "annotation", word: "readOnlyHint", says: "Read", because: "nothing else speaks against it" }];
  return [{ place: "nothing", word: "", says: "Write", because: "nothing in the definition says what it does" }];
}

/** What is too deep or too large to be looked at whole may hold anything. */
function unread({ isWhole }: ReadDefinition): readonly Evidence[] {
  if (isWhole) return [];
  return [{ place: "parameter", word: "", says: "Write", because: "the schema is too large to be looked at whole" }];
}

/** A hint that admits a change is believed; one that is contradicted by another says only that there is doubt. */
function annotationRaises({ hints }: ReadDefinition, named: readonly Evidence[]): readonly Evidence[] {
  const place = "annotation";
  const isReadOnly = hints.get("readOnlyHint");
  if (hints.get("destructiveHint") === true && isReadOnly !== true) {
    const because = "the server says so";
    // Many servers set it for whatever changes something: beside a verb it says no more than that.
    return [{ place, word: "destructiveHint", says: named.length === 0 ? "Destructive" : "Write", because }];
  }
  if (isReadOnly !== false) return [];
  return [{ place, word: "readOnlyHint", says: "Write", because: "the server says that it changes things" }];
}

function worstOf(evidence: readonly Evidence[]): Category {
  return evidence.reduce<Category>((worst, { says }) => (severity(says) > severity(worst) ? says : worst), "Read");
}

function severity(category: Category): number {
  return categories.indexOf(category);
}

const strength = { name: 0.8, parameter: 0.75, annotation: 0.6, description: 0.5, nothing: 0.2 } as const;

function confidenceOf(evidence: readonly Evidence[], category: Category): number {
  const deciding = evidence.filter(({ says }) => says === category);
  const strongest = Math.max(...deciding.map(({ place }) => strength[place]));
  const agreement = new Set(deciding.map(({ place }) => place)).size > 1 ? 0.15 : 0;
  const doubt = deciding.length < evidence.length ? 0.1 : 0;
  return Math.round((strongest + agreement - doubt) * 100) / 100;
}

function reasonOf(category: Category, [first]: readonly Evidence[]): string {
  if (first === undefined || first.place === "nothing")
    return `${category}, because nothing in the definition says what it does.`;
  return `${category}, because the ${first.place} says \`${first.word.slice(0, 80)}\`: ${first.because}.`;
}
