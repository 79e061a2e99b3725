import type { PackageReference, ServerRecord } from "./server-record.ts";

/** What a record is reached as. */
export type Reached = Pick<ServerRecord, "packages" | "remotes" | "commandSha256" | "onlyListed">;

/** Pure. A package as one text, lower case: `npm:@acme/notes`. */
export function packageReference({ registry, name }: PackageReference): string {
  // PyPI takes `My_Notes` and `my-notes` for one name.
  const plain = registry === "pypi" ? name.replaceAll(/[-_.]+/gu, "-") : name;
  return `${registry}:${plain}`.toLowerCase();
}

/** Pure. A command of this machine as one text. */
export function commandReference(commandSha256: string): string {
  return `command:${commandSha256}`;
}

/** Pure. All that a server is reached as: its packages, its addresses, its command. */
export function referencesOf({ packages, remotes, commandSha256 }: Omit<Reached, "onlyListed">): readonly string[] {
  return [
    ...packages.map(packageReference),
    ...remotes.map((address) => address.toLowerCase()),
    ...(commandSha256 === undefined ? [] : [commandReference(commandSha256)]),
  ];
}

/** Pure. What a record answers for: all references but those that only a list names. */
export function ownReferences(record: Reached): readonly string[] {
  const listed = new Set(record.onlyListed);
  return referencesOf(record).filter((reference) => !listed.has(reference));
}
