import { migration0001 } from "./0001-first.ts";
import { migration0002 } from "./0002-control.ts";
import { migration0003 } from "./0003-definitions.ts";
import { migration0004 } from "./0004-definitions-seen.ts";

/**
 * The SQL of every schema change in order; the schema's version is how many were applied. Forward only: a published one
 * is never edited.
 */
export const sqliteMigrations: readonly string[] = [migration0001, migration0002, migration0003, migration0004];
