import { createLocalJWKSet, errors, type FlattenedJWSInput, type JWSHeaderParameters, type LocalJWKSet } from "jose";
import { z } from "zod";
import type { Clock } from "../clock.ts";
import type { IssuerRules } from "../config/oauth-rules.ts";
import type { Logger } from "../logger.ts";
import type { OutboundFetch } from "../transports/transport.ts";

/** What {@link IssuerKeys} works with. */
export interface IssuerKeysParts {
  readonly rules: IssuerRules;
  readonly fetch: OutboundFetch;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How often keys are fetched at most, whatever tokens come, milliseconds. */
const refetchMs = 60_000;

/** How long keys are used before they are fetched anew, milliseconds. */
const freshMs = 600_000;

const metadataSchema = z.object({ issuer: z.string(), jwks_uri: z.string() });
const keySetSchema = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) });

/**
 * The public keys of an issuer. When its server cannot be reached the last ones go on being used; a key that nobody
 * knows has them fetched again, at most once a minute.
 */
export class IssuerKeys {
  readonly #parts: IssuerKeysParts;
  #keys: LocalJWKSet | undefined;
  #fetchedMs = -Infinity;
  #triedMs = -Infinity;
  #fetching: Promise<void> | undefined;

  constructor(parts: IssuerKeysParts) {
    this.#parts = parts;
  }

  /** The key that a token's header names. Rejects when there is none. */
  readonly find = async (header: JWSHeaderParameters, token: FlattenedJWSInput): ReturnType<LocalJWKSet> => {
    if (this.#parts.clock.monotonicMs() - this.#fetchedMs >= freshMs) await this.#refresh();
    if (this.#keys === undefined) throw new errors.JWKSNoMatchingKey();
    try {
      return await this.#keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await this.#refresh();
      return this.#keys(header, token);
    }
  };

  #refresh(): Promise<void> {
    const nowMs = this.#parts.clock.monotonicMs();
    if (this.#fetching !== undefined) return this.#fetching;
    if (nowMs - this.#triedMs < refetchMs) return Promise.resolve();
    this.#triedMs = nowMs;
    this.#fetching = this.#fetch().finally(() => (this.#fetching = undefined));
    return this.#fetching;
  }

  async #fetch(): Promise<void> {
    const { rules, clock, logger } = this.#parts;
    try {
      const url = rules.jwksUri ?? (await this.#discover());
      // Whoever runs the issuer may send its keys elsewhere, but not into the operator's own network.
      const isOperators = rules.jwksUri !== undefined || new URL(url).origin === new URL(rules.issuer).origin;
      const { keys } = keySetSchema.parse(await this.#read(url, isOperators));
      this.#keys = createLocalJWKSet({ keys: keys.filter(({ kty }) => kty !== "oct") });
      this.#fetchedMs = clock.monotonicMs();
    } catch (error) {
      logger.warn({ issuer: rules.issuer, error: String(error) }, "the keys of the issuer cannot be fetched");
    }
  }

  /** Where the keys are, by the issuer's metadata (OpenID Connect Discovery 1.0 §4, RFC 8414 §3). */
  async #discover(): Promise<string> {
    const { rules } = this.#parts;
    const { origin, pathname } = new URL(rules.issuer);
    const path = pathname === "/" ? "" : pathname.replace(/\/$/, "");
    const places = [
      `${origin}${path}/.well-known/openid-configuration`,
      `${origin}/.well-known/oauth-authorization-server${path}`,
    ];
    let last: unknown;
    for (const place of places) {
      try {
        const metadata = metadataSchema.parse(await this.#read(place, true));
        if (metadata.issuer === rules.issuer) return metadata.jwks_uri;
        last = new Error("the metadata is another issuer's");
      } catch (error) {
        last = error;
      }
    }
    throw last;
  }

  async #read(url: string, allowPrivate: boolean): Promise<unknown> {
    if (!url.startsWith("https://")) throw new Error("its keys are not at an https address");
    const headers = { accept: "application/json" };
    const answer = await this.#parts.fetch(url, { method: "GET", headers, allowPrivate, wants: "body" });
    if (answer.status !== 200) throw new Error(`the server answered ${answer.status}`);
    return answer.json();
  }
}
