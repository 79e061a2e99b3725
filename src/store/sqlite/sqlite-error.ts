import { AppError } from "../../errors.ts";

const publicMessage = "the gateway's store is not available";

/** SQLite's primary result codes that are treated apart (sqlite.org/rescode.html). */
const resultCode = {
  busy: 5,
  locked: 6,
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notADatabase: 26,
};

const reasons = new Map<number, string>([
  [resultCode.busy, "another process keeps the store locked"],
  [resultCode.locked, "another process keeps the store locked"],
  [resultCode.readOnly, "the store cannot be written: file, folder or file system is read-only"],
  [resultCode.ioError, "the disk reported an error"],
  [resultCode.full, "the disk is full"],
  [resultCode.cannotOpen, "the store's file cannot be opened"],
]);

/** Pure. SQLite's primary result code of an error, undefined when the error is not SQLite's. */
function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return undefined;
  return error.errcode & 0xff;
}

/** Pure. Whether the error only says that another connection holds the lock. */
export function isBusy(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === resultCode.busy || code === resultCode.locked;
}

/** Pure. Whether the disk was full: the connection is as good as before. */
export function isDiskFull(error: unknown): boolean {
  return sqliteCode(error) === resultCode.full;
}

/** Pure. Whether the fault is the store's, not one of the operation that was run on it. */
export function isStoreFault(error: unknown): boolean {
  if (error instanceof AppError) return error.code === "STORE_UNAVAILABLE" || error.code === "STORE_CORRUPT";
  return sqliteCode(error) !== undefined;
}

/** Pure. The error as the store's users get it: `STORE_CORRUPT`, else `STORE_UNAVAILABLE`. Keeps an {@link AppError}. */
export function toStoreError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const code = sqliteCode(error);
  if (code === resultCode.corrupt || code === resultCode.notADatabase) {
    return corrupt("the store's file is damaged", error);
  }
  const reason = code === undefined ? undefined : reasons.get(code);
  return unavailable(reason ?? `the store failed: ${error instanceof Error ? error.message : String(error)}`, error);
}

/** Pure. `STORE_UNAVAILABLE`; a stranger does not learn why. */
export function unavailable(message: string, cause?: unknown): AppError {
  return new AppError("STORE_UNAVAILABLE", message, { cause, publicMessage });
}

/** Pure. `STORE_CORRUPT`; a stranger only learns that the store cannot be used. */
export function corrupt(message: string, cause?: unknown): AppError {
  return new AppError("STORE_CORRUPT", message, { cause, publicMessage });
}
