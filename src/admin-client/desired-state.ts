import { dirname, join, resolve } from "node:path";
import { statSync } from "node:fs";
import type { GrantToMint } from "../api/contract/grants.ts";
import type { ServerAccessView, ServerSettingsView } from "../api/contract/servers.ts";
import { readConfigDocument } from "../config/config-document.ts";
import { report } from "../config/config-problems.ts";
import { readFile } from "../config/read-text-file.ts";
import type { ConfigDocument, GrantDocument, ServerDocument } from "../config/schema.ts";
import { defaults } from "../config/settings.ts";
import { parseDuration } from "../documents/durations.ts";
import type { ProblemList } from "../documents/problem-list.ts";
import type { Problem } from "../errors.ts";
import { loadPolicy } from "../policy/index.ts";
import { toPointer } from "../values/pointer.ts";
import { instantMs, parseRfc3339 } from "../values/rfc3339.ts";

/** What a folder of files says that a gateway's database should hold. */
export interface DesiredState {
  readonly policies: readonly { readonly id: string; readonly document: string }[];
  readonly servers: readonly DesiredServer[];
  readonly grants: readonly DesiredGrant[];
}

/** A server as the API registers it. */
export interface DesiredServer {
  readonly id: string;
  readonly access: ServerAccessView;
  readonly settings: ServerSettingsView;
}

/** A grant of the files: a grant of the database with that id, or else with that label, is the same one. */
export interface DesiredGrant {
  readonly key: string;
  /** Complete but for the end: left out, the end that it has stays. */
  readonly grant: Required<Omit<GrantToMint, "owner" | "expiresAt">> &
    Pick<GrantToMint, "expiresAt"> & {
      readonly owner: string | null;
    };
}

/** A reading of a folder; without `desired` when something has an error. */
export interface DesiredRead {
  readonly desired: DesiredState | undefined;
  readonly problems: readonly Problem[];
  /** What is in the files and not for the database, for people. */
  readonly notes: readonly string[];
}

/** Sections that a database holds; the others are about a process on the gateway's machine. */
const stored: readonly string[] = ["servers", "policies", "grants"];

/** Reads `callgate.yaml` in a folder (or a file in its shape) and the policies it names. All problems at once. */
export function readDesired(path: string): DesiredRead {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  const file = isFolder ? join(path, "callgate.yaml") : path;
  const read = readConfigDocument(file);
  if ("problem" in read) return { desired: undefined, problems: [read.problem], notes: [] };
  const { seen, problems, document } = read;
  if (document === undefined) return { desired: undefined, problems: problems.sorted(), notes: [] };
  const { policies, problems: ofPolicies } = readPolicies(document, dirname(seen.path), problems);
  const servers = Object.entries(document.servers ?? {}).map(([id, server]) => readServer(id, server, problems));
  const grants = Object.entries(document.grants ?? {}).map(([key, grant]) => readGrant(key, grant, problems));
  const all = [...problems.sorted(), ...ofPolicies];
  const hasError = all.some(({ severity }) => severity === "error");
  return { desired: hasError ? undefined : { policies, servers, grants }, problems: all, notes: notesOn(document) };
}

function notesOn(document: ConfigDocument): readonly string[] {
  const left = Object.keys(document).filter((name) => !stored.includes(name));
  const ofGateway = left.map((name) => `\`${name}\` is the gateway's own and is not applied`);
  const ofServers = Object.entries(document.servers ?? {}).flatMap(([id, { headers, env, lock }]) => [
    ...Object.keys({ ...headers, ...env }).map(
      (name) =>
        `\`${name}\` of the server \`${id}\` is not applied: enter it with \`callgate credentials set ${id} ${name}\``,
    ),
    ...(lock === undefined ? [] : [`\`lock\` of the server \`${id}\` is not applied: reviews are made at the gateway`]),
  ]);
  return [...ofGateway, ...ofServers];
}

function readPolicies(
  document: ConfigDocument,
  folder: string,
  problems: ProblemList,
): { readonly policies: DesiredState["policies"]; readonly problems: readonly Problem[] } {
  const found: Problem[] = [];
  const policies = Object.entries(document.policies ?? {}).flatMap(([id, shownFile]) => {
    const { text } = readFile(resolve(folder, shownFile));
    if (typeof text !== "string") {
      report(problems, toPointer(["policies", id]), text.message, "name a readable file, relative to callgate.yaml");
      return [];
    }
    found.push(...loadPolicy(text, { identity: { id, version: 1, sha256: "" }, file: shownFile }).problems);
    return [{ id, document: text }];
  });
  return { policies, problems: found };
}

function readServer(id: string, server: ServerDocument, problems: ProblemList): DesiredServer {
  const at = (...steps: string[]): string => toPointer(["servers", id, ...steps]);
  const time = (
    name: "start_timeout" | "call_timeout" | "call_deadline" | "idle_timeout",
    otherwise: number,
  ): number => {
    const source = server[name];
    const timeMs = source === undefined ? otherwise : parseDuration(source);
    if (timeMs === undefined) report(problems, at(name), "the length of time cannot be read", "write e.g. `90s`");
    return timeMs ?? otherwise;
  };
  return {
    id,
    access: readAccess(server, at, problems),
    settings: {
      startTimeoutMs: time("start_timeout", defaults.startTimeoutMs),
      callTimeoutMs: time("call_timeout", defaults.callTimeoutMs),
      callDeadlineMs: time("call_deadline", defaults.callDeadlineMs),
      idleTimeoutMs: time("idle_timeout", defaults.idleTimeoutMs),
      showDenied: server.show_denied ?? false,
      pinMode: server.pin ?? defaults.pinMode,
      volatileText: server.volatile_text ?? [],
    },
  };
}

function readAccess(
  { command, args = [], url, transport = "streamable-http", cwd }: ServerDocument,
  at: (...steps: string[]) => string,
  problems: ProblemList,
): ServerAccessView {
  if (cwd !== undefined) {
    report(problems, at("cwd"), "a server of the database has no folder of its own", "leave it out, or use `--config`");
  }
  if ((command === undefined) === (url === undefined)) {
    report(problems, at(), "a server has either `command` or `url`", "write one of the two");
  }
  return url === undefined ? { kind: "command", command: command ?? "", args } : { kind: "url", url, transport };
}

function readGrant(key: string, grant: GrantDocument, problems: ProblemList): DesiredGrant {
  const at = (...steps: string[]): string => toPointer(["grants", key, ...steps]);
  for (const name of ["token", "tokenSha256"] as const) {
    if (grant[name] === undefined) continue;
    report(problems, at(name), "the database makes the tokens of its grants", "leave it out");
  }
  const expires = grant.expires === undefined ? undefined : parseRfc3339(grant.expires);
  if (grant.expires !== undefined && expires === undefined) {
    report(problems, at("expires"), "the time cannot be read", "write RFC 3339, e.g. `2027-01-31T00:00:00Z`");
  }
  return {
    key,
    grant: {
      label: grant.label ?? key,
      owner: grant.owner ?? null,
      tags: grant.tags ?? {},
      servers: grant.servers,
      showDenied: grant.show_denied ?? false,
      ...(expires === undefined ? {} : { expiresAt: new Date(instantMs(expires)).toISOString() }),
    },
  };
}
