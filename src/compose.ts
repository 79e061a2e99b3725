import { createHmac, createSecretKey } from "node:crypto";
import { basename } from "node:path";
import { userInfo } from "node:os";
import type { Readable, Writable } from "node:stream";
import { systemClock } from "./clock.ts";
import { loadConfig } from "./config/load-config.ts";
import { PolicyShelf } from "./config/policy-shelf.ts";
import {
  defaults,
  type PolicySource,
  type ServerAccess,
  type ServerSettings,
  type Settings,
} from "./config/settings.ts";
import type { SeenFile } from "./config/read-text-file.ts";
import { watchFiles } from "./config/watch.ts";
import { AppError, type Problem } from "./errors.ts";
import { recordEvent } from "./gateway/events.ts";
import { createBridge } from "./gateway/bridge.ts";
import { createGateway, type Gateway } from "./gateway/gateway.ts";
import {
  createSettableClock,
  describeSimulatedCall,
  simulate,
  type SimulatedCall,
  type SimulatedTool,
} from "./gateway/simulate.ts";
import type { GrantRecord, ServerRecord, Snapshot } from "./gateway/snapshot.ts";
import { prepareSchema } from "./input-schema/prepare-schema.ts";
import { createLogger, type Logger } from "./logger.ts";
import type { CompiledPolicy, Decision } from "./policy/index.ts";
import { openMemoryStore } from "./store/memory/memory-store.ts";
import { openSqliteStore } from "./store/sqlite/sqlite-store.ts";
import type { Store } from "./store/store.ts";
import { listenHttp } from "./transports/http/downstream.ts";
import { serveStdio } from "./transports/stdio/downstream.ts";
import { createHttpUpstream } from "./transports/http/upstream.ts";
import { createSseUpstream } from "./transports/sse/upstream.ts";
import { createStdioUpstream } from "./transports/stdio/upstream.ts";
import type { Upstream } from "./transports/transport.ts";

export { prepareSchema } from "./input-schema/prepare-schema.ts";

/** What a start or a reload reports. */
export interface ComposeEvents {
  /** Problems of a file; `isKept` when the last good configuration stays in force. */
  readonly onProblems: (problems: readonly Problem[], isKept: boolean) => void;
  /** A changed file is in force from now on. */
  readonly onReload: (what: string) => void;
  /** A line of a server's standard error. */
  readonly onServerStderr: (server: string, line: string) => void;
}

/** A running gateway. */
export interface RunningGateway {
  /** Ends everything: no new calls, running ones get up to `graceMs`. Resolves when no child is left. */
  close(graceMs: number): Promise<void>;
}

/** The longest message a server may send, bytes. */
const serverMessageBytesMax = 10 * 1024 * 1024;

const organisation = "default";

/** Starts `callgate serve` from a configuration file, and follows the file's changes. Undefined when it has problems. */
export async function composeServe(
  configFile: string,
  logger: Logger,
  events: ComposeEvents,
): Promise<(RunningGateway & { readonly origin: string; readonly settings: Settings }) | undefined> {
  const shelf = new PolicyShelf();
  const servers = new ServerShelf(logger, events);
  const first = loadConfig(configFile);
  const firstSnapshot =
    first.settings === undefined
      ? undefined
      : snapshotOf(first.settings, shelf, servers, events, first.problems, false);
  if (first.settings === undefined || firstSnapshot === undefined) {
    if (first.settings === undefined) events.onProblems(first.problems, false);
    return undefined;
  }
  const { settings } = first;
  let snapshot = firstSnapshot;
  const store = await openSqliteStore({
    path: settings.storeFile,
    clock: systemClock,
    durability: settings.durability,
  });
  const gateway = assemble(store, logger, () => snapshot);
  let watched = watchFiles(first.files, reload);

  function reload(): void {
    const next = loadConfig(configFile);
    const built =
      next.settings === undefined ? undefined : snapshotOf(next.settings, shelf, servers, events, next.problems, true);
    if (built === undefined) {
      if (next.settings === undefined) events.onProblems(next.problems, true);
      recordEvent(
        { store, clock: systemClock, logger },
        { event: "policy_rejected", reason: "problems", message: "the last good configuration stays in force" },
      );
    } else {
      snapshot = built;
      gateway.configurationChanged();
      recordEvent({ store, clock: systemClock, logger }, { event: "policy_loaded", reason: "changed" });
      events.onReload(basename(configFile));
    }
    // A configuration may name other files now.
    watched.close();
    watched = watchFiles(next.files, reload);
  }

  const listener = await listenHttp({
    host: settings.listen.host,
    port: settings.listen.port,
    allowedHosts: settings.allowedHosts,
    bodyBytesMax: settings.bodyBytesMax,
    handler: gateway.handler,
    clock: systemClock,
    logger,
  }).catch(async (error: unknown) => {
    watched.close();
    await store.close();
    throw error;
  });
  return {
    origin: listener.origin,
    settings,
    close: async (graceMs) => {
      watched.close();
      await listener.close(graceMs);
      await gateway.close();
      await store.close();
    },
  };
}

