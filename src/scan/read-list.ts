import { type EntryListKind, readEntryPage } from "../protocol/entry-list.ts";
import type { JsonObject } from "../values/json.ts";
import type { UpstreamAnswer } from "../gateway/upstream-request.ts";

/** What may be read of one server. */
export interface ScanLimits {
  /** Milliseconds for all of it, from the start on. */
  readonly timeoutMs: number;
  /** Bytes of all messages together. */
  readonly bytesMax: number;
  /** Entries of one list. */
  readonly entriesMax: number;
  /** Pages of one list. */
  readonly pagesMax: number;
  /** Characters of an entry's name or URI. */
  readonly nameCharactersMax: number;
}

/** The bounds of a scan. A single message has at most 10 MiB, as everywhere. */
export const scanLimits: ScanLimits = {
  timeoutMs: 30_000,
  bytesMax: 20 * 1024 * 1024,
  entriesMax: 5_000,
  pagesMax: 200,
  // MCP 2025-11-25, Tools §Tool Names: at most 128.
  nameCharactersMax: 4_096,
};

/** One of a server's lists, whole, or why it cannot be had. */
export type ReadList =
  | { readonly kind: "listed"; readonly entries: readonly JsonObject[] }
  /** The server answered with an error: it may just have no such list. */
  | { readonly kind: "refused"; readonly errorCode: number | undefined; readonly message: string }
  | { readonly kind: "failed"; readonly message: string };

/**
 * Reads all pages of a list. A cursor that was given before, too many pages, too many entries and a name that is too long
 * are failures: half a list would look like a whole one.
 */
export async function readList(
  ask: (params: JsonObject) => Promise<UpstreamAnswer>,
  kind: EntryListKind,
  { entriesMax, pagesMax, nameCharactersMax }: ScanLimits,
): Promise<ReadList> {
  const entries: JsonObject[] = [];
  const cursors = new Set<string>();
  let cursor: string | undefined;
  const failed = (message: string): ReadList => ({ kind: "failed", message: `${kind.list}: ${message}` });
  for (let page = 0; page < pagesMax; page += 1) {
    const answer = await ask(cursor === undefined ? {} : { cursor });
    if (answer.kind === "failed") return failed(answer.message);
    if (answer.kind === "cancelled") return failed("the server gave the request up");
    if (answer.response.isError) {
      const { errorCode } = answer.response;
      return { kind: "refused", errorCode, message: `${kind.list}: the server refused with code ${errorCode}` };
    }
    const list = readEntryPage(answer.response.text, kind);
    if (!list.ok) return failed(`the answer could not be read (${list.reason})`);
    if (entries.length + list.entries.length > entriesMax) return failed(`the server lists over ${entriesMax}`);
    if (list.entries.some(({ name }) => name.length > nameCharactersMax))
      return failed(`a ${kind.key} has over ${nameCharactersMax} characters`);
    entries.push(...list.entries.map(({ definition }) => definition));
    if (list.nextCursor === undefined) return { kind: "listed", entries };
    if (cursors.has(list.nextCursor)) return failed("the server leads back to a page that was read, without end");
    cursors.add(list.nextCursor);
    cursor = list.nextCursor;
  }
  return failed(`the server has over ${pagesMax} pages`);
}
