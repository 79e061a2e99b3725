import { decodeJwt, decodeProtectedHeader, jwtVerify, type JWTPayload } from "jose";
import type { Clock } from "../clock.ts";
import type { ClaimRule, IssuerRules } from "../config/oauth-rules.ts";
import type { GrantRecord, TokenRecord } from "../gateway/snapshot.ts";
import { sha256Hex } from "../identity/token.ts";
import type { Logger } from "../logger.ts";
import type { OutboundFetch } from "../transports/transport.ts";
import { serverOfResource } from "../values/resource-address.ts";
import { IssuerKeys } from "./issuer-keys.ts";
import { LookupRate } from "./lookup-rate.ts";
import { Recent } from "./recent.ts";

/** What {@link OutsideTokens} works with. */
export interface OutsideTokensParts {
  readonly rules: IssuerRules;
  readonly publicOrigin: () => string;
  readonly fetch: OutboundFetch;
  readonly clock: Clock;
  readonly logger: Logger;
}

const knownMax = 20_000;
const missesMax = 10_000;

/** A token is checked again after so long, milliseconds: its issuer may have withdrawn the key. */
const recheckMs = 60_000;

/** How long an unknown token is not looked at again, milliseconds. */
const missMs = 5_000;

const toleranceSeconds = 5;

/** The tokens of an outside issuer that the data plane knows, and the grants that they stand for. */
export class OutsideTokens {
  readonly #parts: OutsideTokensParts;
  readonly #keys: IssuerKeys;
  readonly #known = new Recent<TokenRecord>(knownMax);
  readonly #grants = new Recent<{ readonly record: GrantRecord; readonly untilMs: number }>(knownMax);
  readonly #misses = new Recent<true>(missesMax);
  readonly #underWay = new Map<string, Promise<void>>();
  readonly #rate: LookupRate;

  constructor(parts: OutsideTokensParts) {
    this.#parts = parts;
    this.#keys = new IssuerKeys(parts);
    this.#rate = new LookupRate(parts.clock);
  }

  /** By the token's SHA-256 in lower-case hex. */
  get(sha256: string): TokenRecord | undefined {
    return this.#known.get(sha256, this.#parts.clock.wallMs());
  }

  /** The grant of a person, by its id, while a token of theirs is good. */
  grant(id: string): GrantRecord | undefined {
    return this.#grants.get(id, this.#parts.clock.wallMs())?.record;
  }

  /** Checks a token that is not known. Undefined when there is nothing to wait for; never rejects. */
  introduce(token: string, sha256: string): Promise<void> | undefined {
    const nowMs = this.#parts.clock.wallMs();
    if (this.#known.get(sha256, nowMs) !== undefined || this.#misses.get(sha256, nowMs) !== undefined) return undefined;
    const underWay = this.#underWay.get(sha256);
    if (underWay !== undefined) return underWay;
    if (!this.#isWorthChecking(token, nowMs)) return undefined;
    const check = this.#check(token, sha256).finally(() => this.#underWay.delete(sha256));
    this.#underWay.set(sha256, check);
    return check;
  }

  /** Whether a token could be one of the issuer's, by what it says of itself: a signature costs time. */
  #isWorthChecking(token: string, nowMs: number): boolean {
    if (!/^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/.test(token)) return false;
    const { issuer, algorithms, tokenTypes } = this.#parts.rules;
    try {
      const { alg = "", typ } = decodeProtectedHeader(token);
      const { iss, exp } = decodeJwt(token);
      const type = (typeof typ === "string" ? typ : "").toLowerCase().replace(/^application\//, "");
      const isAlive = typeof exp === "number" && exp * 1_000 > nowMs;
      return iss === issuer && isAlive && algorithms.includes(alg) && tokenTypes.includes(type);
    } catch {
      return false;
    }
  }

  async #check(token: string, sha256: string): Promise<void> {
    const { rules, clock, publicOrigin } = this.#parts;
    if (!(await this.#rate.turn())) return;
    try {
      const { payload } = await jwtVerify(token, this.#keys.find, {
        issuer: rules.issuer,
        algorithms: [...rules.algorithms],
        requiredClaims: ["exp", "sub", "aud"],
        currentDate: new Date(clock.wallMs()),
        clockTolerance: toleranceSeconds,
      });
      const server = audienceOf(payload, rules, publicOrigin());
      const grant = grantOf(payload, rules);
      if (server === undefined || grant === undefined || payload.exp === undefined) return this.#miss(sha256);
      const nowMs = clock.wallMs();
      const expiresAtMs = payload.exp * 1_000;
      if (grant.record !== undefined) this.#keepGrant(grant.record, expiresAtMs, nowMs);
      const record: TokenRecord = {
        kind: "access",
        grantId: grant.id,
        expiresAtMs,
        ...(server === "" ? {} : { server }),
      };
      this.#known.set(sha256, record, Math.min(expiresAtMs, nowMs + recheckMs));
    } catch {
      // Not this issuer's, or no longer good, or its keys are not to be had: unknown.
      this.#miss(sha256);
    }
  }

  /** A grant is there as long as any of its tokens is good. */
  #keepGrant(record: GrantRecord, expiresAtMs: number, nowMs: number): void {
    const untilMs = Math.max(expiresAtMs, this.#grants.get(record.id, nowMs)?.untilMs ?? 0);
    this.#grants.set(record.id, { record, untilMs }, untilMs);
  }

  #miss(sha256: string): void {
    this.#misses.set(sha256, true, this.#parts.clock.wallMs() + missMs);
  }
}

/** The server that a token was issued for, `""` for every address, undefined when it is for somebody else. */
function audienceOf({ aud = [] }: JWTPayload, rules: IssuerRules, publicOrigin: string): string | undefined {
  const audiences = typeof aud === "string" ? [aud] : aud;
  if (rules.audience !== undefined) return audiences.includes(rules.audience) ? "" : undefined;
  const servers = audiences.flatMap((audience) => serverOfResource(publicOrigin, audience) ?? []);
  return servers.includes("") ? "" : servers[0];
}

/** What a token's claims give: the id of a grant, and its record where it is the person's own. */
function grantOf(
  claims: JWTPayload,
  { issuer, grants }: IssuerRules,
): { readonly id: string; readonly record: GrantRecord | undefined } | undefined {
  const rule = grants.find((each) => fits(claims, each));
  if (rule === undefined || claims.sub === undefined) return undefined;
  const { gives } = rule;
  if (gives.kind === "grant") return { id: gives.grantId, record: undefined };
  // One person is one grant, whatever tokens they come with, so that limits count for the person. What a token gives is
  // part of it: of two tokens of theirs, the lesser must not be judged by what the greater one gives.
  const given = [issuer, claims.sub, ...gives.servers];
  const id = `sub_${sha256Hex(JSON.stringify(given)).slice(0, 32)}`;
  const email = claims["email"];
  const owner = typeof email === "string" && claims["email_verified"] !== false ? email.toLowerCase() : claims.sub;
  const label = gives.labelClaim === undefined ? undefined : claims[gives.labelClaim];
  const record: GrantRecord = {
    id,
    label: typeof label === "string" && label !== "" ? label.slice(0, 120) : owner,
    owner,
    tags: { issuer, subject: claims.sub },
    servers: gives.servers,
    showDenied: false,
    expiresAtMs: undefined,
  };
  return { id, record };
}

function fits(claims: JWTPayload, { when }: ClaimRule): boolean {
  return [...when].every(([claim, values]) => {
    const value = claims[claim];
    const held: readonly unknown[] = Array.isArray(value) ? value : [value];
    return held.some((one) => typeof one === "string" && values.includes(one));
  });
}
