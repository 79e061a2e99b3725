import { loadConfig } from "../config/load-config.ts";
import { PolicyShelf } from "../config/policy-shelf.ts";
import type { SeenFile } from "../config/read-text-file.ts";
import type { Settings } from "../config/settings.ts";
import { AppError, type Problem } from "../errors.ts";
import { fileState } from "../control/file-state.ts";
import type { FileState } from "../control/state.ts";
import type { ComposeEvents } from "./running-gateway.ts";
import type { ServerShelf } from "./servers.ts";

/** One reading of a configuration. */
export interface ConfigurationRead {
  /** Undefined when something has an error, which was reported. */
  readonly usable: { readonly settings: Settings; readonly state: FileState } | undefined;
  /** Every file it was read from, to watch; also when it has problems. */
  readonly files: readonly SeenFile[];
}

/** A configuration file with the policies and servers it names, read again and again as it changes. */
export class Configuration {
  readonly #file: string | undefined;
  readonly #events: ComposeEvents;
  readonly #policies = new PolicyShelf();
  readonly #servers: ServerShelf;

  /** Without a file there is nothing to follow, and everything has its default. */
  constructor(file: string | undefined, servers: ServerShelf, events: ComposeEvents) {
    this.#file = file;
    this.#events = events;
    this.#servers = servers;
  }

  /** Reads everything anew and reports what is wrong. `isReload`: an earlier reading stays in force if this one fails. */
  read(isReload: boolean): ConfigurationRead {
    const { settings, problems, files } = loadConfig(this.#file);
    if (settings === undefined) {
      this.#events.onProblems(problems, isReload);
      return { usable: undefined, files };
    }
    const state = this.#build(settings, problems, isReload);
    return { usable: state === undefined ? undefined : { settings, state }, files };
  }

  #build(settings: Settings, configProblems: readonly Problem[], isReload: boolean): FileState | undefined {
    const { policies, problems } = this.#policies.load(settings.policies, "serve");
    const all = [...configProblems, ...problems];
    if (all.length > 0) this.#events.onProblems(all, isReload && policies === undefined);
    if (policies === undefined || !this.#canUseServers(settings, isReload)) return undefined;
    this.#policies.keep(policies);
    return fileState(settings, policies);
  }

  #canUseServers(settings: Settings, isReload: boolean): boolean {
    try {
      // Who writes the operator's files may name the operator's own machines.
      for (const server of settings.servers) this.#servers.check(server, true);
      return true;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const { code, message } = error;
      const place = { line: 1, column: 1, path: "/servers" } as const;
      const hint = "change the server's address or headers";
      this.#events.onProblems([{ severity: "error", code, message, ...place, hint }], isReload);
      return false;
    }
  }
}
