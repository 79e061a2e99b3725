/**
 * Paths of policy.md §2 "Paths": parsing, reading one value, visiting many.
 *
 * For conditions and for limits (`by`, `increment_from`, `increment_length_of`):
 *
 * 1. At load, `compilePath(text, pointer, context)` reports what is wrong with the text, or gives a `CompiledPath`.
 *    `path.isMany` says whether it has `[*]` or `.**`, `path.hasTree` whether it has `.**`; refuse those you cannot use.
 * 2. On a call, `selectOne(path, subject)` for a path that is not many, `selectAll(path, subject)` for any path. Both
 *    tell a value from an absent one and from a step on the wrong kind (`.k` on a list). Neither throws.
 */
import { isList, isObject, ownMember } from "../../values/json.ts";
import type { JsonValue } from "../../values/json.ts";
import type { ConditionContext, Subject } from "./condition.ts";
import { parsePath } from "./parse-path.ts";
import type { Path, PathStep } from "./parse-path.ts";
import { nothing, unreadable } from "./reading.ts";
import type { Reading } from "./reading.ts";
import { rootReaders } from "./roots.ts";

export { parsePath } from "./parse-path.ts";
export type { Path, PathStep } from "./parse-path.ts";

/** Called for each value a path visits; returns true to stop. */
export type Visitor = (reading: Reading | typeof nothing) => boolean;

/** A path ready to be read. */
export interface CompiledPath extends Path {
  /** RFC 6901 pointer to where the path is written. */
  readonly pointer: string;
  /** Reads the one value without allocating; {@link unreadable} for a path that is many. Pure. */
  readonly read: (subject: Subject) => Reading;
}

/** Result of {@link selectOne}. `value` may be null. */
export type Selection =
  | { readonly kind: "value"; readonly value: JsonValue }
  | { readonly kind: "absent" }
  | { readonly kind: "wrongKind" };

/** Result of {@link selectAll}. `values` is never empty and in document order; it may hold nulls. */
export type Selections =
  | { readonly kind: "values"; readonly values: readonly JsonValue[] }
  /** A list under `[*]`, or a tree under `.**`, has nothing in it; one empty inner list is enough. */
  | { readonly kind: "empty" }
  | { readonly kind: "absent" }
  | { readonly kind: "wrongKind" };

const absent = Object.freeze({ kind: "absent" });
const wrongKind = Object.freeze({ kind: "wrongKind" });
const empty = Object.freeze({ kind: "empty" });

/** A tree deeper than this is unreadable; the wire's own cap on depth is far below. */
const treeDepthMax = 512;

/**
 * Parses and compiles a path. `pointer` is the RFC 6901 pointer to its text, for the problem. Undefined after one
 * problem of severity error was reported: `PATH_SYNTAX`, `PATH_UNKNOWN_ROOT`, `PATH_FORBIDDEN_NAME`,
 * `PATH_TREE_TWICE` or `PATH_NO_SUCH_FACT`.
 */
export function compilePath(
  text: string,
  pointer: string,
  context: Pick<ConditionContext, "report">,
): CompiledPath | undefined {
  const path = parsePath(text);
  if ("code" in path) {
    context.report({ severity: "error", path: pointer, ...path });
    return undefined;
  }
  return { ...path, pointer, read: compileRead(path) };
}

/** Pure. The one value of a path without `[*]` and `.**` (a path with them is `wrongKind`). */
export function selectOne(path: CompiledPath, subject: Subject): Selection {
  const reading = path.read(subject);
  if (reading === undefined) return absent;
  return reading === unreadable ? wrongKind : { kind: "value", value: reading };
}

/**
 * Pure. Every value of a path, one for a path that is not many. All or none: an element that lacks the rest of the path
 * makes the whole `absent`, one of the wrong kind `wrongKind`; after `.**` they are passed over instead.
 */
export function selectAll(path: CompiledPath, subject: Subject): Selections {
  const values: JsonValue[] = [];
  let fault: Selections | undefined;
  visitAll(path, subject, false, (reading) => {
    if (reading === nothing) fault = empty;
    else if (reading === undefined) fault = absent;
    else if (reading === unreadable) fault = wrongKind;
    else values.push(reading);
    return fault !== undefined;
  });
  return fault ?? { kind: "values", values };
}

