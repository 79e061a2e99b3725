import { basename } from "node:path";
import { systemClock } from "../clock.ts";
import { watchFiles } from "../config/watch.ts";
import type { Settings } from "../config/settings.ts";
import type { Logger } from "../logger.ts";
import { openSqliteStore } from "../store/sqlite/sqlite-store.ts";
import { listenHttp } from "../transports/http/downstream.ts";
import { assemble } from "./assemble.ts";
import { Configuration } from "./configuration.ts";
import { proveSafe } from "./prove-safe.ts";
import { recordReload } from "./record-reload.ts";
import type { ComposeEvents, RunningGateway } from "./running-gateway.ts";

/** What `callgate serve` started. */
export interface ServingGateway extends RunningGateway {
  /** Where it listens, such as `http://127.0.0.1:7777`. */
  readonly origin: string;
  /** As they were at the start. */
  readonly settings: Settings;
}

/** Starts `callgate serve` from a configuration file, and follows the file's changes. Undefined when it has problems. */
export async function composeServe(
  configFile: string,
  logger: Logger,
  events: ComposeEvents,
): Promise<ServingGateway | undefined> {
  const configuration = new Configuration(configFile, logger, events);
  const { usable: first, files } = configuration.read(false);
  if (first === undefined) return undefined;
  const { settings } = first;
  const { storeFile: path, durability, listen, allowedHosts, bodyBytesMax } = settings;
  let { snapshot } = first;
  await proveSafe(systemClock, logger);
  const store = await openSqliteStore({ path, clock: systemClock, durability });
  const gateway = assemble(store, logger, () => snapshot);
  const parts = { store, clock: systemClock, logger };
  let watched = watchFiles(files, reload);

  function reload(): void {
    const next = configuration.read(true);
    recordReload(parts, next.usable !== undefined, "http");
    if (next.usable !== undefined) {
      ({ snapshot } = next.usable);
      gateway.configurationChanged();
      events.onReload(basename(configFile));
    }
    // A configuration may name other files now.
    watched.close();
    watched = watchFiles(next.files, reload);
  }

  const { handler } = gateway;
  const listener = await listenHttp({
    ...listen,
    allowedHosts,
    bodyBytesMax,
    handler,
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
      const closed = listener.close(graceMs);
      gateway.endStreams();
      await closed;
      await gateway.close();
      await store.close();
    },
  };
}
