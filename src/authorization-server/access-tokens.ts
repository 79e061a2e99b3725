import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";
import type { ControlContext } from "../control/control-context.ts";
import type { TokenRecord } from "../gateway/snapshot.ts";
import { serverOfResource } from "../values/resource-address.ts";
import { isGrantLive } from "./authorizations.ts";
import { LookupRate } from "./lookup-rate.ts";
import { Recent } from "./recent.ts";

/** How the access tokens that this gateway issues look: 43 URL-safe characters, 256 random bits. */
const tokenShape = /^[A-Za-z0-9_-]{43}$/;

/** Tokens known at a time. One that is pushed out is read again when it comes again. */
const knownMax = 50_000;

/** Unknown tokens remembered, and for how long, milliseconds. */
const missesMax = 10_000;
const missMs = 5_000;

/** How long the grant of a token may stay unheard of: another process made it a moment ago. Milliseconds. */
const grantWaitMs = 1_000;

const payloadSchema = z.object({ aud: z.string() });

/** What {@link AccessTokens} works with. */
export interface AccessTokensParts {
  readonly control: ControlContext;
  readonly publicOrigin: () => string;
}

/**
 * The access tokens that the data plane knows, by their digests. They are read from the database when they first come,
 * so that every process accepts what any of them issued.
 */
export class AccessTokens {
  readonly #control: ControlContext;
  readonly #publicOrigin: () => string;
  readonly #known = new Recent<{ readonly record: TokenRecord; readonly generation: number }>(knownMax);
  readonly #misses = new Recent<true>(missesMax);
  readonly #underWay = new Map<string, Promise<void>>();
  readonly #rate: LookupRate;
  #generation = 0;

  constructor({ control, publicOrigin }: AccessTokensParts) {
    this.#control = control;
    this.#publicOrigin = publicOrigin;
    this.#rate = new LookupRate(control.clock);
  }

  /** By the token's SHA-256 in lower-case hex. */
  get(sha256: string): TokenRecord | undefined {
    return this.#known.get(sha256, this.#control.clock.wallMs())?.record;
  }

  /**
   * Has each token looked at again when it comes next: something was changed, and who gave it may be gone. Until then it
   * stays known, for requests that are on their way; that its grant lives the data plane sees for itself.
   */
  doubt(): void {
    this.#generation += 1;
  }

  /** Looks for a token that is not known yet. Undefined when there is nothing to wait for; never rejects. */
  introduce(token: string, sha256: string): Promise<void> | undefined {
    const nowMs = this.#control.clock.wallMs();
    if (!tokenShape.test(token) || this.#known.get(sha256, nowMs)?.generation === this.#generation) return undefined;
    const underWay = this.#underWay.get(sha256);
    if (underWay !== undefined) return underWay;
    if (this.#misses.get(sha256, nowMs) !== undefined) return undefined;
    const lookup = this.#lookUp(sha256).finally(() => this.#underWay.delete(sha256));
    this.#underWay.set(sha256, lookup);
    return lookup;
  }

  async #lookUp(sha256: string): Promise<void> {
    const { database, clock } = this.#control;
    if (!(await this.#rate.turn())) return;
    const nowMs = clock.wallMs();
    const generation = this.#generation;
    try {
      const row = await database.read
        .selectFrom("oauth_objects")
        .select(["payload", "grant_key", "expires_ms"])
        .where("model", "=", "AccessToken")
        .where("id_sha256", "=", sha256)
        .executeTakeFirst();
      const grantId = row?.grant_key ?? undefined;
      const expiresAtMs = row?.expires_ms ?? 0;
      const isGood = grantId !== undefined && expiresAtMs > nowMs && (await isGrantLive(database.read, grantId, nowMs));
      const server = isGood ? this.#audience(row?.payload ?? "") : undefined;
      if (!isGood || server === undefined) {
        this.#known.delete(sha256);
        this.#misses.set(sha256, true, nowMs + missMs);
        return;
      }
      const record: TokenRecord = { kind: "access", grantId, expiresAtMs, ...(server === "" ? {} : { server }) };
      await this.#hearOf(grantId);
      this.#known.set(sha256, { record, generation }, expiresAtMs);
    } catch {
      // A token that cannot be looked for is not known: the next request asks again.
      this.#known.delete(sha256);
    }
  }

  /** The server that a token was issued for, `""` for all of its grant, undefined for an address that is not ours. */
  #audience(payload: string): string | undefined {
    const parsed = payloadSchema.safeParse(parseJson(payload));
    return parsed.success ? serverOfResource(this.#publicOrigin(), parsed.data.aud) : undefined;
  }

  async #hearOf(grantId: string): Promise<void> {
    const { clock, state } = this.#control;
    const startedMs = clock.monotonicMs();
    while (!state().grants.has(grantId) && clock.monotonicMs() - startedMs < grantWaitMs) await wait(50);
  }
}

/** The mark that stands for the token's own text is no JSON; nothing that is read here holds it. */
function parseJson(text: string): unknown {
  return JSON.parse(text.replaceAll("\u0001", ""));
}