/**
 * Visits every value of a path in document order, at least one reading, until the visitor returns true. An empty list
 * under `[*]` is one {@link nothing}; a tree in which nothing is visited too. `passOver` leaves numbers, booleans and
 * null out of trees (policy.md §2: where one match is enough and the right side is text).
 */
export function visitAll(path: CompiledPath, subject: Subject, passOver: boolean, visitor: Visitor): void {
  const root = rootReaders[path.root](subject);
  if (root === unreadable) visitor(unreadable);
  else follow({ steps: path.steps, passOver, visitor, isStopped: false, visited: 0, passed: 0 }, root, 0, false);
}

function compileRead(path: Path): (subject: Subject) => Reading {
  const { steps } = path;
  const readRoot = rootReaders[path.root];
  if (path.isMany) return () => unreadable;
  const [first, second] = steps;
  if (first === undefined) return readRoot;
  if (path.root === "args" && second === undefined && first.kind === "member") {
    const { name } = first;
    return ({ call: { args } }) => (Object.hasOwn(args, name) ? args[name] : undefined);
  }
  return (subject) => {
    let reading = readRoot(subject);
    for (const step of steps) {
      if (reading === undefined || reading === unreadable) return reading;
      reading = take(reading, step);
    }
    return reading;
  };
}

/** One step down by name or number. */
function take(value: JsonValue, step: PathStep): Reading {
  if (step.kind === "member") return isObject(value) ? ownMember(value, step.name) : unreadable;
  return step.kind === "index" && isList(value) ? value[step.index] : unreadable;
}

/** The state of one visit. */
interface Walk {
  readonly steps: readonly PathStep[];
  readonly passOver: boolean;
  readonly visitor: Visitor;
  isStopped: boolean;
  /** How many readings the visitor has had. */
  visited: number;
  /** How many values were passed over for their type. */
  passed: number;
}

function visit(walk: Walk, reading: Reading | typeof nothing): void {
  walk.visited += 1;
  walk.isStopped = walk.visitor(reading);
}

/** Takes the steps from `at` on. Inside a tree a step that does not fit is passed over. */
function follow(walk: Walk, start: JsonValue | undefined, at: number, inTree: boolean): void {
  let value = start;
  for (let i = at; value !== undefined; i += 1) {
    const step = walk.steps[i];
    if (step === undefined) break;
    if (step.kind === "each") return followEach(walk, value, i + 1, inTree);
    if (step.kind === "tree") return followTree(walk, value, i + 1);
    const reading = take(value, step);
    if (inTree && (reading === undefined || reading === unreadable)) return;
    if (reading === unreadable) return visit(walk, unreadable);
    value = reading;
  }
  const isPassedOver =
    inTree && walk.passOver && (value === null || typeof value === "number" || typeof value === "boolean");
  if (isPassedOver) walk.passed += 1;
  else visit(walk, value);
}

/** A list of which all was passed over for its type has nothing to test, as an empty one. */
function followEach(walk: Walk, value: JsonValue, next: number, inTree: boolean): void {
  if (!isList(value)) {
    if (!inTree) visit(walk, unreadable);
    return;
  }
  const { visited, passed } = walk;
  for (const item of value) {
    follow(walk, item, next, inTree);
    if (walk.isStopped) return;
  }
  if (value.length === 0 || (walk.visited === visited && walk.passed > passed)) visit(walk, nothing);
}

function followTree(walk: Walk, value: JsonValue, next: number): void {
  const before = walk.visited;
  descend(walk, value, next, 0);
  if (walk.visited === before) visit(walk, nothing);
}

/** The value itself, then all below it. Under a last `.**` lists and objects are walked but not visited. */
function descend(walk: Walk, value: JsonValue, next: number, depth: number): void {
  if (depth > treeDepthMax) return visit(walk, unreadable);
  const isBranch = typeof value === "object" && value !== null;
  if (!isBranch || next < walk.steps.length) follow(walk, value, next, true);
  if (!isBranch) return;
  const children = isList(value) ? value : Object.values(value);
  for (const child of children) {
    if (walk.isStopped) return;
    descend(walk, child, next, depth + 1);
  }
}
