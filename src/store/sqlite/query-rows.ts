import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { Row, RowQuery } from "../../audit/row.ts";
import type { NewRow } from "../tables.ts";
import { corrupt } from "./sqlite-error.ts";

const limitDefault = 1000;

/** The rows that a query selects, in writing order. Throws SQLite's errors, `STORE_CORRUPT` for a row that is no JSON. */
export function queryRows(db: DatabaseSync, query: RowQuery): readonly Row[] {
  const { where, values } = conditionsOf(query);
  const { last } = query;
  const count = Math.max(0, Math.min(query.limit ?? last ?? limitDefault, last ?? Infinity));
  const order = last === undefined ? "ASC" : "DESC";
  const sql = `SELECT sequence, body FROM rows WHERE ${where.join(" AND ")} ORDER BY sequence ${order} LIMIT ?`;
  const rows = db
    .prepare(sql)
    .all(...values, count)
    .map((found) => readRow(Number(found["sequence"]), String(found["body"])));
  return last === undefined ? rows : rows.toReversed();
}

function conditionsOf(query: RowQuery): {
  readonly where: readonly string[];
  readonly values: readonly SQLInputValue[];
} {
  const where = ["sequence > ?", "sequence < ?"];
  const values: SQLInputValue[] = [query.after ?? 0, query.before ?? Number.MAX_SAFE_INTEGER];
  const columns: readonly (readonly [string, string | undefined])[] = [
    ["request_id = ?", query.requestId],
    ["grant_id = ?", query.grant],
    ["server = ?", query.server],
    ["tool = ?", query.tool],
    ["outcome = ?", query.outcome],
    ["body ->> '$.kind' = ?", query.kind],
    ["body ->> '$.grant.owner' = ?", query.owner],
    ["body ->> '$.rule' = ?", query.rule],
    ["body ->> '$.code' = ?", query.code],
    ["body ->> '$.time' >= ?", query.since],
    ["body ->> '$.time' < ?", query.until],
  ];
  for (const [condition, value] of columns) {
    if (value === undefined) continue;
    where.push(condition);
    values.push(value);
  }
  if (query.requestIds !== undefined) {
    where.push("request_id IN (SELECT value FROM json_each(?))");
    values.push(JSON.stringify(query.requestIds));
  }
  // The index of refused calls is partial: name its condition so that it can be used.
  if (query.outcome !== undefined && query.outcome !== "allow") where.push("outcome IN ('deny', 'hold')");
  return { where, values };
}

function readRow(sequence: number, body: string): Row {
  try {
    const row: NewRow = JSON.parse(body);
    return { ...row, sequence };
  } catch (error) {
    throw corrupt(`the store's row ${sequence} cannot be read`, error);
  }
}
