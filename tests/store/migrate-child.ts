/**
 * A process that brings a store's file up to date and dies on the way. Arguments: the file, and after how many
 * statements it kills itself (-1: never; then it says when it begins and when it is done, and waits).
 */
import { sqliteMigrations } from "../../src/store/migrations/sqlite/all.ts";
import { connect } from "../../src/store/sqlite/connection.ts";
import { migrate } from "../../src/store/sqlite/migrate.ts";

const [path = "", text = ""] = process.argv.slice(2);
const point = Number(text);
const db = connect(path, "power-loss");
let passed = 0;
db.function("pass_point", () => {
  passed += 1;
  if (passed === point) process.kill(process.pid, "SIGKILL");
  return passed;
});
process.send?.("begins");
migrate(db, sqliteMigrations.map(withPoints));
process.send?.("done");
setInterval(() => {}, 1_000);

/** The same SQL with a point at which the process may die behind each of its statements. */
function withPoints(sql: string): string {
  return sql.replaceAll(/;\n(?=\n|CREATE|INSERT|UPDATE|ALTER|DROP|$)/g, ";\nSELECT pass_point();\n");
}
