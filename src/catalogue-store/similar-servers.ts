import type { ServerRecord } from "../catalogue/server-record.ts";
import { categories } from "../policy/index.ts";
import type { CatalogueStore, ServerHit } from "./catalogue-store.ts";

const similarMax = 6;
const candidatesMax = 12;
const wordsMax = 6;
/** Tools and servers that are looked at for each word. */
const hitsMax = 100;

/**
 * Servers whose tools, or who themselves, are called alike: the words that most tools of a server share are looked for
 * among all tools, and a word counts the more the fewer servers have it. Among equals those with the same kinds of tools
 * come first. Two dozen searches at most.
 */
export function similarServers(store: CatalogueStore, record: ServerRecord): readonly ServerHit[] {
  const scores = new Map<string, number>();
  const count = (servers: readonly string[], weight: number): void => {
    const others = new Set(servers.filter((server) => server !== record.slug));
    for (const server of others) scores.set(server, (scores.get(server) ?? 0) + weight / others.size);
  };
  const words = tellingWords(record.tools.map(({ name }) => name));
  for (const [text, share] of words)
    count(
      store.searchTools({ text, limit: hitsMax }).items.map(({ server }) => server),
      share,
    );
  for (const [text] of tellingWords([record.name]))
    count(
      store.searchServers({ text, limit: hitsMax }).items.map(({ slug }) => slug),
      1,
    );
  const best = [...scores].toSorted(([, a], [, b]) => b - a).slice(0, candidatesMax);
  return best
    .flatMap(([slug, score]) => {
      const [hit] = store.searchServers({ text: slug, limit: 1 }).items;
      // Who has hundreds of tools shares some word with everybody.
      const worth = hit === undefined ? 0 : score / Math.sqrt(hit.tools + 1);
      return hit?.slug === slug ? [{ hit, worth, kinds: sameKinds(hit, record) }] : [];
    })
    .toSorted((a, b) => b.worth - a.worth || b.kinds - a.kinds)
    .slice(0, similarMax)
    .map(({ hit }) => hit);
}

function sameKinds({ counts }: ServerHit, record: ServerRecord): number {
  return categories.filter((category) => counts[category] > 0 === record.counts[category] > 0).length;
}

/** The words that most of the names have, with the share of names that do; not those that servers of all kinds use. */
function tellingWords(names: readonly string[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const name of names) for (const word of wordsOf(name)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, wordsMax)
    .map(([word, times]) => [word, times / names.length]);
}

function wordsOf(name: string): ReadonlySet<string> {
  const words = name
    .replaceAll(/(?<=[a-z0-9])(?=[A-Z])/gu, " ")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u);
  // The plural finds the singular, as words are looked for anywhere in a name.
  const plain = words.map((word) => (/[^s]s$/u.test(word) ? word.slice(0, -1) : word));
  return new Set(plain.filter((word) => word.length > 2 && !commonWords.has(word)));
}

const commonWords: ReadonlySet<string> = new Set(
  [
    "mcp server the modelcontextprotocol com dev api local info detail data item name and for with all from new",
    "get list create update delete remove add set search find fetch read write edit run send show check",
  ].flatMap((line) => line.split(" ")),
);
