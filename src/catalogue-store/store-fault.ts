import { AppError } from "../errors.ts";

/** SQLite's primary result codes of damage (sqlite.org/rescode.html): corrupt, not a database. */
const damage: ReadonlySet<number> = new Set([11, 26]);

/** Pure. An error of the catalogue's file as its users get it; others stay as they are. */
export function toCatalogueFault(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const publicMessage = "the catalogue is not available";
  if ("errcode" in error && typeof error.errcode === "number") {
    return damage.has(error.errcode & 0xff)
      ? new AppError("STORE_CORRUPT", "the catalogue's file is damaged: remove it, and it is made anew", {
          cause: error,
          publicMessage,
        })
      : new AppError("STORE_UNAVAILABLE", `the catalogue's file cannot be used: ${error.message}`, {
          cause: error,
          publicMessage,
        });
  }
  const isFile = "code" in error && "syscall" in error;
  return isFile
    ? new AppError("STORE_UNAVAILABLE", `the catalogue's file cannot be used: ${error.message}`, {
        cause: error,
        publicMessage,
      })
    : error;
}
