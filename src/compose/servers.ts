import type { ServerSettings } from "../config/settings.ts";
import { secretsIn } from "../gateway/hide-secrets.ts";
import type { ServerRecord } from "../gateway/snapshot.ts";
import type { Logger } from "../logger.ts";
import { createHttpUpstream } from "../transports/http/upstream.ts";
import { createSseUpstream } from "../transports/sse/upstream.ts";
import { createStdioUpstream } from "../transports/stdio/upstream.ts";
import type { Upstream } from "../transports/transport.ts";
import type { ComposeEvents } from "./running-gateway.ts";

/** The longest message a server may send, bytes. */
const serverMessageBytesMax = 10 * 1024 * 1024;

/** Keeps a server's record while its settings stay the same, so that a reload does not restart it. */
export class ServerShelf {
  readonly #logger: Logger;
  readonly #events: ComposeEvents;
  readonly #known = new Map<string, { readonly text: string; readonly record: ServerRecord }>();

  constructor(logger: Logger, events: ComposeEvents) {
    this.#logger = logger;
    this.#events = events;
  }

  /**
   * Throws `AppError` when the address or a header cannot be used. `mayBePrivate`: the address may be one that is not
   * public, because the operator's files name it or allow it.
   */
  recordOf(settings: ServerSettings, mayBePrivate: boolean): ServerRecord {
    const text = JSON.stringify({ ...settings, mayBePrivate });
    const known = this.#known.get(settings.name);
    if (known?.text === text) return known.record;
    const record = serverRecord(settings, mayBePrivate, this.#logger, this.#events);
    this.#known.set(settings.name, { text, record });
    return record;
  }
}

/** A server with the transport its settings ask for; nothing is started. Throws `AppError` as `recordOf` does. */
export function serverRecord(
  settings: ServerSettings,
  mayBePrivate: boolean,
  logger: Logger,
  events: ComposeEvents,
): ServerRecord {
  const { access, ...record } = settings;
  return {
    ...record,
    upstream: upstreamOf(settings, mayBePrivate, logger, events),
    secrets: access.kind === "url" ? secretsIn(access.headers) : [],
  };
}

/** The transport to a server; nothing is started. Throws `AppError` as `recordOf` does. */
export function upstreamOf(
  { name, access }: Pick<ServerSettings, "name" | "access">,
  allowPrivate: boolean,
  logger: Logger,
  events: Pick<ComposeEvents, "onServerStderr">,
): Upstream {
  const messageBytesMax = serverMessageBytesMax;
  if (access.kind === "command") {
    const { command, args, env, cwd } = access;
    const onStderr = (line: string): void => events.onServerStderr(name, line);
    return createStdioUpstream({ name, command, args, env, cwd, logger, messageBytesMax, onStderr });
  }
  const { url, headers, transport } = access;
  const create = transport === "sse" ? createSseUpstream : createHttpUpstream;
  return create({ name, url, headers, logger, messageBytesMax, allowPrivate });
}
