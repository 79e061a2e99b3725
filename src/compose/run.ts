import type { Readable, Writable } from "node:stream";
import { systemClock } from "../clock.ts";
import { PolicyShelf } from "../config/policy-shelf.ts";
import type { SeenFile } from "../config/read-text-file.ts";
import { defaults, type PinSettings, type PolicySource, type ServerAccess } from "../config/settings.ts";
import { watchFiles } from "../config/watch.ts";
import type { Problem } from "../errors.ts";
import type { Snapshot } from "../gateway/snapshot.ts";
import type { Logger } from "../logger.ts";
import { openSqliteStore } from "../store/sqlite/sqlite-store.ts";
import { serveStdio } from "../transports/stdio/downstream.ts";
import { assemble } from "./assemble.ts";
import { Pins } from "./pins.ts";
import { proveSafe } from "./prove-safe.ts";
import { recordReload } from "./record-reload.ts";
import type { ComposeEvents, RunningGateway } from "./running-gateway.ts";
import { serverRecord } from "./servers.ts";
import { localSnapshot } from "./snapshots.ts";

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

/** A policy and what is pinned, as read, with the files to follow. */
export interface PolicyRead {
  readonly source: PolicySource | Problem;
  readonly pin: PinSettings;
  readonly seen: readonly SeenFile[];
}

/** A gateway or bridge for one client on standard streams. */
export interface StreamGateway extends RunningGateway {
  /** Resolves when the client has closed its end. */
  readonly ended: Promise<void>;
}

/** Starts `callgate run`: one client on standard streams, one server. Undefined when the policy has problems. */
export async function composeRun(
  options: RunOptions,
  readPolicy: () => PolicyRead,
  logger: Logger,
  events: ComposeEvents,
): Promise<StreamGateway | undefined> {
  const build = snapshotBuilder(options, readPolicy, logger, events);
  const { snapshot: first, seen } = build(false);
  if (first === undefined) return undefined;
  let snapshot = first;
  await proveSafe(systemClock, logger);
  const store = await openSqliteStore({ path: options.storeFile, clock: systemClock });
  const gateway = assemble(store, logger, () => snapshot);
  const watched = watchFiles(seen, () => {
    const { snapshot: next } = build(true);
    recordReload({ store, clock: systemClock, logger }, next !== undefined, "stdio");
    if (next === undefined) return;
    snapshot = next;
    events.onReload("the policy");
  });
  const client = serveStdio({
    input: options.input,
    output: options.output,
    server: options.serverName,
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

/** Reads the policy and reports what is wrong; `snapshot` is undefined when it cannot be used. */
type SnapshotBuilder = (isReload: boolean) => {
  readonly snapshot: Snapshot | undefined;
  readonly seen: readonly SeenFile[];
};

function snapshotBuilder(
  { serverName: name, access, callTimeoutMs, showDenied }: RunOptions,
  readPolicy: () => PolicyRead,
  logger: Logger,
  events: ComposeEvents,
): SnapshotBuilder {
  const { startTimeoutMs, callDeadlineMs, idleTimeoutMs } = defaults;
  const times = { startTimeoutMs, callTimeoutMs, callDeadlineMs, idleTimeoutMs };
  const server = serverRecord({ name, access, ...times, showDenied }, true, logger, events);
  const shelf = new PolicyShelf();
  const pins = new Pins();
  return (isReload) => {
    const { source, seen, pin } = readPolicy();
    if ("severity" in source) {
      events.onProblems([source], isReload);
      return { snapshot: undefined, seen };
    }
    const { policies, problems } = shelf.load([source], "run");
    if (problems.length > 0) events.onProblems(problems, isReload && policies === undefined);
    if (policies === undefined) return { snapshot: undefined, seen };
    shelf.keep(policies);
    return { snapshot: localSnapshot(pins.pin(server, pin), source.id, policies), seen };
  };
}
