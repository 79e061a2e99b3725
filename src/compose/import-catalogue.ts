import type { CatalogueStore } from "../catalogue-store/catalogue-store.ts";
import { entryOf, type Imported } from "../catalogue-store/import/imported-server.ts";
import { readImport } from "../catalogue-store/import/read-import.ts";
import { systemClock } from "../clock.ts";
import { AppError } from "../errors.ts";
import { createOutboundFetch } from "../transports/http/outbound-fetch.ts";

/** What is taken in, and from where. */
export interface CatalogueSource {
  readonly text: string;
  /** For a source with one server that it does not name. */
  readonly name: string;
  /** Whether who runs this says that the source checks who uses a name space. */
  readonly areNamesChecked: boolean;
}

/** How an address is read. */
export interface ImportOptions {
  readonly allowPrivate: boolean;
  readonly areNamesChecked: boolean;
}

/** What came of an import. */
export interface CatalogueImport {
  readonly format: Imported["format"];
  /** Slugs. */
  readonly servers: readonly string[];
  /** How many of them came with their tools. */
  readonly seen: number;
  /** Servers that were not taken in, and why. */
  readonly left: readonly { readonly name: string; readonly reason: string }[];
  readonly kept: number;
  readonly changes: number;
}

const pagesMax = 100;

/** The largest page, bytes: whole registries come as one file. */
const bytesMax = 32 * 1024 * 1024;

/** Takes servers of one text in. Throws `INPUT_INVALID` for what cannot be imported. */
export function importText(store: CatalogueStore, source: CatalogueSource): CatalogueImport {
  return takeIn(store, [readSource(source)]);
}

/**
 * Takes servers in from an address, of the registry's list every page: not from private addresses without
 * `allowPrivate`, no redirect followed, nothing sent but the request. Rejects with `UPSTREAM_REFUSED` and `INPUT_INVALID`.
 */
export async function importUrl(
  store: CatalogueStore,
  url: string,
  { allowPrivate, areNamesChecked }: ImportOptions,
): Promise<CatalogueImport> {
  const pages: Imported[] = [];
  const name =
    URL.parse(url)
      ?.pathname.split("/")
      .findLast((part) => part !== "") ?? "imported";
  let cursor: string | undefined;
  do {
    const page = readSource({ text: await fetchText(pageUrl(url, cursor), allowPrivate), name, areNamesChecked });
    pages.push(page);
    const isNew = page.nextCursor !== cursor;
    cursor = isNew ? page.nextCursor : undefined;
  } while (cursor !== undefined && pages.length < pagesMax);
  return takeIn(store, pages);
}

function pageUrl(url: string, cursor: string | undefined): string {
  if (cursor === undefined) return url;
  const next = new URL(url);
  next.searchParams.set("cursor", cursor);
  return next.href;
}

function readSource({ text, name, areNamesChecked }: CatalogueSource): Imported {
  return readImport(text, { name, importedAt: new Date(systemClock.wallMs()).toISOString(), areNamesChecked });
}

function takeIn(store: CatalogueStore, pages: readonly Imported[]): CatalogueImport {
  const entries = pages.flatMap(({ servers }) => servers).map(entryOf);
  const taken = store.put(entries, systemClock.wallMs());
  const same = taken.flatMap(({ slug, outcome }, index) => {
    const name = entries[index]?.record.name ?? slug;
    return outcome === "same" ? [{ name, reason: `it is known as \`${slug}\`, and nothing in here is new` }] : [];
  });
  return {
    format: pages[0]?.format ?? "tools/list",
    servers: taken.map(({ slug }) => slug),
    seen: entries.filter(({ isExamined }) => isExamined).length,
    left: [...pages.flatMap(({ left = [] }) => left), ...same],
    kept: taken.length - same.length,
    changes: taken.reduce((sum, { changes }) => sum + changes.length, 0),
  };
}

async function fetchText(url: string, allowPrivate: boolean): Promise<string> {
  const refused = (why: string): AppError =>
    new AppError("UPSTREAM_REFUSED", `the catalogue's source could not be fetched: ${why}`);
  const headers = { accept: "application/json" };
  const response = await createOutboundFetch()(url, {
    method: "GET",
    headers,
    allowPrivate,
    wants: "body",
    bytesMax,
  }).catch((error: unknown) => {
    throw error instanceof AppError ? refused(error.message) : error;
  });
  if (!response.ok) throw refused(`it answered ${response.status}`);
  return response.text();
}