/** Opens a store's file beside the gateway that may be using it. Rejects with `STORE_UNAVAILABLE` or its kin. */
export function openStoreFile(path: string): Promise<Store> {
  return openSqliteStore({ path, clock: systemClock });
}

/** Judges calls that nobody sends, on counters of its own. */
export interface Simulation {
  /** The gateway's decision on the call at this wall time (milliseconds since 1970). */
  judge(call: SimulatedCall, nowMs: number): Promise<Decision>;
  close(): Promise<void>;
}

/** A simulation with the gateway's own engine on a store in memory. `tools` undefined: every name is one of the server's. */
export function createSimulation(
  policy: CompiledPolicy,
  tools: readonly SimulatedTool[] | undefined,
  startMs: number,
): Simulation {
  const clock = createSettableClock(startMs);
  const store = openMemoryStore({ clock });
  const parts = { store, clock, logger: createLogger("error"), digestArguments: () => "" };
  return {
    judge: async (call, nowMs) => {
      clock.set(nowMs);
      return simulate(parts, policy, describeSimulatedCall(call, tools, prepareSchema));
    },
    close: () => store.close(),
  };
}

/** What `callgate run` is told. */
export interface RunOptions {
  readonly serverName: string;
  readonly access: ServerAccess;
  readonly storeFile: string;
  readonly callTimeoutMs: number;
  readonly showDenied: boolean;
  readonly input: Readable;
  readonly output: Writable;
}

/** What `callgate run --gateway` is told. */
export interface BridgeOptions extends Pick<
  RunOptions,
  "serverName" | "access" | "callTimeoutMs" | "input" | "output"
> {}

/** Leads a client on standard streams to a gateway over HTTP. */
export function composeBridge(
  options: BridgeOptions,
  logger: Logger,
  events: ComposeEvents,
): RunningGateway & { readonly ended: Promise<void> } {
  const { serverName: name, access, callTimeoutMs, input, output } = options;
  const { startTimeoutMs } = defaults;
  const server = serverRecord({ name, access, startTimeoutMs, callTimeoutMs, showDenied: false }, logger, events);
  const bridge = createBridge({ server, clock: systemClock, logger });
  const { handler } = bridge;
  const messageBytesMax = defaults.bodyBytesMax;
  const client = serveStdio({ input, output, server: name, handler, clock: systemClock, messageBytesMax });
  return {
    ended: client.ended,
    close: async () => {
      client.close();
      await bridge.close();
    },
  };
}

/** A policy as read, with the files to follow. */
export interface PolicyRead {
  readonly source: PolicySource | Problem;
  readonly seen: readonly SeenFile[];
}

/** Starts `callgate run`: one client on standard streams, one server as a child. Undefined when the policy has problems. */
export async function composeRun(
  options: RunOptions,
  readPolicy: () => PolicyRead,
  logger: Logger,
  events: ComposeEvents,
): Promise<(RunningGateway & { readonly ended: Promise<void> }) | undefined> {
  const shelf = new PolicyShelf();
  const server = serverRecord(
    {
      name: options.serverName,
      access: options.access,
      startTimeoutMs: defaults.startTimeoutMs,
      callTimeoutMs: options.callTimeoutMs,
      showDenied: options.showDenied,
    },
    logger,
    events,
  );
  let seen: readonly SeenFile[] = [];
  const build = (isKept: boolean): Snapshot | undefined => {
    const { source, seen: read } = readPolicy();
    seen = read;
    if ("severity" in source) {
      events.onProblems([source], isKept);
      return undefined;
    }
    const { policies, problems } = shelf.load([source], "run");
    if (problems.length > 0) events.onProblems(problems, isKept && policies === undefined);
    if (policies === undefined) return undefined;
    shelf.keep(policies);
    return localSnapshot(server, source.id, policies);
  };
  const first = build(false);
  if (first === undefined) return undefined;
  let snapshot = first;
  const store = await openSqliteStore({ path: options.storeFile, clock: systemClock });
  const gateway = assemble(store, logger, () => snapshot);
  const watched = watchFiles(seen, () => {
    const next = build(true);
    recordEvent(
      { store, clock: systemClock, logger },
      {
        event: next === undefined ? "policy_rejected" : "policy_loaded",
        transport: "stdio",
        reason: next === undefined ? "problems" : "changed",
      },
    );
    if (next === undefined) return;
    snapshot = next;
    events.onReload("the policy");
  });
  const client = serveStdio({
    input: options.input,
    output: options.output,
    server: server.name,
    handler: gateway.handler,
    clock: systemClock,
    messageBytesMax: defaults.bodyBytesMax,
  });
  return {
    ended: client.ended,
    close: async () => {
      watched.close();
      client.close();
      await gateway.close();
      await store.close();
    },
  };
}

