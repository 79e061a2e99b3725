import { z } from "zod";
import { ProblemList } from "../documents/problem-list.ts";
import { readDocument } from "../documents/read-document.ts";
import { problemsOfShape } from "../documents/shape-problems.ts";
import { digestOfSteady, volatileFault, volatileHint } from "../definitions/definition-digest.ts";
import type { Reviews } from "../definitions/pinning.ts";
import type { Problem } from "../errors.ts";
import { categories, type Category, type Signal, signals } from "../policy/index.ts";
import type { JsonObject } from "../values/json.ts";
import { toPointer } from "../values/pointer.ts";
import { readableJson } from "../values/readable-json.ts";
import { report } from "./config-problems.ts";
import { readFile, type SeenFile } from "./read-text-file.ts";
import { defaults, type PinSettings } from "./settings.ts";

/** A reviewed definition, as a lock file names it. */
export interface LockedTool {
  readonly sha256: string;
  readonly category: Category;
  readonly signals: readonly Signal[];
  /** RFC 3339: when this definition was locked first. Undefined in files of older versions. */
  readonly first_seen?: string | undefined;
  /**
   * What the digest is of, so that a change can be shown: without volatile text. Undefined in files of older versions,
   * and where the file could not hold it exactly.
   */
  readonly definition?: JsonObject | undefined;
}

/** What a lock file says of one server. */
export interface LockedServer {
  /** Patterns in RE2 syntax of what may change in descriptions. */
  readonly volatile: readonly string[];
  readonly tools: Readonly<Record<string, LockedTool>>;
}

/** `callgate.lock`: the reviewed definitions of servers, kept beside the configuration that uses them. */
export interface LockFile {
  readonly version: "1";
  readonly servers: Readonly<Record<string, LockedServer>>;
}

const lockSchema: z.ZodType<LockFile> = z.strictObject({
  version: z.literal("1"),
  servers: z.record(
    z.string(),
    z.strictObject({
      volatile: z.array(z.string()).default([]),
      tools: z.record(
        z.string(),
        z.strictObject({
          sha256: z.string().regex(/^[0-9a-f]{64}$/),
          category: z.enum(categories),
          signals: z.array(z.enum(signals)),
          first_seen: z.iso.datetime().optional(),
          definition: z.custom<JsonObject>(isPlainObject, "an object").optional(),
        }),
      ),
    }),
  ),
});

function isPlainObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Definitions of servers with many tools are long. */
const mebibytesMax = 16;

/** Pure. The text of a lock file: the same content, the same text. */
export function lockText(lock: LockFile): string {
  return `${readableJson(lock)}\n`;
}

/**
 * Pure. The entry as a lock file can hold it: without the definition where that could not be read back exactly, undefined
 * where the name cannot.
 */
export function lockable(name: string, entry: LockedTool): LockedTool | undefined {
  const { definition: _, ...bare } = entry;
  return [entry, bare].find((tool) => {
    const server = { volatile: [], tools: Object.fromEntries([[name, tool]]) };
    return readLock(lockText({ version: "1", servers: { server } }), "").lock !== undefined;
  });
}

/** Reads a lock file's text; with problems there is none. A definition that is not the one of its digest is a problem. */
export function readLock(
  text: string,
  file: string,
): { readonly lock: LockFile | undefined; readonly problems: readonly Problem[] } {
  const problems = new ProblemList(text, file);
  const value = readDocument(text, "lock.json", problems, mebibytesMax);
  const parsed = value === undefined ? undefined : lockSchema.safeParse(value);
  if (value !== undefined && parsed?.success === false) {
    for (const problem of problemsOfShape(parsed.error.issues, value)) problems.add(problem);
  }
  for (const [name, { volatile, tools }] of Object.entries(parsed?.data?.servers ?? {})) {
    for (const [tool, { sha256, definition }] of Object.entries(tools)) {
      if (definition === undefined || digestOfSteady(definition) === sha256) continue;
      const path = toPointer(["servers", name, "tools", tool, "definition"]);
      const hint = "put the file back as `callgate lock` wrote it, or remove the tool from it and lock again";
      report(problems, path, "this is not the definition that `sha256` was taken of", hint);
    }
    for (const [index, pattern] of volatile.entries()) {
      const fault = volatileFault(pattern);
      if (fault !== undefined) report(problems, `/servers/${name}/volatile/${index}`, fault, volatileHint);
    }
  }
  return { lock: problems.hasError ? undefined : parsed?.data, problems: problems.sorted() };
}

/** What a lock file says of one server, and what was seen of the file; or the first thing that is wrong. */
export function readLockOf(
  file: string,
  server: string,
): { readonly seen: SeenFile } & ({ readonly pin: PinSettings } | { readonly problem: Problem }) {
  const seen = readFile(file);
  if (typeof seen.text !== "string") return { seen, problem: seen.text };
  const { lock, problems } = readLock(seen.text, file);
  const locked = lock?.servers[server];
  if (locked !== undefined) {
    return { seen, pin: { mode: defaults.pinMode, volatile: locked.volatile, locked: reviewsOf(locked) } };
  }
  const [problem] = problems;
  const place = { file, line: 1, column: 1, path: "/servers" };
  const message = `the lock file does not name the server \`${server}\``;
  const hint = `write it with \`callgate lock --name ${server} -o ${file} -- COMMAND\``;
  return { seen, problem: problem ?? { severity: "error", code: "CONFIG_INVALID", message, hint, ...place } };
}

/** Pure. The reviews that a lock file holds of a server. */
export function reviewsOf({ tools }: LockedServer): Reviews {
  return new Map(
    Object.entries(tools).map(
      ([name, { sha256, category, signals: found }]) =>
        [name, new Map([[sha256, { category, signals: found, reviewedMs: undefined }]])] as const,
    ),
  );
}
