import { loadConfig } from "../config/load-config.ts";
import { PolicyShelf } from "../config/policy-shelf.ts";
import type { SeenFile } from "../config/read-text-file.ts";
import type { Settings } from "../config/settings.ts";
import { AppError, type Problem } from "../errors.ts";
import type { ServerRecord, Snapshot } from "../gateway/snapshot.ts";
import type { Logger } from "../logger.ts";
import type { ComposeEvents } from "./running-gateway.ts";
import { ServerShelf } from "./servers.ts";
import { configuredSnapshot } from "./snapshots.ts";

/** One reading of a configuration. */
export interface ConfigurationRead {
  /** Undefined when something has an error, which was reported. */
  readonly usable: { readonly settings: Settings; readonly snapshot: Snapshot } | undefined;
  /** Every file it was read from, to watch; also when it has problems. */
  readonly files: readonly SeenFile[];
}

/** A configuration file with the policies and servers it names, read again and again as it changes. */
export class Configuration {
  readonly #file: string;
  readonly #events: ComposeEvents;
  readonly #policies = new PolicyShelf();
  readonly #servers: ServerShelf;

  constructor(file: string, logger: Logger, events: ComposeEvents) {
    this.#file = file;
    this.#events = events;
    this.#servers = new ServerShelf(logger, events);
  }

  /** Reads everything anew and reports what is wrong. `isReload`: an earlier reading stays in force if this one fails. */
  read(isReload: boolean): ConfigurationRead {
    const { settings, problems, files } = loadConfig(this.#file);
    if (settings === undefined) {
      this.#events.onProblems(problems, isReload);
      return { usable: undefined, files };
    }
    const snapshot = this.#build(settings, problems, isReload);
    return { usable: snapshot === undefined ? undefined : { settings, snapshot }, files };
  }

  #build(settings: Settings, configProblems: readonly Problem[], isReload: boolean): Snapshot | undefined {
    const { policies, problems } = this.#policies.load(settings.policies, "serve");
    const all = [...configProblems, ...problems];
    if (all.length > 0) this.#events.onProblems(all, isReload && policies === undefined);
    const servers = policies === undefined ? undefined : this.#serversOf(settings, isReload);
    if (policies === undefined || servers === undefined) return undefined;
    this.#policies.keep(policies);
    return configuredSnapshot(settings, servers, policies);
  }

  #serversOf(settings: Settings, isReload: boolean): ReadonlyMap<string, ServerRecord> | undefined {
    try {
      return new Map(settings.servers.map((server) => [server.name, this.#servers.recordOf(server)]));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const { code, message } = error;
      const place = { line: 1, column: 1, path: "/servers" } as const;
      const hint = "change the server's address or headers";
      this.#events.onProblems([{ severity: "error", code, message, ...place, hint }], isReload);
      return undefined;
    }
  }
}
