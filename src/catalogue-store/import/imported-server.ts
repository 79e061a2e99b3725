import { createHash } from "node:crypto";
import { buildRecord } from "../../catalogue/build-record.ts";
import type { ToolDefinition } from "../../catalogue/record.ts";
import type { ServerFacts } from "../../catalogue/server-record.ts";
import { isList, isObject, type JsonObject, type JsonValue, ownMember } from "../../values/json.ts";
import type { CatalogueEntry } from "../catalogue-store.ts";

/** Formats that can be imported. */
export type ImportFormat = "server.json" | "registry list" | "docker tools.json" | "toolhive" | "tools/list" | "client";

/** A server as another catalogue, a saved answer or a client's configuration tells of it. */
export interface ImportedServer {
  readonly facts: ServerFacts;
  /** Undefined when the source does not say what its tools are. */
  readonly tools: readonly ToolDefinition[] | undefined;
}

/** What a file or an answer held. */
export interface Imported {
  readonly format: ImportFormat;
  readonly servers: readonly ImportedServer[];
  /** What is left out, and why. */
  readonly left?: readonly { readonly name: string; readonly reason: string }[];
  /** Of the registry's list API: where the next page begins. */
  readonly nextCursor?: string;
}

/** What a reader needs that is not in the text. */
export interface ImportContext {
  /** For sources that hold one server and do not name it. */
  readonly name: string | undefined;
  /** RFC 3339. */
  readonly importedAt: string;
  /** Whether the source lets nobody but its owner use a name space, and somebody who runs this catalogue said so. */
  readonly areNamesChecked: boolean;
}

/** Pure. An imported server as the catalogue keeps it, its tools classified. */
export function entryOf({ facts, tools }: ImportedServer): CatalogueEntry {
  const record = buildRecord(
    facts,
    { about: undefined, tools: tools ?? [], prompts: [], resources: [] },
    { digest: (text) => createHash("sha256").update(text).digest("hex") },
  );
  return { record, origin: "local", isExamined: tools !== undefined && tools.length > 0 };
}

/** Pure. Facts with what most sources do not say. */
export function factsOf(name: string, context: ImportContext, more: Partial<ServerFacts> = {}): ServerFacts {
  return {
    name,
    packages: [],
    remotes: [],
    transport: [],
    identity: { level: "unknown", evidence: ["imported: nothing says who publishes it"] },
    auth: "unknown",
    source: "registry",
    scannedAt: context.importedAt,
    ...more,
  };
}

/** Pure. A member that is a text and not empty. */
export function textAt(value: JsonValue | undefined, key: string): string | undefined {
  const member = isObject(value) ? ownMember(value, key) : undefined;
  return typeof member === "string" && member !== "" ? member : undefined;
}

/** Pure. The objects in a member that is a list. */
export function objectsAt(value: JsonValue | undefined, key: string): readonly JsonObject[] {
  const member = isObject(value) ? ownMember(value, key) : undefined;
  return isList(member) ? member.filter(isObject) : [];
}
