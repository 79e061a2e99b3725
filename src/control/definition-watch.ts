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

/** How often it is noted that a definition is still there, milliseconds. */
const noteEveryMs = 3_600_000;

/** Definitions of one tool that are kept; a server that makes up a new one each time must not fill the store. */
const perToolMax = 8;

/** Definitions that this process remembers to have noted. */
const rememberedMax = 50_000;

/** The longest definition that is kept, characters; a longer one cannot be reviewed. */
const definitionMax = 256 * 1024;

/** Keeps the definitions that servers list, for those who review them. */
export class DefinitionWatch {
  readonly #parts: { readonly database: ControlDatabase; readonly clock: Clock; readonly logger: Logger };
  readonly #notedMs = new Map<string, number>();

  constructor(parts: { readonly database: ControlDatabase; readonly clock: Clock; readonly logger: Logger }) {
    this.#parts = parts;
  }

  /** Notes what a server listed. Never rejects; what cannot be noted is seen again with the next list. */
  readonly seen = async (server: string, definitions: readonly SeenDefinition[]): Promise<void> => {
    const nowMs = this.#parts.clock.wallMs();
    const keyOf = ({ tool, sha256 }: SeenDefinition): string => JSON.stringify([server, tool, sha256]);
    const unnoted = definitions.filter((one) => nowMs - (this.#notedMs.get(keyOf(one)) ?? -Infinity) >= noteEveryMs);
    if (unnoted.length === 0) return;
    if (this.#notedMs.size + unnoted.length > rememberedMax) this.#notedMs.clear();
    for (const one of unnoted) this.#notedMs.set(keyOf(one), nowMs);
    try {
      await this.#parts.database.note((tx) => noteDefinitions(tx, server, unnoted, nowMs));
    } catch (error) {
      for (const one of unnoted) this.#notedMs.delete(keyOf(one));
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
    const definition = text();
    if (definition.length > definitionMax) continue;
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
}
