import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { risks } from "../catalogue/classify/classify-tool.ts";
import { categories } from "../policy/index.ts";
import type { CatalogueQuery, Page, ToolHit } from "./catalogue-store.ts";
import { type Position, readCursor, writeCursor } from "./cursor.ts";
import { lastLetter, longWords, quoted, riskOrder, wordsOf } from "./search-words.ts";

interface Row {
  readonly id: number;
  readonly key: string;
  readonly hit: ToolHit;
}

const columns =
  "t.id, t.name, t.name_key, t.slug, t.category, t.risk, s.slug AS server, s.hit ->> '$.name' AS server_name";

/**
 * Tools by words. Those whose names begin with the one word come first, by name; then all in whose own or whose
 * server's names every word stands somewhere. Both go along an index and stop when the page is full.
 */
export function searchTools(db: DatabaseSync, query: CatalogueQuery): Page<ToolHit> {
  const { category, risk, limit } = query;
  if (category !== undefined && risk !== undefined && risks[category] !== risk) return { items: [] };
  const words = wordsOf(query.text ?? "");
  const long = longWords(words);
  const from = query.cursor === undefined ? { stage: 0, key: "", id: -1 } : readCursor(query.cursor);
  const wanted = limit + 1;
  const beginning = words.length > 1 && long.length > 0 ? undefined : (words[0] ?? "");
  const begun = beginning === undefined || from.stage > 0 ? [] : beginningWith(db, query, beginning, from, wanted);
  const found =
    long.length === 0 || begun.length >= wanted
      ? []
      : anywhere(db, query, long, beginning, from.stage > 0 ? from.id : -1, wanted - begun.length);
  const rows = [...begun.map((row) => ({ ...row, stage: 0 })), ...found.map((row) => ({ ...row, stage: 1 }))];
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const items = shown.map(({ hit }) => hit);
  return rows.length <= limit || last === undefined ? { items } : { items, nextCursor: writeCursor(last) };
}

function beginningWith(
  db: DatabaseSync,
  { category, risk }: CatalogueQuery,
  beginning: string,
  from: Position,
  wanted: number,
): readonly Row[] {
  const [column, value] =
    category !== undefined
      ? ["category", categories.indexOf(category)]
      : risk !== undefined
        ? ["risk", riskOrder.indexOf(risk)]
        : [undefined, 0];
  const start = from.key === "" && from.id < 0 ? [beginning, -1] : [from.key, from.id];
  const sql = `SELECT ${columns} FROM tools t JOIN servers s ON s.id = t.server_id
    WHERE ${column === undefined ? "" : `t.${column} = ? AND`} (t.name_key, t.id) > (?, ?) AND t.name_key < ?
    ORDER BY t.name_key, t.id LIMIT ?`;
  return rowsOf(db, sql, [...(column === undefined ? [] : [value]), ...start, `${beginning}${lastLetter}`, wanted]);
}

function anywhere(
  db: DatabaseSync,
  { category, risk }: CatalogueQuery,
  words: readonly string[],
  beginning: string | undefined,
  afterId: number,
  wanted: number,
): readonly Row[] {
  const facet =
    category !== undefined
      ? ` AND facet : "c${categories.indexOf(category)}c"`
      : risk !== undefined
        ? ` AND facet : "r${riskOrder.indexOf(risk)}r"`
        : "";
  const match = `words : (${words.map(quoted).join(" AND ")})${facet}`;
  const without = beginning === undefined ? "" : "AND NOT (t.name_key >= ? AND t.name_key < ?)";
  const sql = `SELECT ${columns} FROM tool_words JOIN tools t ON t.id = tool_words.rowid JOIN servers s ON s.id = t.server_id
    WHERE tool_words MATCH ? AND tool_words.rowid > ? ${without} ORDER BY tool_words.rowid LIMIT ?`;
  const outside = beginning === undefined ? [] : [beginning, `${beginning}${lastLetter}`];
  return rowsOf(db, sql, [match, afterId, ...outside, wanted]);
}

function rowsOf(db: DatabaseSync, sql: string, values: readonly SQLInputValue[]): readonly Row[] {
  return db
    .prepare(sql)
    .all(...values)
    .map((row) => ({
      id: Number(row["id"]),
      key: String(row["name_key"]),
      hit: {
        server: String(row["server"]),
        serverName: String(row["server_name"]),
        name: String(row["name"]),
        slug: String(row["slug"]),
        category: categories[Number(row["category"])] ?? "Write",
        risk: riskOrder[Number(row["risk"])] ?? "Critical",
      },
    }));
}
