import { setTimeout as sleep } from "node:timers/promises";
import type { CredentialEntry } from "../control/state.ts";
import type { SecretRow } from "../store/control-tables.ts";
import type { AuthorizationSource, UpstreamFailure } from "../transports/transport.ts";
import { forgetRegistration } from "./client-identity.ts";
import { noteStatus, openTokens } from "./connections.ts";
import { renewTokens, revokeTokens, type TokenAnswer } from "./issuer-requests.ts";
import { type ConnectionAlert, type ConnectionPlace, endpointRulesOf, type OAuthContext } from "./oauth-context.ts";
import { readTokens, type Tokens, toSecret } from "./stored-texts.ts";

/** A token is renewed when less than this is left of it, milliseconds; of short-lived ones a fifth of their life. */
const marginMsMax = 60_000;

/** How long a process has the right to renew, milliseconds: longer than a request to an issuer may take. */
const renewingMs = 20_000;

/** How often a process that waits for another one looks whether it has renewed, milliseconds. */
const lookMs = 100;

/** How long it is left alone after it failed, milliseconds. */
const pauseMs = 5_000;

/** A token that was given less than this ago is not renewed because the server refuses it, milliseconds. */
const suspectAgeMsMin = 5_000;

/** Access and refresh tokens of before that are still looked for in what servers say. */
const oldSecretsMax = 8;

const connectAgain = "it has to be connected by OAuth again";

/**
 * The tokens of one connection, in one process. Renewed before they expire, once for all calls that wait, and once among
 * the processes on a store: whoever renews says so in the database first, and the others take what was written there.
 */
export class ConnectionTokens implements AuthorizationSource {
  readonly #context: OAuthContext;
  readonly #place: ConnectionPlace;
  readonly #recordId: string;
  readonly #origin: string;
  #tokens: Tokens;
  #version: number;
  #value: string;
  #secrets: readonly string[];
  #listener: (secrets: readonly string[]) => void = () => {};
  #renewing: Promise<{ readonly value: string } | UpstreamFailure> | undefined;
  #isSuspect = false;
  #pausedUntilMs = 0;
  #problem: string | undefined;
  #isRefused = false;

  /** Throws `STORE_CORRUPT` when the entry holds no tokens. */
  constructor(context: OAuthContext, entry: CredentialEntry) {
    this.#context = context;
    const { server, grantId, id, origin, version, value } = entry;
    this.#place = { server, grantId };
    this.#recordId = id;
    this.#origin = origin;
    this.#version = version;
    if (value === undefined) throw new TypeError("a connection is made of tokens that open");
    this.#tokens = readTokens(value);
    this.#value = `Bearer ${this.#tokens.accessToken}`;
    this.#secrets = secretsOf(this.#tokens);
  }

