import type { Problem } from "../errors.ts";
import { toPointer } from "../values/pointer.ts";
import { offsetOf } from "./text-node.ts";
import type { TextFault, TextNode } from "./text-node.ts";

/** A problem as it is found: by pointer, still without line and column. */
export interface FoundProblem<Code extends string = string> {
  readonly severity: "error" | "warning";
  readonly code: Code;
  readonly message: string;
  /** RFC 6901 pointer. */
  readonly path: string;
  readonly hint: string;
  /** Which end of the member the line and column are of. Default `value`. */
  readonly at?: "key" | "value";
}

/** A problem whose place is still an offset. */
type PlacedProblem = Omit<Problem, "line" | "column" | "file"> & { readonly offset: number };

/** At most this many warnings are kept; errors always are. */
const problemsMax = 1000;

/** Collects the problems of one text and gives each its place. */
export class ProblemList {
  readonly #problems: PlacedProblem[] = [];
  readonly #text: string;
  readonly #file: string | undefined;
  readonly #faultyPaths = new Set<string>();
  #root: TextNode | undefined;

  constructor(text: string, file: string | undefined) {
    this.#text = text;
    this.#file = file;
  }

  /** The document that pointers are looked up in from now on. */
  set root(root: TextNode | undefined) {
    this.#root = root;
  }

  /** Adds a fault of the text. */
  addFault({ code, message, hint, offset, steps }: TextFault): void {
    const path = toPointer(steps);
    this.#faultyPaths.add(path);
    this.#problems.push({ severity: "error", code, message, path, hint, offset });
  }

  /** Adds a problem. Left out where the text itself has a fault at the same place, which is then what to mend. */
  add({ severity, code, message, path, hint, at }: FoundProblem): void {
    if (this.#faultyPaths.has(path)) return;
    if (severity === "warning" && this.#problems.length >= problemsMax) return;
    const offset = this.#root === undefined ? 0 : offsetOf(this.#root, fromPointer(path), at ?? "value");
    this.#problems.push({ severity, code, message, path, hint, offset });
  }

  /** Whether a document with these problems must not be used. */
  get hasError(): boolean {
    return this.#problems.some((problem) => problem.severity === "error");
  }

  /** The problems by place; at one place errors come first. */
  sorted(): readonly Problem[] {
    const places = new LinePlaces(this.#text);
    const file = this.#file === undefined ? {} : { file: this.#file };
    return this.#problems
      .toSorted(comparePlaces)
      .map(({ offset, ...problem }) => ({ ...problem, ...file, ...places.placeOf(offset) }));
  }
}

function comparePlaces(a: PlacedProblem, b: PlacedProblem): number {
  return (
    a.offset - b.offset ||
    compareText(a.severity, b.severity) ||
    compareText(a.path, b.path) ||
    compareText(a.code, b.code)
  );
}

/** Turns offsets that only rise into lines and columns, in one walk over the text. */
class LinePlaces {
  readonly #ends: Iterator<RegExpExecArray>;
  #next: IteratorResult<RegExpExecArray>;
  #line = 1;
  #lineStart = 0;

  constructor(text: string) {
    this.#ends = text.matchAll(/\r\n|\n|\r/g);
    this.#next = this.#ends.next();
  }

  placeOf(offset: number): { readonly line: number; readonly column: number } {
    while (this.#next.done !== true) {
      const start = this.#next.value.index + this.#next.value[0].length;
      if (start > offset) break;
      this.#line += 1;
      this.#lineStart = start;
      this.#next = this.#ends.next();
    }
    return { line: this.#line, column: offset - this.#lineStart + 1 };
  }
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
