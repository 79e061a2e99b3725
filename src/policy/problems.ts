import type { Problem } from "../errors.ts";
import type { PolicyProblemCode } from "./problem-codes.ts";
import { toPointer } from "../values/pointer.ts";
import { offsetOf } from "./text-node.ts";
import type { TextFault, TextNode } from "./text-node.ts";

/** A problem as the compiler reports it: by pointer, still without line and column. */
export interface FoundProblem {
  readonly severity: "error" | "warning";
  readonly code: PolicyProblemCode;
  readonly message: string;
  /** RFC 6901 pointer. */
  readonly path: string;
  readonly hint: string;
  /** Which end of the member the line and column are of. Default `value`. */
  readonly at?: "key" | "value";
}

/** Where a compiling step reports to. */
export type Report = (problem: FoundProblem) => void;

/** Collects the problems of one text and gives each its place. Problems are at most 1,000; the rest is left out. */
export class ProblemList {
  readonly #problems: Problem[] = [];
  readonly #lineStarts: readonly number[];
  readonly #file: string | undefined;
  readonly #faultyPaths = new Set<string>();
  #root: TextNode | undefined;

  constructor(text: string, file: string | undefined) {
    this.#lineStarts = findLineStarts(text);
    this.#file = file;
  }

  /** The document that pointers are looked up in from now on. */
  set root(root: TextNode | undefined) {
    this.#root = root;
  }

  /** Adds a fault of the text. */
  addFault(fault: TextFault): void {
    const path = toPointer(fault.steps);
    this.#faultyPaths.add(path);
    this.#add("error", fault.code, fault.message, path, fault.hint, fault.offset);
  }

  /**
   * Adds a problem of the document; `code` may be one of the conditions' own. Left out where the text itself has a
   * fault at the same place, which is then what to mend.
   */
  add(problem: Omit<FoundProblem, "code"> & { readonly code: string }): void {
    if (this.#faultyPaths.has(problem.path)) return;
    const steps = fromPointer(problem.path);
    const offset = this.#root === undefined ? 0 : offsetOf(this.#root, steps, problem.at ?? "value");
    this.#add(problem.severity, problem.code, problem.message, problem.path, problem.hint, offset);
  }

  /** Whether a document with these problems must not be used. */
  get hasError(): boolean {
    return this.#problems.some((problem) => problem.severity === "error");
  }

  /** The problems by place; at one place errors come first. */
  sorted(): readonly Problem[] {
    return this.#problems.toSorted(
      (a, b) =>
        a.line - b.line ||
        a.column - b.column ||
        compareText(a.severity, b.severity) ||
        compareText(a.path, b.path) ||
        compareText(a.code, b.code),
    );
  }

  #add(severity: "error" | "warning", code: string, message: string, path: string, hint: string, offset: number): void {
    if (this.#problems.length >= 1000 && severity === "warning") return;
    const { line, column } = this.#placeOf(offset);
    this.#problems.push({
      severity,
      code,
      message,
      ...(this.#file === undefined ? {} : { file: this.#file }),
      line,
      column,
      path,
      hint,
    });
  }

  #placeOf(offset: number): { readonly line: number; readonly column: number } {
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.#lineStarts[low] ?? 0) + 1 };
  }
}

function findLineStarts(text: string): readonly number[] {
  const starts = [0];
  for (const match of text.matchAll(/\r\n|\n|\r/g)) starts.push(match.index + match[0].length);
  return starts;
}

function fromPointer(pointer: string): readonly string[] {
  if (pointer === "") return [];
  return pointer
    .slice(1)
    .split("/")
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
