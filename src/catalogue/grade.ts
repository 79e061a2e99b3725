import { isObject } from "../values/json.ts";
import { type Finding, isAtLeast } from "./checks/finding.ts";
import type { ClassifiedTool } from "./record.ts";

/** One line of a grade's arithmetic. */
export interface Deduction {
  /** Whole points taken off 100. */
  readonly points: number;
  readonly because: string;
}

/** How much care a list of tools asks for, and why. */
export interface Grade {
  readonly letter: "A" | "B" | "C" | "D" | "F";
  /** 100 less the deductions, not below 0. */
  readonly points: number;
  readonly deductions: readonly Deduction[];
  /** What the list takes of a context window, by `tokenMethod`. */
  readonly definitionTokens: number;
  readonly tokenMethod: string;
  readonly heaviestTool: string | undefined;
}

const charactersPerToken = 4;
const freeTokens = 5_000;
const tokensPerPoint = 1_000;
const pointsPerFinding = 15;

/**
 * Pure. The grade of a server's tools: A from 90 points, B from 80, C from 70, D from 60, else F. `findings` are those of
 * its definitions.
 */
export function gradeTools(tools: readonly ClassifiedTool[], findings: readonly Finding[] = []): Grade {
  const costs = tools.map(({ definition }) => ({ name: definition.name, tokens: tokensOf(definition) }));
  const definitionTokens = costs.reduce((sum, { tokens }) => sum + tokens, 0);
  const count = (test: (tool: ClassifiedTool) => boolean): number => tools.filter((tool) => test(tool)).length;
  const shareOf = (most: number, found: number, what: string): Deduction => ({
    points: tools.length === 0 ? 0 : Math.ceil((most * found) / tools.length),
    because: `${found} of ${tools.length} tools ${what} (at most ${most} points, by their share)`,
  });
  const overweight = Math.min(20, Math.ceil(Math.max(0, definitionTokens - freeTokens) / tokensPerPoint));
  const grave = findings.filter(({ severity }) => isAtLeast(severity, "high")).length;
  const deductions = [
    {
      points: Math.min(45, pointsPerFinding * grave),
      because: `${grave} findings of high severity in the definitions (${pointsPerFinding} points each, at most 45)`,
    },
    shareOf(
      40,
      count(({ classification }) => classification.risk === "Critical"),
      "destroy or spend",
    ),
    shareOf(
      20,
      count(({ classification }) => classification.category === "Execute"),
      "run something",
    ),
    shareOf(
      10,
      count(({ definition }) => !isObject(definition.annotations)),
      "carry no annotations",
    ),
    shareOf(
      10,
      count(({ definition }) => !isObject(definition.inputSchema)),
      "have no input schema",
    ),
    {
      points: overweight,
      because: `${definitionTokens} tokens of definitions (a point for each ${tokensPerPoint} over ${freeTokens}, at most 20)`,
    },
  ].filter(({ points }) => points > 0);
  const points = Math.max(0, 100 - deductions.reduce((sum, deduction) => sum + deduction.points, 0));
  return {
    letter: letterOf(points),
    points,
    deductions,
    definitionTokens,
    tokenMethod: `characters of the definition as compact JSON, divided by ${charactersPerToken}`,
    heaviestTool: costs.toSorted((a, b) => b.tokens - a.tokens)[0]?.name,
  };
}

/** Pure. What a definition takes of a context window, estimated. */
export function tokensOf(definition: ClassifiedTool["definition"]): number {
  return Math.ceil(JSON.stringify(definition).length / charactersPerToken);
}

function letterOf(points: number): Grade["letter"] {
  if (points >= 90) return "A";
  if (points >= 80) return "B";
  if (points >= 70) return "C";
  return points >= 60 ? "D" : "F";
}
