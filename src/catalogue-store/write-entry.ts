import type { DatabaseSync } from "node:sqlite";
import { overrideRecord } from "../catalogue/apply-override.ts";
import { plainAddress } from "../clients/plain-address.ts";
import { ownReferences, packageReference } from "../catalogue/references.ts";
import type { Override, ServerRecord } from "../catalogue/server-record.ts";
import { serverSlug } from "../catalogue/slug.ts";
import { categories } from "../policy/index.ts";
import type { CatalogueEntry, ServerHit } from "./catalogue-store.ts";
import { facetOf, riskOrder } from "./search-words.ts";

/**
 * Writes a server in the place of the one with its slug, in the caller's transaction. The record is kept as it is; what
 * searches read counts local corrections.
 */
export function writeEntry(db: DatabaseSync, entry: CatalogueEntry, overrides: ReadonlyMap<string, Override>): void {
  const { record, origin, isExamined } = entry;
  removeServer(db, record.slug);
  const corrected = overrideRecord(record, overrides);
  const names = namesOf(record);
  const words = wordsOf(record);
  const mask = corrected.tools.reduce((bits, { category }) => bits | (1 << categories.indexOf(category)), 0);
  const id = db
    .prepare("INSERT INTO servers (slug, origin, examined, names, categories, hit) VALUES (?, ?, ?, ?, ?, ?)")
    .run(
      record.slug,
      origin,
      isExamined ? 1 : 0,
      words.join("\n"),
      mask,
      JSON.stringify(hitOf({ ...entry, record: corrected })),
    ).lastInsertRowid;
  const { tools, ...rest } = record;
  db.prepare("INSERT INTO server_records (server_id, record) VALUES (?, ?)").run(id, JSON.stringify(rest));
  db.prepare("INSERT INTO server_words (rowid, words) VALUES (?, ?)").run(id, words.join("\n"));
  const insertName = db.prepare("INSERT INTO server_names (name, server_id) VALUES (?, ?)");
  for (const name of names) insertName.run(name, id);
  const insertTool = db.prepare(
    "INSERT INTO tools (server_id, position, name, name_key, slug, category, risk, record) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
  );
  const insertWords = db.prepare("INSERT INTO tool_words (rowid, words, facet) VALUES (?, ?, ?)");
  const said = new Map(corrected.tools.map((tool) => [tool.name, tool]));
  for (const [position, tool] of tools.entries()) {
    const { category, risk } = said.get(tool.name) ?? tool;
    const [at, worth] = [categories.indexOf(category), riskOrder.indexOf(risk)];
    const { name, slug } = tool;
    const toolId = insertTool.run(
      id,
      position,
      name,
      name.toLowerCase(),
      slug,
      at,
      worth,
      JSON.stringify(tool),
    ).lastInsertRowid;
    insertWords.run(toolId, [name, ...words].join("\n"), facetOf(at, worth));
  }
}

/** Removes a server and everything that belongs to it but corrections and changes, in the caller's transaction. */
function removeServer(db: DatabaseSync, slug: string): void {
  const id = db.prepare("SELECT id FROM servers WHERE slug = ?").get(slug)?.["id"];
  if (id === undefined) return;
  db.prepare("DELETE FROM tool_words WHERE rowid IN (SELECT id FROM tools WHERE server_id = ?)").run(id);
  db.prepare("DELETE FROM server_words WHERE rowid = ?").run(id);
  for (const table of ["tools", "server_names", "server_records"]) {
    db.prepare(`DELETE FROM ${table} WHERE server_id = ?`).run(id);
  }
  db.prepare("DELETE FROM servers WHERE id = ?").run(id);
}

/**
 * Pure. What a server answers to, lower case: slug, name, packages with and without version, addresses, repository. Not
 * what only a client calls it, nor what only a list names for it.
 */
export function namesOf(record: ServerRecord): readonly string[] {
  const { slug, name, packages, source, identity, onlyListed = [] } = record;
  const own = packages.filter((reference) => !onlyListed.includes(packageReference(reference)));
  const isClients = source === "live" && identity.level === "unknown";
  return lowerCase([
    slug,
    ...(isClients ? [] : [name, serverSlug({ name })]),
    ...own.flatMap((reference) => [
      reference.name,
      ...(reference.version === undefined ? [] : [`${reference.name}@${reference.version}`]),
    ]),
    ...repositoryPath(record),
    ...ownReferences(record),
    // A published address may have parts that are shown nowhere else.
    ...record.remotes
      .filter((address) => !onlyListed.includes(address.toLowerCase()))
      .flatMap((address) => plainAddress(address) ?? []),
  ]);
}

/** What searches look for words in. */
function wordsOf(record: ServerRecord): readonly string[] {
  const { slug, name, packages } = record;
  return lowerCase([
    slug,
    name,
    serverSlug({ name }),
    ...packages.map((reference) => reference.name),
    ...repositoryPath(record),
  ]);
}

function repositoryPath({ repository }: ServerRecord): readonly string[] {
  const path = repository === undefined ? undefined : URL.parse(repository)?.pathname.replace(/^\/|\.git$/gu, "");
  return path === undefined || path === "" ? [] : [path];
}

function lowerCase(texts: readonly string[]): readonly string[] {
  return [...new Set(texts.map((text) => text.toLowerCase()))];
}

/** Pure. A server as lists show it. */
export function hitOf({ record, isExamined }: CatalogueEntry): ServerHit {
  const { slug, name, packages, identity, grade, tools, counts, scannedAt } = record;
  return {
    slug,
    name,
    packages,
    identity: identity.level,
    ...(isExamined ? { grade: grade.letter } : { grade: undefined }),
    tools: tools.length,
    counts,
    scannedAt,
  };
}
