import { DatabaseSync } from "node:sqlite";
import { toStoreError } from "./sqlite-error.ts";

/** A sealed secret of a database, with what it was sealed for. */
export interface StoredSecret {
  /** For people: `the header \`x-api-key\` of the server \`notes\``. */
  readonly what: string;
  readonly sealed: string;
  /** Undefined where only the key can be tried. */
  readonly binding: { readonly recordId: string; readonly version: number; readonly origin: string } | undefined;
}

/** Everything that is sealed in a database. */
export interface StoredSecrets {
  /** The installation that they are bound to; undefined before schema 2, which has none. */
  readonly installId: string | undefined;
  readonly secrets: readonly StoredSecret[];
}

/** Reads what is sealed in a database, also one that is in use. Throws `STORE_UNAVAILABLE` or `STORE_CORRUPT`. */
export function readStoredSecrets(path: string): StoredSecrets {
  try {
    const db = new DatabaseSync(path, { readOnly: true, timeout: 3_000 });
    try {
      if (Number(db.prepare("PRAGMA user_version").all()[0]?.["user_version"]) < 2) {
        return { installId: undefined, secrets: [] };
      }
      const [control] = db.prepare("SELECT install_id FROM control").all();
      const ofServers = db.prepare("SELECT id, server, kind, name, origin, version, sealed FROM secrets").all();
      const own = db.prepare("SELECT id, sealed FROM sealed_values").all();
      return {
        installId: String(control?.["install_id"]),
        secrets: [...ofServers.map(serverSecret), ...own.map(ownSecret)],
      };
    } finally {
      db.close();
    }
  } catch (error) {
    throw toStoreError(error);
  }
}

type Columns = Readonly<Record<string, unknown>>;

function serverSecret({ id, server, kind, name, origin, version, sealed }: Columns): StoredSecret {
  return {
    what: `the ${String(kind)} \`${String(name)}\` of the server \`${String(server)}\``,
    sealed: String(sealed),
    binding: { recordId: String(id), version: Number(version), origin: String(origin) },
  };
}

function ownSecret({ id, sealed }: Columns): StoredSecret {
  return { what: `the gateway's own \`${String(id)}\``, sealed: String(sealed), binding: undefined };
}
