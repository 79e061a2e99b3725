import { nearestWord } from "../../values/suggest.ts";
import { quote } from "./quote.ts";

/** Every root of a path. `grant.tags` is always followed by a name. */
const pathRoots = [
  "args",
  "tool.name",
  "tool.category",
  "tool.signals",
  "server.name",
  "grant.id",
  "grant.label",
  "grant.owner",
  "grant.tags",
  "client.ip",
  "client.name",
  "client.version",
  "time.now",
  "time.hour",
  "time.weekday",
  "time.date",
] as const;
export type PathRoot = (typeof pathRoots)[number];

/** One step below the root. */
export type PathStep =
  | { readonly kind: "member"; readonly name: string }
  | { readonly kind: "index"; readonly index: number }
  /** `[*]` */
  | { readonly kind: "each" }
  /** `.**` */
  | { readonly kind: "tree" };

/** A parsed path. */
export interface Path {
  /** As written. */
  readonly text: string;
  readonly root: PathRoot;
  /** The steps below the root, outermost first; none for `args` alone. */
  readonly steps: readonly PathStep[];
  /** Whether it has `[*]` or `.**`. */
  readonly isMany: boolean;
  /** Whether it has `.**`. */
  readonly hasTree: boolean;
}

/** Why a text is not a path, in the words of a problem. */
export interface PathFault {
  readonly code: "PATH_SYNTAX" | "PATH_UNKNOWN_ROOT" | "PATH_FORBIDDEN_NAME" | "PATH_TREE_TWICE" | "PATH_NO_SUCH_FACT";
  readonly message: string;
  readonly hint: string;
}

const nameAt = /[^.[\]"*\s]+/uy;
const indexAt = /\[(\d{1,15})\]/y;
const quotedAt = /\[("(?:[^"\\]|\\.)*")\]/suy;
const forbiddenNames: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/** Pure. Parses a path of policy.md §2 "Paths"; a fault (it has a `code`) says what is wrong with the text. */
export function parsePath(text: string): Path | PathFault {
  const head = matchAt(nameAt, text, 0)?.[0];
  if (head === undefined) return syntaxFault(text, 0);
  const steps = parseSteps(text, head.length);
  if ("code" in steps) return steps;
  for (const step of steps) {
    if (step.kind === "member" && forbiddenNames.has(step.name)) {
      return {
        code: "PATH_FORBIDDEN_NAME",
        message: `${quote(step.name)} in the path ${quote(text)} is never read`,
        hint: "name an argument's own member",
      };
    }
  }
  if (steps.filter((step) => step.kind === "tree").length > 1) {
    return {
      code: "PATH_TREE_TWICE",
      message: `the path ${quote(text)} has more than one \`.**\``,
      hint: "keep the first `.**`",
    };
  }
  return resolveRoot(text, head, steps);
}

function parseSteps(text: string, start: number): PathStep[] | PathFault {
  const steps: PathStep[] = [];
  let at = start;
  while (at < text.length) {
    const parsed = parseStep(text, at);
    if (parsed === undefined) return syntaxFault(text, at);
    steps.push(parsed.step);
    at = parsed.end;
  }
  return steps;
}

function parseStep(text: string, at: number): { readonly step: PathStep; readonly end: number } | undefined {
  if (text.startsWith(".**", at)) return { step: { kind: "tree" }, end: at + 3 };
  if (text.startsWith("[*]", at)) return { step: { kind: "each" }, end: at + 3 };
  if (text[at] === ".") {
    const name = matchAt(nameAt, text, at + 1)?.[0];
    return name === undefined ? undefined : { step: { kind: "member", name }, end: at + 1 + name.length };
  }
  const index = matchAt(indexAt, text, at);
  if (index !== null) return { step: { kind: "index", index: Number(index[1]) }, end: at + index[0].length };
  const quoted = matchAt(quotedAt, text, at);
  const name = parseJsonString(quoted?.[1]);
  return quoted === null || name === undefined
    ? undefined
    : { step: { kind: "member", name }, end: at + quoted[0].length };
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function parseJsonString(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    return String(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function syntaxFault(text: string, at: number): PathFault {
  return {
    code: "PATH_SYNTAX",
    message: `${quote(text)} is not a path: it cannot be read from character ${at + 1} on`,
    hint: 'write steps as `.name`, `[0]`, `[*]`, `.**` or `["any text"]`, as in `args.items[*].id`',
  };
}

/** Splits the fact's own name from the steps below it. */
function resolveRoot(text: string, head: string, all: readonly PathStep[]): Path | PathFault {
  if (head === "args") return makePath(text, "args", all);
  const [first, ...steps] = all;
  const name = first?.kind === "member" ? `${head}.${first.name}` : head;
  const root = pathRoots.find((known) => known === name);
  if (root === undefined) return unknownRoot(text, head, name);
  if (root === "grant.tags" ? steps.length !== 1 || steps[0]?.kind !== "member" : !mayFollow(root, steps)) {
    return {
      code: "PATH_NO_SUCH_FACT",
      message: `there is nothing at ${quote(text)}`,
      hint: root === "grant.tags" ? "name one tag, as in `grant.tags.team`" : `write \`${root}\` alone`,
    };
  }
  return makePath(text, root, steps);
}

/** Facts are single texts and numbers; only the signals are a list (of texts). */
function mayFollow(root: PathRoot, steps: readonly PathStep[]): boolean {
  if (steps.length === 0) return true;
  return root === "tool.signals" && steps.length === 1 && steps[0]?.kind !== "member";
}

function unknownRoot(text: string, head: string, name: string): PathFault {
  const near = nearestWord(name, pathRoots) ?? nearestWord(head, ["args"]);
  return {
    code: "PATH_UNKNOWN_ROOT",
    message: `the path ${quote(text)} begins with nothing that is known`,
    hint:
      near === undefined
        ? "begin with `args`, `tool`, `server`, `grant`, `client` or `time`, as in `args.amount`"
        : `did you mean \`${near}\`?`,
  };
}

function makePath(text: string, root: PathRoot, steps: readonly PathStep[]): Path {
  const hasTree = steps.some((step) => step.kind === "tree");
  return { text, root, steps, hasTree, isMany: hasTree || steps.some((step) => step.kind === "each") };
}
