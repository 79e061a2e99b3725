import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { risks } from "../catalogue/classify/classify-tool.ts";
import { categories } from "../policy/index.ts";
import type { CatalogueQuery, Page, ServerHit } from "./catalogue-store.ts";
import { type Position, readCursor, writeCursor } from "./cursor.ts";
import { categoryMask, lastLetter, longWords, quoted, wordsOf } from "./search-words.ts";

interface Found extends Position {
  readonly hit: ServerHit;
}

interface Search {
  /** The whole text: a name, or the beginning of a slug. */
  readonly whole: string;
  readonly words: readonly string[];
  /** SQL that keeps the servers of a category. */
  readonly filter: string;
  readonly filterValues: readonly SQLInputValue[];
}

const isCalled = "s.id IN (SELECT server_id FROM server_names WHERE name = ?)";

/**
 * Servers by words, each a part of slug, name, package or repository: first those that are called so, then those whose
 * slug begins so, by slug, then the others. A category or risk keeps the servers that have such a tool. Each of the three
 * goes along an index and stops when the page is full.
 */
export function searchServers(db: DatabaseSync, query: CatalogueQuery): Page<ServerHit> {
  const { limit } = query;
  const mask = categoryMask(query, risks);
  const isFiltered = mask !== (1 << categories.length) - 1;
  const search: Search = {
    whole: (query.text ?? "").trim().toLowerCase(),
    words: wordsOf(query.text ?? ""),
    filter: isFiltered ? "AND (s.categories & ?) != 0" : "",
    filterValues: isFiltered ? [mask] : [],
  };
  const from = query.cursor === undefined ? { stage: 0, key: "", id: -1 } : readCursor(query.cursor);
  const found: Found[] = [];
  for (const [stage, find] of [called, begun, others].entries()) {
    if (stage < from.stage || found.length > limit) continue;
    const start = stage === from.stage ? from : { stage, key: "", id: -1 };
    found.push(...find(db, search, start, limit + 1 - found.length));
  }
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  const items = shown.map(({ hit }) => hit);
  return found.length <= limit || last === undefined ? { items } : { items, nextCursor: writeCursor(last) };
}

function called(db: DatabaseSync, { whole, filter, filterValues }: Search, from: Position, wanted: number): Found[] {
  if (whole === "") return [];
  const sql = `SELECT s.id, s.slug, s.hit FROM servers s WHERE ${isCalled} ${filter} AND s.id > ? ORDER BY s.id LIMIT ?`;
  return foundIn(db, sql, [whole, ...filterValues, from.id, wanted], 0);
}

function begun(db: DatabaseSync, { whole, filter, filterValues }: Search, from: Position, wanted: number): Found[] {
  const after = from.key === "" ? "s.slug >= ?" : "s.slug > ?";
  const sql = `SELECT s.id, s.slug, s.hit FROM servers s
    WHERE ${after} AND s.slug < ? ${filter} AND NOT ${isCalled} ORDER BY s.slug LIMIT ?`;
  const start = from.key === "" ? whole : from.key;
  return foundIn(db, sql, [start, `${whole}${lastLetter}`, ...filterValues, whole, wanted], 1);
}

function others(
  db: DatabaseSync,
  { whole, words, filter, filterValues }: Search,
  from: Position,
  wanted: number,
): Found[] {
  if (whole === "") return [];
  const long = longWords(words);
  const short = words.filter((word) => !long.includes(word));
  const sql = `SELECT s.id, s.slug, s.hit FROM ${long.length === 0 ? "servers s" : "server_words JOIN servers s ON s.id = server_words.rowid"}
    WHERE ${long.length === 0 ? "s.id > ?" : "server_words MATCH ? AND server_words.rowid > ?"}
      ${short.map(() => "AND instr(s.names, ?) > 0").join(" ")} ${filter}
      AND NOT (s.slug >= ? AND s.slug < ?) AND NOT ${isCalled}
    ORDER BY ${long.length === 0 ? "s.id" : "server_words.rowid"} LIMIT ?`;
  const match = long.length === 0 ? [] : [long.map(quoted).join(" AND ")];
  const values = [...match, from.id, ...short, ...filterValues, whole, `${whole}${lastLetter}`, whole, wanted];
  return foundIn(db, sql, values, 2);
}

function foundIn(db: DatabaseSync, sql: string, values: readonly SQLInputValue[], stage: number): Found[] {
  return db
    .prepare(sql)
    .all(...values)
    .map((row) => ({
      stage,
      id: Number(row["id"]),
      key: String(row["slug"]),
      hit: JSON.parse(String(row["hit"])),
    }));
}
