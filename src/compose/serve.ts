import { basename, dirname, join } from "node:path";
import { systemClock } from "../clock.ts";
import type { Settings } from "../config/settings.ts";
import { watchFiles } from "../config/watch.ts";
import { ControlPlane } from "../control/control-plane.ts";
import { DefinitionWatch } from "../control/definition-watch.ts";
import { GrantUsage } from "../control/grant-usage.ts";
import { rewrapSecrets } from "../control/rewrap-secrets.ts";
import { grantTokenAt } from "../gateway/steps/identify.ts";
import type { Logger } from "../logger.ts";
import { openSqliteControlDatabase } from "../store/sqlite/sqlite-control-database.ts";
import { openSqliteStore } from "../store/sqlite/sqlite-store.ts";
import { clientAddress } from "../transports/http/client-address.ts";
import { listenHttp } from "../transports/http/downstream.ts";
import { isLocalRequest } from "../transports/http/local-request.ts";
import { createOutboundFetch } from "../transports/http/outbound-fetch.ts";
import { createUpstreamOAuth } from "../upstream-oauth/upstream-oauth.ts";
import { loadKeys } from "../vault/load-keys.ts";
import { createVault } from "../vault/vault.ts";
import { assemble } from "./assemble.ts";
import { deliverCatalogue, lazyCatalogue } from "./catalogue.ts";
import { Configuration } from "./configuration.ts";
import { createLookout } from "./lookout.ts";
import { proveSafe } from "./prove-safe.ts";
import { recordConnection } from "./record-connection.ts";
import { recordReload } from "./record-reload.ts";
import type { ComposeEvents, RunningGateway } from "./running-gateway.ts";
import { composeOAuth } from "./oauth.ts";
import { ServerShelf } from "./servers.ts";
import { simulateCalls } from "./simulation.ts";
import { snapshotOf } from "./snapshots.ts";
import { removeSetupLink, type SetupLink, writeSetupLink } from "./setup-link.ts";
import { createWeb } from "./web.ts";

/** What `callgate serve` started. */
export interface ServingGateway extends RunningGateway {
  /** Where it listens, such as `http://127.0.0.1:7777`. */
  readonly origin: string;
  /** As they were at the start. */
  readonly settings: Settings;
  /** How the first person becomes the admin; undefined when there is an admin. */
  readonly setup: SetupLink | undefined;
}

/**
 * Starts `callgate serve` on what its database holds and, if one is named, on a configuration file, whose changes it
 * follows. Undefined when the file has problems.
 */
