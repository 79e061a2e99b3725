import type { ArgumentSchema, Call } from "./call.ts";
import { namedArguments } from "./named-arguments.ts";

/** What one schema and one entry's rules say of argument names. */
interface ArgumentCheck {
  /** Names known to be fine, so that each is looked at once; bounded. */
  readonly fine: Set<string>;
  readonly isNamed: (name: string) => boolean;
  /** Every name that the schema or a rule names, by its folded form. */
  readonly byFold: ReadonlyMap<string, readonly string[]>;
  readonly deniesUnknown: boolean;
}

const none: readonly string[] = [];
const faultsMax = 20;

/** An agent chooses the names, so only so many and so long ones are remembered. */
const rememberedMax = 1000;
const rememberedCharactersMax = 100;

/**
 * Pure. The check of `unknown_arguments` for one entry: `ruleNames` are the top-level arguments that its rules read.
 * An argument that differs only by case from a named one is refused whatever the setting: a tool that ignores case
 * would read it, and the rule would not.
 */
export function compileArgumentCheck(
  ruleNames: ReadonlySet<string>,
  setting: "allow" | "deny" | undefined,
): (call: Call) => readonly string[] {
  const checks = new WeakMap<ArgumentSchema, ArgumentCheck>();
  let lastSchema: ArgumentSchema | undefined;
  let last = checkFor(undefined, ruleNames, setting);
  const withoutSchema = last;
  return ({ args, tool: { schema } }) => {
    if (schema !== lastSchema) {
      lastSchema = schema;
      last = schema === undefined ? withoutSchema : (checks.get(schema) ?? checkFor(schema, ruleNames, setting));
      if (schema !== undefined) checks.set(schema, last);
    }
    let faults: string[] | undefined;
    for (const name in args) {
      if (last.fine.has(name)) continue;
      const fault = faultOf(name, last);
      if (fault === undefined) {
        if (name.length <= rememberedCharactersMax && last.fine.size < rememberedMax) last.fine.add(name);
        continue;
      }
      faults ??= [];
      if (faults.length < faultsMax) faults.push(fault);
    }
    return faults ?? none;
  };
}

function checkFor(
  schema: ArgumentSchema | undefined,
  ruleNames: ReadonlySet<string>,
  setting: "allow" | "deny" | undefined,
): ArgumentCheck {
  const named = namedArguments(schema?.schema);
  const byFold = new Map<string, string[]>();
  for (const name of new Set([...named.names, ...ruleNames])) {
    const group = byFold.get(fold(name));
    if (group === undefined) byFold.set(fold(name), [name]);
    else group.push(name);
  }
  const deniesUnknown = setting === undefined ? named.isClosed : setting === "deny";
  const isNamed = (name: string): boolean => named.names.has(name) || named.matchesPattern(name);
  return { fine: new Set(), isNamed, byFold, deniesUnknown };
}

function faultOf(name: string, check: ArgumentCheck): string | undefined {
  if (check.isNamed(name)) return undefined;
  const shown = `/${name.slice(0, 100)}`;
  const twins = check.byFold.get(fold(name));
  if (twins?.some((twin) => twin !== name) === true) return `${shown}: differs by case`;
  return check.deniesUnknown ? `${shown}: unknown` : undefined;
}

/** One form for all spellings by case, also for letters that change only one way (`ſ`, the Kelvin sign). */
function fold(name: string): string {
  return name.toUpperCase().toLowerCase();
}
