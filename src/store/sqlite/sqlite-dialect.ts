import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  SqliteDialect,
  SqliteDriver,
  type SqliteDatabase,
  type SqliteStatement,
} from "kysely";

/** Kysely on `node:sqlite`. Closing it closes the database. */
export class NodeSqliteDialect extends SqliteDialect {
  readonly #database: SqliteDatabase;
  readonly #use: "write" | "read";

  /** `read`: a transaction takes no lock that keeps others from writing, and sees one moment. */
  constructor(db: DatabaseSync, use: "write" | "read") {
    const database = asKyselyDatabase(db);
    super({ database });
    this.#database = database;
    this.#use = use;
  }

  override createDriver(): Driver {
    const config = { database: this.#database };
    return this.#use === "write" ? new ImmediateDriver(config) : new SqliteDriver(config);
  }
}

/** A transaction takes the write lock at its start: one that first reads could find later that it is too late to write. */
class ImmediateDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("begin immediate"));
  }
}

function asKyselyDatabase(db: DatabaseSync): SqliteDatabase {
  return {
    close: () => db.close(),
    prepare: (sql): SqliteStatement => {
      const statement = db.prepare(sql);
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...parameters.map(toInput)),
        run: (parameters) => statement.run(...parameters.map(toInput)),
        iterate: (parameters) => statement.iterate(...parameters.map(toInput)),
      };
    },
  };
}

/** Only texts and numbers are kept; anything else is a mistake of the caller's. */
function toInput(value: unknown): SQLInputValue {
  if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "bigint")
    return value;
  throw new TypeError(`a value of type ${typeof value} cannot be stored`);
}
