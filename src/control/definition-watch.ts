import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import type { ControlDatabase } from "../store/control-database.ts";

/** A definition as a server listed it. */
export interface SeenDefinition {
  readonly tool: string;
  readonly sha256: string;
  /** Gives it as JSON. */
  readonly text: () => string;
}

/** One that a client was shown, or a call was judged by. */
export interface WatchedDefinition extends SeenDefinition {
  /** When its tool was last reviewed, milliseconds since 1970. */
  readonly reviewedMs: number | undefined;
}

/** How often it is noted that a definition is still there, milliseconds; that another is there is noted at once. */
const noteEveryMs = 3_600_000;

/** Definitions of one tool that are kept; a server that makes up a new one each time must not fill the store. */
const perToolMax = 8;

/** Tools whose last definition this process remembers to have noted. */
const rememberedMax = 50_000;

/** Definitions of tools that nobody reviewed, which are kept of one server; it may list others each time. */
const unreviewedMax = 4_000;

/** The longest definition that is kept, characters; of a longer one it is kept that it was listed. */
const definitionMax = 64 * 1024;

/** How many are written in one transaction: calls of all servers wait for the same lock. */
const batchSize = 50;

/** Stands where a definition is too long to be kept, and so to be reviewed. */
export const tooLongDefinition = "null";

/** Keeps the definitions that servers list, for those who review them. */
export class DefinitionWatch {
  readonly #parts: { readonly database: ControlDatabase; readonly clock: Clock; readonly logger: Logger };
  /** What was noted last of each tool. */
  readonly #noted = new Map<string, { readonly what: string; readonly atMs: number }>();

  constructor(parts: { readonly database: ControlDatabase; readonly clock: Clock; readonly logger: Logger }) {
    this.#parts = parts;
  }

  /** Notes what a server listed. Never rejects; what cannot be noted is seen again with the next list. */
  readonly seen = async (server: string, definitions: readonly WatchedDefinition[]): Promise<void> => {
    const nowMs = this.#parts.clock.wallMs();
    const keyOf = ({ tool }: WatchedDefinition): string => JSON.stringify([server, tool]);
    // A review ends a quarantine: what is listed after it has to be known as seen after it, however soon.
    const whatOf = ({ sha256, reviewedMs = 0 }: WatchedDefinition): string => `${sha256} ${reviewedMs}`;
    const unnoted = definitions.filter((one) => {
      const last = this.#noted.get(keyOf(one));
      return last?.what !== whatOf(one) || nowMs - last.atMs >= noteEveryMs;
    });
    if (unnoted.length === 0) return;
    if (this.#noted.size + unnoted.length > rememberedMax) this.#noted.clear();
    for (const one of unnoted) this.#noted.set(keyOf(one), { what: whatOf(one), atMs: nowMs });
    try {
      for (let at = 0; at < unnoted.length; at += batchSize) {
        const batch = unnoted.slice(at, at + batchSize);
        await this.#parts.database.note((tx) => noteDefinitions(tx, server, batch, nowMs));
      }
    } catch (error) {
      for (const one of unnoted) this.#noted.delete(keyOf(one));
      this.#parts.logger.warn({ server, error: String(error) }, "the definitions of a server could not be noted");
    }
  };
}

/** Writes that a server listed these definitions, within a transaction. */
export async function noteDefinitions(
  tx: ControlDatabase["read"],
  server: string,
  definitions: readonly SeenDefinition[],
  nowMs: number,
): Promise<void> {
  for (const { tool, sha256, text } of definitions) {
    const whole = text();
    const definition = whole.length > definitionMax ? tooLongDefinition : whole;
    await tx
      .insertInto("tool_definitions")
      .values({ server, tool, sha256, definition, first_seen_ms: nowMs, last_seen_ms: nowMs })
      .onConflict((conflict) => conflict.columns(["server", "tool", "sha256"]).doUpdateSet({ last_seen_ms: nowMs }))
      .execute();
    const mine = tx
      .selectFrom("tool_definitions")
      .select("sha256")
      .where("server", "=", server)
      .where("tool", "=", tool);
    const extra = (await mine.orderBy("last_seen_ms", "desc").execute()).slice(perToolMax);
    if (extra.length === 0) continue;
    const reviewed = tx
      .selectFrom("tool_reviews")
      .select("sha256")
      .where("server", "=", server)
      .where("tool", "=", tool);
    await tx
      .deleteFrom("tool_definitions")
      .where("server", "=", server)
      .where("tool", "=", tool)
      .where(
        "sha256",
        "in",
        extra.map((row) => row.sha256),
      )
      .where("sha256", "not in", reviewed)
      .execute();
  }
  await forgetOldest(tx, server);
}

/** Of reviewed tools nothing is forgotten here: what was listed after a review keeps the tool blocked. */
async function forgetOldest(tx: ControlDatabase["read"], server: string): Promise<void> {
  const reviewed = tx.selectFrom("tool_reviews").select("tool").where("server", "=", server);
  const oldest = await tx
    .selectFrom("tool_definitions")
    .select("last_seen_ms")
    .where("server", "=", server)
    .where("tool", "not in", reviewed)
    .orderBy("last_seen_ms", "desc")
    .offset(unreviewedMax)
    .limit(1)
    .executeTakeFirst();
  if (oldest === undefined) return;
  await tx
    .deleteFrom("tool_definitions")
    .where("server", "=", server)
    .where("tool", "not in", reviewed)
    .where("last_seen_ms", "<=", oldest.last_seen_ms)
    .execute();
}
