import { foldCase } from "./fold.ts";

/** What stands between a server's name and its tool's, where several servers share one address. */
const separator = "__";

/** Pure. The name under which a server's tool is shown where several servers share one address. */
export function exposedName(server: string, tool: string): string {
  return `${server}${separator}${tool}`;
}

/**
 * Pure. The server and the tool that a shown name stands for, split at the first `__`; undefined when it has none. It is
 * the inverse of {@link exposedName} for every server whose name {@link splitsOneWay}.
 */
export function splitExposedName(name: string): { readonly server: string; readonly tool: string } | undefined {
  const at = name.indexOf(separator);
  return at <= 0 ? undefined : { server: name.slice(0, at), tool: name.slice(at + separator.length) };
}

/** Pure. A name as clients see it that ignore case or write `-` as `_`: names that are equal here cannot be told apart. */
export function looseName(name: string): string {
  return foldCase(name).replaceAll("-", "_");
}

/** Pure. Whether names shown for a server split in one way only, even where they are read loosely. */
export function splitsOneWay(server: string): boolean {
  const loose = looseName(server);
  return !loose.includes(separator) && !loose.endsWith("_");
}

/** Pure. Those names that are the same as another of them by {@link looseName}. */
export function alikeNames(names: readonly string[]): ReadonlySet<string> {
  const seen = new Map<string, string>();
  const alike = new Set<string>();
  for (const name of names) {
    const loose = looseName(name);
    const other = seen.get(loose);
    seen.set(loose, name);
    if (other === undefined || other === name) continue;
    alike.add(other);
    alike.add(name);
  }
  return alike;
}
