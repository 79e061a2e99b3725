import type { JsonValue } from "../../src/values/json.ts";
import { isListValue, isObjectValue } from "./plain.ts";

/** A step of a path (policy.md §2, Paths). */
export type Step =
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "index"; readonly index: number }
  | { readonly kind: "each" }
  | { readonly kind: "tree" };

/** Pure. The steps of a valid path, its root as the first name. */
export function parsePath(path: string): readonly Step[] {
  const steps: Step[] = [];
  let rest = `.${path}`;
  while (rest !== "") {
    const match = /^(?:(\.\*\*)|\.([^.[\]"*\s]+)|(\[\*\])|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\])/.exec(rest);
    if (match === null) throw new Error(`not a path: ${path}`);
    const [whole, tree, name, each, digits, quoted] = match;
    if (tree !== undefined) steps.push({ kind: "tree" });
    else if (name !== undefined) steps.push({ kind: "name", name });
    else if (each !== undefined) steps.push({ kind: "each" });
    else if (digits !== undefined) steps.push({ kind: "index", index: Number(digits) });
    else steps.push({ kind: "name", name: String(JSON.parse(quoted ?? '""')) });
    rest = rest.slice(whole.length);
  }
  return steps;
}

/** Pure. The top-level argument that a path names, or undefined: `amount` for `args.amount[0]`. */
export function argumentNamedBy(path: string): string | undefined {
  const [root, first] = parsePath(path);
  const isArgument = root?.kind === "name" && root.name === "args";
  return isArgument && first?.kind === "name" ? first.name : undefined;
}

/** What stands where a path leads: a value, nothing, or something that the step before could not be taken on. */
export type Place =
  | { readonly kind: "value"; readonly value: JsonValue }
  | { readonly kind: "absent" }
  | { readonly kind: "unreadable" };

/**
 * What a path leads to. `one` is a single place; `many` are the elements of a list or of a tree, each of which may
 * branch again; `passed over` is a value under `.**` that a later step does not fit.
 */
export type Reach =
  | { readonly kind: "one"; readonly place: Place; readonly isInTree: boolean }
  | { readonly kind: "many"; readonly members: readonly Reach[] }
  | { readonly kind: "passed over" };

/** Pure. Everything a path reaches from a value. */
export function follow(value: JsonValue, steps: readonly Step[], isInTree: boolean): Reach {
  const [step, ...rest] = steps;
  if (step === undefined) return { kind: "one", place: { kind: "value", value }, isInTree };
  switch (step.kind) {
    case "name":
      if (!isObjectValue(value)) return misfit(isInTree);
      return Object.hasOwn(value, step.name) ? follow(value[step.name] ?? null, rest, isInTree) : nothing(isInTree);
    case "index":
      if (!isListValue(value)) return misfit(isInTree);
      return step.index < value.length ? follow(value[step.index] ?? null, rest, isInTree) : nothing(isInTree);
    case "each":
      if (!isListValue(value)) return misfit(isInTree);
      return branch(
        value,
        value.map((element) => follow(element, rest, isInTree)),
        isInTree,
      );
    case "tree": {
      const nodes = allBelow(value).filter((node) => rest.length > 0 || !(isListValue(node) || isObjectValue(node)));
      return { kind: "many", members: nodes.map((node) => follow(node, rest, true)) };
    }
  }
}

/** Pure. The value itself and every member and element below it. */
function allBelow(value: JsonValue): readonly JsonValue[] {
  if (isListValue(value)) return [value, ...value.flatMap(allBelow)];
  if (isObjectValue(value)) return [value, ...Object.values(value).flatMap(allBelow)];
  return [value];
}

/** An empty list under `.**` is still an empty list; one whose elements were all passed over was itself passed over. */
function branch(list: readonly JsonValue[], members: readonly Reach[], isInTree: boolean): Reach {
  const isAllPassedOver = list.length > 0 && members.every((member) => member.kind === "passed over");
  return isInTree && isAllPassedOver ? { kind: "passed over" } : { kind: "many", members };
}

function misfit(isInTree: boolean): Reach {
  return isInTree ? { kind: "passed over" } : { kind: "one", place: { kind: "unreadable" }, isInTree };
}

function nothing(isInTree: boolean): Reach {
  return isInTree ? { kind: "passed over" } : { kind: "one", place: { kind: "absent" }, isInTree };
}