export async function composeServe(
  configFile: string | undefined,
  logger: Logger,
  events: ComposeEvents,
): Promise<ServingGateway | undefined> {
  const shelf = new ServerShelf(logger, events);
  const configuration = new Configuration(configFile, shelf, events);
  const { usable: first, files } = configuration.read(false);
  if (first === undefined) return undefined;
  const { settings } = first;
  await proveSafe(systemClock, logger);
  const opened = await openParts(settings, logger);
  const { store, plane, usage, watch } = opened;
  let origin = settings.publicOrigin ?? "";
  const publicOrigin = (): string => origin;
  const fetch = createOutboundFetch();
  const upstreamOAuth = createUpstreamOAuth({
    control: plane,
    fetch,
    publicOrigin,
    logger,
    alert: (alert) => recordConnection({ store, clock: systemClock, logger }, alert),
  });
  shelf.takeTokensFrom((entry) => upstreamOAuth.tokensOf(entry));
  plane.applyFiles(first.state, settings.rules);
  const oauth = composeOAuth(plane, fetch, logger, publicOrigin);
  let snapshot = oauth.withTokens(snapshotOf(plane.state(), plane.rules(), shelf, logger));
  const gateway = assemble(store, logger, () => snapshot, usage, watch);
  plane.follow((state) => {
    snapshot = oauth.withTokens(snapshotOf(state, plane.rules(), shelf, logger));
    gateway.configurationChanged();
  });
  const { listen, bodyBytesMax, tls, proxies } = settings;
  const publicHosts = settings.publicOrigin === undefined ? [] : [new URL(settings.publicOrigin).host];
  const { handler } = gateway;
  const stopping = new AbortController();
  const lookout = createLookout({ snapshot: () => snapshot, rules: plane.rules, logger, signal: stopping.signal });
  const catalogue = lazyCatalogue(join(dirname(settings.storeFile), "catalogue.sqlite"));
  for (const receiver of settings.catalogueWebhooks) {
    void deliverCatalogue(receiver, catalogue, logger, stopping.signal);
  }
  const web = createWeb({
    control: plane,
    upstreamOAuth,
    store,
    clock: systemClock,
    logger,
    grantToken: (tokenSha256) => grantTokenAt(snapshot, tokenSha256, systemClock.wallMs()),
    oauth: oauth.server,
    lookout,
    simulate: simulateCalls,
    catalogue: catalogue.parts,
    publicOrigin,
    outboundFetch: fetch,
    addressOf: (request) => clientAddress(request, proxies),
    mayClaim: (request) => settings.publicOrigin !== undefined || isLocalRequest(request),
  });
  const listener = await listenHttp({
    ...listen,
    allowedHosts: [...settings.allowedHosts, ...publicHosts],
    bodyBytesMax,
    tls,
    proxies,
    publicOrigin: settings.publicOrigin,
    handler,
    introduce: oauth.introduce,
    web,
    clock: systemClock,
    logger,
  }).catch(async (error: unknown) => {
    await opened.close();
    throw error;
  });
  if (settings.publicOrigin === undefined) ({ origin } = listener);
  const setup = await writeSetupLink(plane, origin, settings.storeFile);
  const parts = { store, clock: systemClock, logger };
  let watched = watchFiles(files, reload);

  function reload(): void {
    const next = configuration.read(true);
    recordReload(parts, next.usable !== undefined, "http");
    if (next.usable !== undefined) {
      const { state, settings: changed } = next.usable;
      plane.applyFiles(state, changed.rules);
      if (changed.tls !== undefined) listener.useCertificate(changed.tls);
      events.onReload(basename(configFile ?? ""));
    }
    // A configuration may name other files now.
    watched.close();
    watched = watchFiles(next.files, reload);
  }

  return {
    origin: listener.origin,
    settings,
    setup,
    close: async (graceMs) => {
      watched.close();
      stopping.abort();
      const closed = listener.close(graceMs);
      gateway.endStreams();
      await closed;
      await gateway.close();
      await opened.close();
      catalogue.close();
      await removeSetupLink(setup);
    },
  };
}

/** Opens what a gateway keeps: the store with the control tables in it, and the vault. Rejects as each of them does. */
async function openParts(
  { storeFile: path, durability, vault: keySource }: Settings,
  logger: Logger,
): Promise<{
  readonly store: Awaited<ReturnType<typeof openSqliteStore>>;
  readonly plane: ControlPlane;
  readonly usage: GrantUsage;
  readonly watch: DefinitionWatch;
  close(): Promise<void>;
}> {
  const keys = await loadKeys(keySource);
  const store = await openSqliteStore({ path, clock: systemClock, durability });
  try {
    const database = await openSqliteControlDatabase({ path, clock: systemClock });
    const vault = createVault({ installId: database.installId, keys });
    await rewrapSecrets(database, vault, logger);
    const plane = await ControlPlane.open({ database, vault, clock: systemClock, logger });
    const usage = new GrantUsage({ database, clock: systemClock, logger });
    const watch = new DefinitionWatch({ database, clock: systemClock, logger });
    const close = async (): Promise<void> => {
      plane.close();
      await usage.close();
      await database.close();
      await store.close();
    };
    return { store, plane, usage, watch, close };
  } catch (error) {
    await store.close();
    throw error;
  }
}