function assemble(store: Store, logger: Logger, snapshot: () => Snapshot): Gateway {
  // Made once: a raw key would be wrapped anew for every call.
  const key = createSecretKey(store.digestSalt);
  return createGateway({
    store,
    clock: systemClock,
    logger,
    snapshot,
    prepareSchema,
    digestArguments: (canonical) => createHmac("sha256", key).update(canonical, "utf8").digest("hex"),
  });
}

/** Keeps a server's record while its settings stay the same, so that a reload does not restart it. */
class ServerShelf {
  readonly #logger: Logger;
  readonly #events: ComposeEvents;
  readonly #known = new Map<string, { readonly text: string; readonly record: ServerRecord }>();

  constructor(logger: Logger, events: ComposeEvents) {
    this.#logger = logger;
    this.#events = events;
  }

  recordOf(settings: ServerSettings): ServerRecord {
    const text = JSON.stringify(settings);
    const known = this.#known.get(settings.name);
    if (known?.text === text) return known.record;
    const record = serverRecord(settings, this.#logger, this.#events);
    this.#known.set(settings.name, { text, record });
    return record;
  }
}

function serverRecord(settings: ServerSettings, logger: Logger, events: ComposeEvents): ServerRecord {
  const { name, startTimeoutMs, callTimeoutMs, showDenied } = settings;
  return { name, upstream: upstreamOf(settings, logger, events), startTimeoutMs, callTimeoutMs, showDenied };
}

function upstreamOf({ name, access }: ServerSettings, logger: Logger, events: ComposeEvents): Upstream {
  const messageBytesMax = serverMessageBytesMax;
  if (access.kind === "command") {
    const { command, args, env, cwd } = access;
    const onStderr = (line: string): void => events.onServerStderr(name, line);
    return createStdioUpstream({ name, command, args, env, cwd, logger, messageBytesMax, onStderr });
  }
  const { url, headers, transport } = access;
  const create = transport === "sse" ? createSseUpstream : createHttpUpstream;
  // Who writes the operator's files may name the operator's own machines.
  return create({ name, url, headers, logger, messageBytesMax, allowPrivate: true });
}

function snapshotOf(
  settings: Settings,
  shelf: PolicyShelf,
  servers: ServerShelf,
  events: ComposeEvents,
  configProblems: readonly Problem[],
  isReload: boolean,
): Snapshot | undefined {
  const { policies, problems } = shelf.load(settings.policies, "serve");
  const all = [...configProblems, ...problems];
  if (all.length > 0) events.onProblems(all, isReload && policies === undefined);
  const records = policies === undefined ? undefined : recordsOf(settings, servers, events, isReload);
  if (policies === undefined || records === undefined) return undefined;
  shelf.keep(policies);
  const grantsByTokenSha256 = new Map<string, GrantRecord>();
  for (const { tokenSha256, ...grant } of settings.grants) grantsByTokenSha256.set(tokenSha256, grant);
  return {
    organisation,
    grantsByTokenSha256,
    localGrant: undefined,
    servers: records,
    policies,
  };
}

/** The servers by name; undefined, and a problem reported, when one of them cannot be. */
function recordsOf(
  settings: Settings,
  servers: ServerShelf,
  events: ComposeEvents,
  isReload: boolean,
): ReadonlyMap<string, ServerRecord> | undefined {
  try {
    return new Map(settings.servers.map((server) => [server.name, servers.recordOf(server)]));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { code, message } = error;
    const place = { line: 1, column: 1, path: "/servers" } as const;
    events.onProblems(
      [{ severity: "error", code, message, ...place, hint: "change the server's address or headers" }],
      isReload,
    );
    return undefined;
  }
}

function localSnapshot(
  server: ServerRecord,
  policyId: string,
  policies: ReadonlyMap<string, CompiledPolicy>,
): Snapshot {
  const localGrant: GrantRecord = {
    id: "local",
    label: "local",
    owner: userInfo().username,
    tags: {},
    servers: new Map([[server.name, policyId]]),
    showDenied: server.showDenied,
    expiresAtMs: undefined,
  };
  return {
    organisation,
    grantsByTokenSha256: new Map(),
    localGrant,
    servers: new Map([[server.name, server]]),
    policies,
  };
}
