import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import type { ControlDatabase } from "../store/control-database.ts";

/** How often what was noted is written, milliseconds: that much is lost when the process is killed. */
const writeEveryMs = 1_000;

interface Noted {
  lastUsedMs: number;
  allowed: number;
  denied: number;
}

/** Notes when each grant was last used and how its calls were decided, and writes it now and then. */
export class GrantUsage {
  readonly #parts: { readonly database: ControlDatabase; readonly clock: Clock; readonly logger: Logger };
  readonly #timer: NodeJS.Timeout;
  #noted = new Map<string, Noted>();

  constructor(parts: { readonly database: ControlDatabase; readonly clock: Clock; readonly logger: Logger }) {
    this.#parts = parts;
    this.#timer = setInterval(() => void this.write(), writeEveryMs);
    this.#timer.unref();
  }

  readonly used = (grantId: string): void => {
    this.#of(grantId).lastUsedMs = this.#parts.clock.wallMs();
  };

  readonly decided = (grantId: string, isAllowed: boolean): void => {
    this.#of(grantId)[isAllowed ? "allowed" : "denied"] += 1;
  };

  /** Writes what was noted since the last time; what cannot be written is kept for the next. Never rejects. */
  async write(): Promise<void> {
    if (this.#noted.size === 0) return;
    const noted = this.#noted;
    this.#noted = new Map();
    try {
      await this.#parts.database.note(async (tx) => {
        for (const [grant_id, { lastUsedMs: last_used_ms, allowed, denied }] of noted) {
          await tx
            .insertInto("grant_usage")
            .values({ grant_id, last_used_ms, allowed, denied })
            .onConflict((conflict) =>
              conflict.column("grant_id").doUpdateSet((eb) => ({
                last_used_ms: eb.ref("excluded.last_used_ms"),
                allowed: eb("grant_usage.allowed", "+", eb.ref("excluded.allowed")),
                denied: eb("grant_usage.denied", "+", eb.ref("excluded.denied")),
              })),
            )
            .execute();
        }
      });
    } catch (error) {
      this.#parts.logger.warn({ error: String(error) }, "the use of grants could not be noted, and will be later");
      for (const [grantId, { lastUsedMs, allowed, denied }] of noted) {
        const later = this.#of(grantId);
        later.lastUsedMs = Math.max(later.lastUsedMs, lastUsedMs);
        later.allowed += allowed;
        later.denied += denied;
      }
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.write();
  }

  #of(grantId: string): Noted {
    const known = this.#noted.get(grantId);
    if (known !== undefined) return known;
    const made = { lastUsedMs: this.#parts.clock.wallMs(), allowed: 0, denied: 0 };
    this.#noted.set(grantId, made);
    return made;
  }
}
