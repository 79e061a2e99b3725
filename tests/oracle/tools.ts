import type { Category } from "../../src/policy/call.ts";
import type { PolicyDocument, Rules } from "./document.ts";

/** Pure. Whether a tool pattern covers a name: `*` stands for any run of characters, all else for itself. */
export function isCovered(pattern: string, name: string): boolean {
  if (pattern === "") return name === "";
  if (pattern.startsWith("*")) {
    const rest = pattern.slice(1);
    for (let skipped = 0; skipped <= name.length; skipped++) if (isCovered(rest, name.slice(skipped))) return true;
    return false;
  }
  return name !== "" && pattern[0] === name[0] && isCovered(pattern.slice(1), name.slice(1));
}

/** Pure. Whether everything that the inner pattern covers is covered by the outer one too. */
export function isInside(inner: string, outer: string): boolean {
  return isCovered(outer, inner.replaceAll("*", "\u{10ffff}"));
}

/** The one entry that applies to a tool, with its place in the document. */
export interface Selected {
  readonly rules: Rules;
  /** RFC 6901 pointer: `/tools/refund`, `/categories/Write`. */
  readonly pointer: string;
  /** What its counters are keyed by. */
  readonly key: string;
}

/** What the document has for a tool. */
export type Selection =
  | { readonly kind: "unreviewed" }
  | { readonly kind: "none" }
  | ({ readonly kind: "entry" } & Selected);

/** Pure. The exact name, else the innermost pattern, else the category, else `"*"` (policy.md §1, Tool patterns). */
export function select(document: PolicyDocument, name: string, category: Category | undefined): Selection {
  const tools = new Map(Object.entries(document.tools ?? {}));
  const keys = [...tools.keys()].filter((key) => key !== "*" && isCovered(key, name));
  const exact = keys.find((key) => !key.includes("*"));
  const innermost = keys.find((key) => keys.every((other) => isInside(key, other)));
  const key = exact ?? innermost;
  if (key !== undefined) return entry(tools.get(key), `/tools/${escape(key)}`, `tools ${key}`);
  if (document.categories !== undefined) {
    if (category === undefined) return { kind: "unreviewed" };
    const rules = document.categories[category];
    if (rules !== undefined) return entry(rules, `/categories/${category}`, `categories ${category}`);
  }
  return tools.has("*") ? entry(tools.get("*"), "/tools/*", "tools *") : { kind: "none" };
}

function entry(rules: Rules | undefined, pointer: string, key: string): Selection {
  return { kind: "entry", rules: rules ?? {}, pointer, key };
}

/** Pure. A name as one part of an RFC 6901 pointer. */
export function escape(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}
