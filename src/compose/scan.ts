import { attackLinks } from "../attacks/find-attacks.ts";
import { loadAttacks } from "../attacks/load-entries.ts";
import { buildRecord } from "../catalogue/build-record.ts";
import type { ToolDefinition } from "../catalogue/record.ts";
import type { ServerFacts, ServerRecord } from "../catalogue/server-record.ts";
import { packageOfAccess } from "../clients/package-of-command.ts";
import { plainAddress } from "../clients/plain-address.ts";
import { sourceDoubt } from "../clients/project-sources.ts";
import { commandSha256 } from "../clients/reference-of-access.ts";
import { systemClock } from "../clock.ts";
import type { ServerAccess } from "../config/settings.ts";
import { AppError } from "../errors.ts";
import { secretsIn, secretsInVariables } from "../gateway/hide-secrets.ts";
import { sha256Hex } from "../identity/token.ts";
import type { Logger } from "../logger.ts";
import { introspect, type Introspection, type IntrospectionFailure } from "../scan/introspect.ts";
import { createLastWords } from "../scan/last-words.ts";
import { scanLimits } from "../scan/read-list.ts";
import type { JsonObject } from "../values/json.ts";
import type { ComposeEvents } from "./running-gateway.ts";
import { upstreamOf } from "./servers.ts";

/** A server to look at. */
export interface ScanTarget {
  readonly name: string;
  /** How it is reached, or why nobody can say: it counts as one that could not be read. */
  readonly access: ServerAccess | { readonly kind: "unresolved"; readonly message: string };
}

/** How a scan is done. */
export interface ScanOptions {
  /** Milliseconds for each server. */
  readonly timeoutMs: number;
  /** Whether addresses that are not public may be reached. */
  readonly allowPrivate: boolean;
  /** Aborted when nobody waits for the rest. */
  readonly signal: AbortSignal;
}

/** What came of one server. */
export type ScannedServer =
  | {
      readonly name: string;
      readonly status: "scanned";
      readonly protocolVersion: string;
      readonly record: ServerRecord;
      /** Lists that could not be read. */
      readonly notes: readonly string[];
      /** What it listed, as it listed it. */
      readonly tools: readonly ToolDefinition[];
    }
  | (Unread & { readonly name: string; readonly status: "failed" });

/** Why a server could not be read. */
interface Unread {
  readonly code: string;
  /** With what a command wrote last to its standard error, made visible. */
  readonly message: string;
}

type Look = Exclude<Introspection, IntrospectionFailure> | (Unread & { readonly kind: "failed" });

/** How many servers are looked at side by side. */
const atOnceMax = 4;

/**
 * Connects to each server with bounds on everything, reads its lists and puts its record together. Calls no tool. Whatever
 * goes wrong with one server is that server's failure.
 */
export async function composeScan(
  targets: readonly ScanTarget[],
  options: ScanOptions,
  logger: Logger,
  events: Pick<ComposeEvents, "onServerStderr">,
): Promise<readonly ScannedServer[]> {
  const found: Look[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next; index < targets.length; index = next) {
      next += 1;
      const target = targets[index];
      if (target !== undefined) found[index] = await lookAt(target, options, logger, events);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnceMax, targets.length) }, work));
  const toolsOf = targets.map(({ name }, index) => {
    const list = found[index];
    return { name, tools: list?.kind === "read" ? list.tools.map(nameOf) : [] };
  });
  const attacksOf = attackLinks(loadAttacks().attacks);
  return targets.map((target, index): ScannedServer => {
    const { name } = target;
    const list = found[index] ?? { kind: "failed", code: "INTERNAL", message: "it was not looked at" };
    if (list.kind === "failed") return { name, status: "failed", code: list.code, message: list.message };
    const tools = list.tools.map((definition): ToolDefinition => ({ ...definition, name: nameOf(definition) }));
    const { about, prompts, resources, notes, protocolVersion } = list;
    const others = toolsOf.filter((_, at) => at !== index);
    const lists = { about, tools, prompts, resources };
    try {
      const record = buildRecord(factsOf(target), lists, { digest: sha256Hex, others, attacksOf });
      return { name, status: "scanned", protocolVersion, record, notes, tools };
    } catch (error) {
      return { name, status: "failed", ...faultOf(error, name, logger) };
    }
  });
}

function nameOf(definition: JsonObject): string {
  const { name } = definition;
  return typeof name === "string" ? name : "";
}

async function lookAt(
  { name, access }: ScanTarget,
  { timeoutMs, allowPrivate, signal }: ScanOptions,
  logger: Logger,
  events: Pick<ComposeEvents, "onServerStderr">,
): Promise<Look> {
  if (access.kind === "unresolved") return { kind: "failed", code: "UPSTREAM_START_FAILED", message: access.message };
  try {
    const secrets = access.kind === "url" ? secretsIn(access.headers) : secretsInVariables(access.env);
    const lastWords = createLastWords(secrets);
    const onServerStderr = (server: string, line: string): void => {
      lastWords.push(line);
      events.onServerStderr(server, line);
    };
    const upstream = upstreamOf({ name, access }, allowPrivate, logger, { onServerStderr });
    const limits = { ...scanLimits, timeoutMs };
    const found = await introspect({ server: { name, upstream, secrets }, limits, clock: systemClock, logger, signal });
    const said = lastWords.text();
    if (found.kind === "read" || said === "") return found;
    return { ...found, message: `${found.message}; it wrote last: ${said}` };
  } catch (error) {
    if (error instanceof AppError) return { kind: "failed", code: "UPSTREAM_START_FAILED", message: error.message };
    return { kind: "failed", ...faultOf(error, name, logger) };
  }
}

function faultOf(error: unknown, server: string, logger: Logger): Unread {
  const reason = error instanceof Error ? error : new Error(String(error));
  logger.error({ server, error: reason.stack }, "a fault while a server was looked at");
  return { code: "INTERNAL", message: `a fault of Callgate's while it was looked at: ${reason.message}` };
}

function factsOf({ name, access }: ScanTarget): ServerFacts {
  const found =
    access.kind === "command" && sourceDoubt(access, process.cwd()) === undefined ? packageOfAccess(access) : undefined;
  const remote = access.kind === "url" ? plainAddress(access.url) : undefined;
  return {
    name,
    packages: found === undefined ? [] : [found],
    remotes: remote === undefined ? [] : [remote],
    ...(access.kind === "command" && found === undefined
      ? { commandSha256: commandSha256(access, { folder: process.cwd(), environment: process.env }) }
      : {}),
    transport: [access.kind === "url" ? access.transport : "stdio"],
    identity: { level: "unknown", evidence: ["learnt from the running server: nothing says who publishes it"] },
    // Who was given nothing and was answered, was let in without credentials.
    auth: access.kind === "url" && Object.keys(access.headers).length === 0 ? "open" : "unknown",
    source: "live",
    scannedAt: new Date(systemClock.wallMs()).toISOString(),
  };
}
