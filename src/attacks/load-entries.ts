import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { AppError, type Problem } from "../errors.ts";
import type { Attack } from "./attack.ts";
import { type EntryFiles, parseEntry } from "./parse-entry.ts";
import { readShape } from "./read-shape.ts";
import { type OutOfReach, type StoppedByGateway, withoutEntrySchema } from "./shapes.ts";

/** Known attacks that no policy judges. */
export interface WithoutEntry {
  readonly stoppedByGateway: readonly StoppedByGateway[];
  readonly outOfReach: readonly OutOfReach[];
}

/** The attack database. */
export interface AttackDatabase extends WithoutEntry {
  /** By slug. */
  readonly attacks: readonly Attack[];
}

/** Where the entries are: beside this file, in a checkout and in the package. */
export const attackFolder: string = fileURLToPath(new URL(".", import.meta.url));

/**
 * Reads a whole database strictly: `entries/*.md`, `replays/*.yaml`, `without-entry.yaml`. All problems of all files
 * come together; what has a problem is left out.
 */
export function readAttacks(folder: string): {
  readonly database: AttackDatabase;
  readonly problems: readonly Problem[];
} {
  const slugs = slugsIn(join(folder, "entries"), ".md");
  const entries = slugs.map((slug) => parseEntry(readEntryFiles(folder, slug)));
  const lost = slugsIn(join(folder, "replays"), ".yaml").filter((slug) => !slugs.includes(slug));
  const file = "without-entry.yaml";
  const without = readShape(readFileSync(join(folder, file), "utf8"), file, withoutEntrySchema);
  return {
    database: {
      attacks: entries.flatMap(({ attack }) => (attack === undefined ? [] : [attack])),
      stoppedByGateway: without.value?.gateway ?? [],
      outOfReach: without.value?.out_of_reach ?? [],
    },
    problems: [
      ...entries.flatMap(({ problems }) => problems),
      ...lost.map(replayWithoutEntry),
      ...without.problems.sorted(),
    ],
  };
}

function readEntryFiles(folder: string, slug: string): EntryFiles {
  const replay = join(folder, "replays", `${slug}.yaml`);
  return {
    slug,
    markdown: readFileSync(join(folder, "entries", `${slug}.md`), "utf8"),
    replay: existsSync(replay) ? readFileSync(replay, "utf8") : undefined,
  };
}

function slugsIn(folder: string, ending: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .map((name) => basename(name, ending))
    .toSorted();
}

function replayWithoutEntry(slug: string): Problem {
  const [file, message] = [`${slug}.yaml`, "the replay has no entry"];
  const hint = `write \`entries/${slug}.md\``;
  return { severity: "error", code: "ATTACK_INVALID", message, file, line: 1, column: 1, path: "", hint };
}

/** The database that comes with Callgate. Throws `INTERNAL` when its files are damaged. */
export function loadAttacks(): AttackDatabase {
  const { database, problems } = readAttacks(attackFolder);
  refuseDamage(problems);
  return database;
}

/** The slugs of all entries that come with Callgate, sorted. */
export function attackSlugs(): readonly string[] {
  return slugsIn(join(attackFolder, "entries"), ".md");
}

/** One entry, by a slug of {@link attackSlugs}. Throws `INTERNAL` when its files are damaged. */
export function loadAttack(slug: string): Attack {
  const { attack, problems } = parseEntry(readEntryFiles(attackFolder, slug));
  refuseDamage(problems);
  if (attack === undefined) throw new AppError("INTERNAL", `the attack \`${slug}\` cannot be read`);
  return attack;
}

function refuseDamage([first]: readonly Problem[]): void {
  if (first === undefined) return;
  const place = `${first.file ?? ""}:${first.line}`;
  throw new AppError("INTERNAL", `the attack database is damaged (${place}: ${first.message}): install Callgate again`);
}
