import type { ServerSettings } from "../config/settings.ts";
import { AppError } from "../errors.ts";
import type { CredentialedAccess } from "../control/credentials.ts";
import type { CredentialEntry } from "../control/state.ts";
import { secretsIn, secretsInVariables, spellingsOf } from "../gateway/hide-secrets.ts";
import type { ServerRecord } from "../gateway/snapshot.ts";
import type { Logger } from "../logger.ts";
import { createHttpUpstream } from "../transports/http/upstream.ts";
import { createSseUpstream } from "../transports/sse/upstream.ts";
import { createStdioUpstream } from "../transports/stdio/upstream.ts";
import type { AuthorizationSource, Upstream } from "../transports/transport.ts";
import { createUnusableUpstream } from "../transports/unusable-upstream.ts";
import { Pins } from "./pins.ts";
import type { ComposeEvents } from "./running-gateway.ts";

/** The longest message a server may send, bytes. */
const serverMessageBytesMax = 10 * 1024 * 1024;

/** A server's settings with the credentials of all grants, or of one that has its own. */
export interface ShelvedServer {
  readonly settings: Omit<ServerSettings, "pin">;
  /** The address may be one that is not public, because the operator's files name it or allow it. */
  readonly mayBePrivate: boolean;
  /** Undefined for the credentials of all grants. */
  readonly grantId: string | undefined;
  readonly credentials: Omit<CredentialedAccess, "access">;
}

/** The tokens of a connection, as they change. */
export interface ChangingTokens extends AuthorizationSource {
  /** Tells what no server may show, now and whenever it changes. */
  followSecrets(listener: (secrets: readonly string[]) => void): void;
}

/** Keeps a server's record while its settings stay the same, so that a reload does not restart it. */
export class ServerShelf {
  readonly #logger: Logger;
  readonly #events: ComposeEvents;
  /** What is reviewed of them. */
  readonly pins: Pins = new Pins();
  #known: ReadonlyMap<string, { readonly text: string; readonly record: ServerRecord }> = new Map();

  #tokensOf: (entry: CredentialEntry) => ChangingTokens = () => {
    throw new AppError("INTERNAL", "nobody renews tokens here");
  };

  constructor(logger: Logger, events: ComposeEvents) {
    this.#logger = logger;
    this.#events = events;
  }

  /** Where the tokens of connections come from; files alone have none. */
  takeTokensFrom(tokensOf: (entry: CredentialEntry) => ChangingTokens): void {
    this.#tokensOf = tokensOf;
  }

  /** Throws `AppError` when the address or a header cannot be used. */
  check(settings: ServerSettings, mayBePrivate: boolean): void {
    serverRecord(settings, mayBePrivate, this.#logger, this.#events);
  }

  /**
   * Builds the records of one state: `recordOf` gives one, and throws `AppError` when the address or a header cannot be
   * used. What is not asked for by the time `done` is called is forgotten.
   */
  begin(): { readonly recordOf: (server: ShelvedServer) => ServerRecord; readonly done: () => void } {
    const next = new Map<string, { readonly text: string; readonly record: ServerRecord }>();
    return {
      recordOf: (server) => {
        const key = JSON.stringify([server.settings.name, server.grantId ?? ""]);
        const { oauth, ...rest } = server.credentials;
        // Tokens that were renewed are the same connection.
        const text = JSON.stringify({ ...server, credentials: rest, connection: oauth?.id });
        const known = this.#known.get(key);
        const record = known?.text === text ? known.record : this.#build(server);
        next.set(key, { text, record });
        return record;
      },
      done: () => {
        this.#known = next;
      },
    };
  }

  #build({ settings, mayBePrivate, credentials: { entered, oauth, fault } }: ShelvedServer): ServerRecord {
    if (fault === undefined) {
      const tokens = oauth === undefined ? undefined : this.#tokensOf(oauth);
      return serverRecord(settings, mayBePrivate, this.#logger, this.#events, { entered, tokens });
    }
    const { access: _, ...record } = settings;
    const message = `the gateway cannot use this server: ${fault}`;
    return {
      ...record,
      upstream: createUnusableUpstream(settings.name, { code: "UPSTREAM_CREDENTIALS", message }),
      secrets: [],
    };
  }
}

/**
 * A server with the transport its settings ask for; nothing is started. Throws `AppError` when the address or a header
 * cannot be used.
 */
export function serverRecord(
  settings: Omit<ServerSettings, "pin">,
  mayBePrivate: boolean,
  logger: Logger,
  events: ComposeEvents,
  { entered, tokens }: StoredCredentials = { entered: [], tokens: undefined },
): ServerRecord {
  const { access, ...record } = settings;
  const found = access.kind === "url" ? secretsIn(access.headers) : secretsInVariables(access.env);
  const upstream = upstreamOf(settings, mayBePrivate, logger, events, tokens);
  const lasting = [...entered, ...found];
  const secrets = [...spellingsOf(lasting)];
  // In place: copies of the record have to see it too.
  tokens?.followSecrets((changing) => {
    secrets.splice(0, secrets.length, ...spellingsOf([...lasting, ...changing]));
  });
  return { ...record, upstream, secrets };
}

/** What of a server's access comes from the store. */
interface StoredCredentials {
  /** Values in its headers or variables, which are credentials whatever they look like. */
  readonly entered: readonly string[];
  readonly tokens: ChangingTokens | undefined;
}

/** The transport to a server; nothing is started. Throws `AppError` as `recordOf` does. */
export function upstreamOf(
  { name, access }: Pick<ServerSettings, "name" | "access">,
  allowPrivate: boolean,
  logger: Logger,
  events: Pick<ComposeEvents, "onServerStderr">,
  authorization?: AuthorizationSource,
): Upstream {
  const messageBytesMax = serverMessageBytesMax;
  if (access.kind === "command") {
    const { command, args, env, cwd } = access;
    const onStderr = (line: string): void => events.onServerStderr(name, line);
    return createStdioUpstream({ name, command, args, env, cwd, logger, messageBytesMax, onStderr });
  }
  const { url, headers, transport } = access;
  const create = transport === "sse" ? createSseUpstream : createHttpUpstream;
  const common = { name, url, headers, logger, messageBytesMax, allowPrivate };
  return create(authorization === undefined ? common : { ...common, authorization });
}