  /** Tells what no server may show: the tokens of this connection, the last ones of before, and the client's secret. */
  followSecrets(listener: (secrets: readonly string[]) => void): void {
    this.#listener = listener;
    listener(this.#secrets);
  }

  fresh(): string | undefined {
    return this.#isFresh() ? this.#value : undefined;
  }

  renewed(): Promise<{ readonly value: string } | UpstreamFailure> {
    this.#renewing ??= this.#renew()
      .catch((error: unknown) => {
        // The store cannot be asked: what is known may still do.
        this.#context.logger.error({ server: this.#place.server, error: String(error) }, "tokens cannot be renewed");
        return this.#failure("the gateway's store cannot be used just now");
      })
      .finally(() => (this.#renewing = undefined));
    return this.#renewing;
  }

  refused(value: string): void {
    // A token that was replaced meanwhile says nothing of the one now.
    if (value !== this.#value) return;
    if (this.#nowMs() - this.#tokens.obtainedMs >= suspectAgeMsMin) this.#isSuspect = true;
  }

  async #renew(): Promise<{ readonly value: string } | UpstreamFailure> {
    // Longer than the right of a process that died: somebody has renewed by then, or this one may.
    const giveUpAtMs = this.#nowMs() + 2 * renewingMs;
    while (this.#nowMs() < giveUpAtMs) {
      const row = await this.#row(this.#context.control.database.read);
      if (row === undefined) return this.#failure(connectAgain);
      this.#adopt(row);
      // What was renewed here could not be written then.
      if (row.version < this.#version) await this.#keep(this.#tokens, this.#version);
      if (this.#isFresh()) return { value: this.#value };
      if (this.#isRefused || this.#nowMs() < this.#pausedUntilMs) return this.#lastResort();
      if (await this.#claim()) return this.#ask();
      await sleep(lookMs);
    }
    return this.#failure("its tokens are being renewed and are not there yet: try again later");
  }

  /** The right to renew, until it is given back or runs out with a process that died. */
  #claim(): Promise<boolean> {
    const { server, grantId } = this.#place;
    return this.#context.control.database.note(async (tx, nowMs) => {
      const row = await this.#row(tx);
      if (row?.version !== this.#version) return false;
      const result = await tx
        .updateTable("upstream_connections")
        .set({ renewing_until_ms: nowMs + renewingMs })
        .where("server", "=", server)
        .where("grant_id", "=", grantId ?? "")
        .where("renewing_until_ms", "<=", nowMs)
        .executeTakeFirst();
      return result.numUpdatedRows > 0n;
    });
  }

  async #ask(): Promise<{ readonly value: string } | UpstreamFailure> {
    const { fetch } = this.#context;
    const way = { fetch, rules: endpointRulesOf(this.#context, this.#place.server, this.#origin) };
    const answer = await renewTokens(way, this.#tokens, this.#nowMs());
    if (answer.kind !== "given") return this.#fail(answer);
    const version = this.#version + 1;
    // In force here before it is written: the issuer may have made the old ones useless.
    this.#take(answer.tokens, version);
    if (!(await this.#keep(answer.tokens, version))) {
      await revokeTokens(way, answer.tokens);
      return this.#failure(connectAgain);
    }
    this.#problem = undefined;
    await noteStatus(this.#context, { ...this.#place, status: "connected", problem: undefined });
    return { value: this.#value };
  }

  /** False when somebody disconnected it, or connected it anew, meanwhile: then nothing is written. */
  async #keep(tokens: Tokens, version: number): Promise<boolean> {
    const { database, vault } = this.#context.control;
    const recordId = this.#recordId;
    const sealed = vault.seal(toSecret(tokens), { recordId, version, origin: this.#origin });
    const { server, grantId } = this.#place;
    return database.note(async (tx, nowMs) => {
      if ((await this.#row(tx)) === undefined) return false;
      await tx
        .updateTable("secrets")
        .set({ sealed, version, updated_ms: nowMs })
        .where("id", "=", recordId)
        .where("version", "=", version - 1)
        .execute();
      await tx
        .updateTable("upstream_connections")
        .set({ renewing_until_ms: 0, expires_ms: tokens.expiresMs ?? null, scope: tokens.scope })
        .where("server", "=", server)
        .where("grant_id", "=", grantId ?? "")
        .execute();
      return true;
    });
  }

  async #fail(answer: Exclude<TokenAnswer, { kind: "given" }>): Promise<{ readonly value: string } | UpstreamFailure> {
    const { kind, problem } = answer;
    this.#isRefused = kind === "refused";
    this.#pausedUntilMs = this.#nowMs() + pauseMs;
    const status: ConnectionAlert["status"] = this.#isRefused ? "consent_needed" : "failing";
    this.#problem = this.#isRefused
      ? `its authorization server does not renew the gateway's tokens (${problem}): an administrator has to connect it again`
      : `the gateway's tokens could not be renewed just now (${problem}): try again later`;
    const { server, grantId } = this.#place;
    const isMine = await this.#context.control.database.note(async (tx) => {
      if ((await this.#row(tx)) === undefined) return false;
      await tx
        .updateTable("upstream_connections")
        .set({ renewing_until_ms: 0 })
        .where("server", "=", server)
        .where("grant_id", "=", grantId ?? "")
        .execute();
      return true;
    });
    // What another connection in its place is like, nobody has learned here.
    if (!isMine) return this.#failure(connectAgain);
    await noteStatus(this.#context, { ...this.#place, status, problem: this.#problem });
    if (kind === "refused" && answer.isClientUnknown === true) {
      await forgetRegistration(this.#context, server, this.#tokens.client.id);
    }
    return this.#lastResort();
  }

  /** What is left when it cannot be renewed: the token itself, as long as it has not expired. */
  #lastResort(): { readonly value: string } | UpstreamFailure {
    const { expiresMs } = this.#tokens;
    const isUsable = !this.#isSuspect && (expiresMs === undefined || this.#nowMs() < expiresMs);
    return isUsable ? { value: this.#value } : this.#failure(this.#problem ?? "its tokens have expired");
  }

  #failure(problem: string): UpstreamFailure {
    return { code: "UPSTREAM_CREDENTIALS", message: `the gateway cannot use this server: ${problem}` };
  }

  #adopt(row: SecretRow): void {
    if (row.version <= this.#version) return;
    const tokens = openTokens(this.#context, row);
    if (tokens !== undefined) this.#take(tokens, row.version);
  }

  #take(tokens: Tokens, version: number): void {
    this.#tokens = tokens;
    this.#version = version;
    this.#value = `Bearer ${tokens.accessToken}`;
    this.#secrets = [...new Set([...secretsOf(tokens), ...this.#secrets])].slice(0, oldSecretsMax);
    this.#listener(this.#secrets);
    this.#isSuspect = false;
    this.#isRefused = false;
    this.#pausedUntilMs = 0;
  }

  #isFresh(): boolean {
    const { expiresMs, obtainedMs } = this.#tokens;
    if (this.#isSuspect) return false;
    if (expiresMs === undefined) return true;
    return this.#nowMs() < expiresMs - Math.min(marginMsMax, (expiresMs - obtainedMs) / 5);
  }

  #row(read: OAuthContext["control"]["database"]["read"]): Promise<SecretRow | undefined> {
    return read.selectFrom("secrets").selectAll().where("id", "=", this.#recordId).executeTakeFirst();
  }

  #nowMs(): number {
    return this.#context.control.clock.wallMs();
  }
}

function secretsOf({ accessToken, refreshToken, client }: Tokens): readonly string[] {
  return [accessToken, refreshToken, client.secret].filter((secret) => secret !== undefined);
}
