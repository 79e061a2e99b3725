import { attackLinks } from "../attacks/find-attacks.ts";
import { loadAttacks } from "../attacks/load-entries.ts";
import { buildRecord } from "../catalogue/build-record.ts";
import type { ToolDefinition } from "../catalogue/record.ts";
import type { ServerFacts, ServerRecord } from "../catalogue/server-record.ts";
import { launchOf } from "../clients/launch-of.ts";
import { packageOfAccess } from "../clients/package-of-command.ts";
import { plainAddress } from "../clients/plain-address.ts";
import { sourceDoubt } from "../clients/project-sources.ts";
import { systemClock } from "../clock.ts";
import type { ServerAccess } from "../config/settings.ts";
import { AppError } from "../errors.ts";
import { secretsIn } from "../gateway/hide-secrets.ts";
import { sha256Hex } from "../identity/token.ts";
import type { Logger } from "../logger.ts";
import { introspect, type Introspection } from "../scan/introspect.ts";
import { scanLimits } from "../scan/read-list.ts";
import type { JsonObject } from "../values/json.ts";
import type { ComposeEvents } from "./running-gateway.ts";
import { upstreamOf } from "./servers.ts";

/** A server to look at. */
export interface ScanTarget {
  readonly name: string;
  readonly access: ServerAccess;
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
      /** As `launchOf` says it. */
      readonly launch: string | undefined;
      /** Lists that could not be read. */
      readonly notes: readonly string[];
      /** What it listed, as it listed it. */
      readonly tools: readonly ToolDefinition[];
    }
  | { readonly name: string; readonly status: "failed"; readonly code: string; readonly message: string };

/** How many servers are looked at side by side. */
const atOnceMax = 4;

/** Connects to each server with bounds on everything, reads its lists and puts its record together. Calls no tool. */
export async function composeScan(
  targets: readonly ScanTarget[],
  options: ScanOptions,
  logger: Logger,
  events: Pick<ComposeEvents, "onServerStderr">,
): Promise<readonly ScannedServer[]> {
  const found: Introspection[] = [];
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
    const list = found[index];
    if (list?.kind !== "read") {
      return {
        name,
        status: "failed",
        code: list?.code ?? "INTERNAL",
        message: list?.message ?? "it was not looked at",
      };
    }
    const tools = list.tools.map((definition): ToolDefinition => ({ ...definition, name: nameOf(definition) }));
    const { about, prompts, resources, notes, protocolVersion } = list;
    const others = toolsOf.filter((_, at) => at !== index);
    const lists = { about, tools, prompts, resources };
    const record = buildRecord(factsOf(target), lists, { digest: sha256Hex, others, attacksOf });
    const launch = launchOf(target.access, process.cwd());
    return { name, status: "scanned", protocolVersion, record, launch, notes, tools };
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
): Promise<Introspection> {
  try {
    const upstream = upstreamOf({ name, access }, allowPrivate, logger, events);
    const secrets = access.kind === "url" ? secretsIn(access.headers) : secretsIn(access.env);
    const limits = { ...scanLimits, timeoutMs };
    return await introspect({ server: { name, upstream, secrets }, limits, clock: systemClock, logger, signal });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { kind: "failed", code: "UPSTREAM_START_FAILED", message: error.message };
  }
}

function factsOf({ name, access }: ScanTarget): ServerFacts {
  const isCommand = access.kind === "command";
  const found = sourceDoubt(access, process.cwd()) === undefined ? packageOfAccess(access) : undefined;
  const remote = isCommand ? undefined : plainAddress(access.url);
  return {
    name,
    packages: found === undefined ? [] : [found],
    remotes: remote === undefined ? [] : [remote],
    transport: [isCommand ? "stdio" : access.transport],
    identity: { level: "unknown", evidence: ["learnt from the running server: nothing says who publishes it"] },
    // Who was given nothing and was answered, was let in without credentials.
    auth: !isCommand && Object.keys(access.headers).length === 0 ? "open" : "unknown",
    source: "live",
    scannedAt: new Date(systemClock.wallMs()).toISOString(),
  };
}
