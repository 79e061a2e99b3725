import { looseName, splitsOneWay } from "../protocol/exposed-name.ts";
import type { InputProblem } from "./control-context.ts";

const plainName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Names that are addresses of the gateway's own. */
const reserved: ReadonlySet<string> = new Set(["catalogue"]);

/** Names of devices on Windows, where a file of that name is none; never a folder's or a file's. */
const device = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/** Pure. Why a server may not be called that, or undefined: the same rules as in the operator's files. */
export function serverNameProblem(name: string): Omit<InputProblem, "path"> | undefined {
  // Where servers share one address, `<server>__<tool>` must split in one way, also for clients that read it loosely.
  if (isPlain(name) && splitsOneWay(name) && !reserved.has(name)) return undefined;
  return {
    message: `\`${name.slice(0, 80)}\` cannot name a server`,
    hint: "use letters, digits, `.`, and single `-` and `_` between them (no `__` or `--`, not `catalogue`)",
  };
}

/** Pure. Why a policy may not be called that, or undefined. */
export function policyNameProblem(name: string): Omit<InputProblem, "path"> | undefined {
  if (isPlain(name)) return undefined;
  return { message: `\`${name.slice(0, 80)}\` cannot name a policy`, hint: "use letters, digits, `.`, `-` and `_`" };
}

function isPlain(name: string): boolean {
  return plainName.test(name) && !device.test(name);
}

/** Pure. One of these names that clients cannot tell from `name`, or undefined. */
export function alikeName(name: string, others: Iterable<string>): string | undefined {
  return [...others].find((other) => looseName(other) === looseName(name));
}
