/** A process that holds the write lock of a SQLite file until it is told to let go or is killed. Argument: the file. */
import { DatabaseSync } from "node:sqlite";

const db = new DatabaseSync(process.argv[2] ?? "", { timeout: 5_000 });
db.exec("BEGIN IMMEDIATE");
process.on("message", () => {
  db.exec("ROLLBACK");
  db.close();
  process.exit(0);
});
process.send?.("locked");
