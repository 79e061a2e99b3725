import type { LimitWindow } from "../values/admission.ts";
import type { Decimal } from "../values/decimal.ts";
import type { Call } from "./call.ts";
import type { CompiledLimit, CompiledPolicy } from "./compiled.ts";

/** Where a limit of a policy counts for one caller. */
export interface CounterPlace {
  /** Pointer to the limit. */
  readonly rule: string;
  /** Its name, for people. */
  readonly counter: string;
  readonly family: string;
  /** Whose calls count together. */
  readonly scope: CounterScope;
  readonly window: LimitWindow;
  /** For people: `minute`, `15m`, `day`, `in flight`. */
  readonly windowText: string;
  readonly max: Decimal;
  /** Whether there is a counter for each value of an argument. */
  readonly hasBy: boolean;
}

/** Whose calls count together: kind and value. */
export interface CounterScope {
  readonly kind: string;
  readonly value: string;
}

/**
 * Pure. Where each limit of a policy counts for this caller; limits that count in a session are left out, as nobody can
 * tell which sessions there are. In no order.
 */
export function counterPlaces(
  policy: CompiledPolicy,
  caller: Pick<Call, "organisation" | "server" | "grant">,
): readonly CounterPlace[] {
  const tool = { name: "", isListed: true, isChanged: false, review: undefined, schema: undefined };
  const client = { ip: undefined, name: undefined, version: undefined };
  // With some session, so that what counts in one can be told from what counts for the grant.
  const call: Call = { ...caller, client, session: "session", tool, args: {} };
  const limits = new Map(limitsOf(policy).map((limit) => [limit.pointer, limit]));
  return [...limits.values()].map((limit) => placeOf(limit, call)).filter(({ scope }) => scope.kind !== "session");
}

function limitsOf({ tools, categories, everyTool, unselected }: CompiledPolicy): readonly CompiledLimit[] {
  const entries = [...tools.values(), ...(categories?.values() ?? []), everyTool, unselected];
  return entries.flatMap((entry) => (entry?.kind === "rules" ? entry.limits : []));
}

function placeOf({ pointer, counter, window, windowText, standing }: CompiledLimit, call: Call): CounterPlace {
  const { family, max, liveKeysMax } = standing(call);
  const parts = readFamily(family);
  return {
    rule: pointer,
    counter,
    family,
    scope: { kind: String(parts.at(-2)), value: String(parts.at(-1)) },
    window,
    windowText,
    max,
    hasBy: liveKeysMax !== undefined,
  };
}

/** A counter's key: a JSON list of texts, and after it, for a `by`, a value as JSON text (policy.md §5). */
const keyPattern = /^(\[(?:"(?:[^"\\]|\\.)*",?)*\])("(?:[^"\\]|\\.)*")?$/;

/** Pure. A counter's key taken apart, with the `by` value if it has one; undefined for what is no counter's key. */
export function readCounterKey(key: string): { readonly family: string; readonly by: string | undefined } | undefined {
  const [, family, by] = keyPattern.exec(key) ?? [];
  if (family === undefined || readFamily(family).length < familyPartsMin) return undefined;
  return { family, by: by === undefined ? undefined : String(readJson(by)) };
}

/** Organisation, rule, counter, window, scope kind and value; between the first two the server, unless all share it. */
const familyPartsMin = 6;

function readFamily(family: string): readonly string[] {
  const parts = readJson(family);
  return Array.isArray(parts) ? parts.map(String) : [];
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
