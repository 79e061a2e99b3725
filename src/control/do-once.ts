import type { Actor } from "../audit/admin-event.ts";
import { AppError } from "../errors.ts";
import { sha256Hex } from "../identity/token.ts";
import type { IdempotencyRow } from "../store/control-tables.ts";
import { canonicalJson } from "../values/canonical.ts";
import { Secret } from "../vault/secret.ts";
import type { Binding } from "../vault/vault.ts";
import { type ControlContext, invalid } from "./control-context.ts";

/** What an `Idempotency-Key` may be: 1 to 200 visible characters of ASCII. */
export const idempotencyKeyPattern: RegExp = /^[!-~]{1,200}$/;

/** How long an answer is kept, milliseconds. */
const keptMs = 86_400_000;

/** A request that is done once. */
export interface Once {
  readonly actor: Actor;
  /** The client's name for it, unique for each actor. */
  readonly key: string;
  /** Everything that makes it the same request, as JSON values. */
  readonly request: unknown;
  /** Whether the answer holds a secret: it is kept sealed. */
  readonly isSecret: boolean;
}

/** Status 0 in a row: the request was begun and has not ended. */
const begun = 0;
const ended = 1;

/**
 * Runs a request, or gives the answer that the same request of the same actor got within the last day. An answer that
 * is an error is not kept: the request can be sent again. Throws `IDEMPOTENCY_MISMATCH` when the key was used for
 * another request, `IDEMPOTENCY_PENDING` when the first one has not ended, and whatever `run` throws.
 */
export async function doOnce<Answer>(
  context: ControlContext,
  once: Once,
  run: () => Answer | Promise<Answer>,
): Promise<Answer> {
  if (!idempotencyKeyPattern.test(once.key)) {
    const hint = "send 1 to 200 visible characters of ASCII";
    throw invalid([{ path: "", message: "the header `Idempotency-Key` cannot be used", hint }]);
  }
  // A member's API token is another actor than the member: it may not ask for all that they may, and so not again either.
  const place = { actor: `${once.actor.kind}:${once.actor.memberId ?? once.actor.name}`, key: once.key };
  const request_sha256 = sha256Hex(canonicalJson(once.request));
  const known = await begin(context, { ...place, request_sha256 });
  if (known !== undefined) {
    const kept: Answer = JSON.parse(keptAnswer(context, known, request_sha256));
    return kept;
  }
  let answer: Answer;
  try {
    answer = await run();
  } catch (error) {
    // What is not known to have failed as a whole stays begun.
    if (error instanceof AppError && error.code !== "INTERNAL") await forget(context, place);
    throw error;
  }
  await end(context, place, JSON.stringify(answer), once.isSecret);
  return answer;
}

type Place = Pick<IdempotencyRow, "actor" | "key">;

/** Claims the key; the row of the first request when there was one. */
function begin(
  { database }: ControlContext,
  claim: Place & { readonly request_sha256: string },
): Promise<IdempotencyRow | undefined> {
  return database.note(async (tx, nowMs) => {
    await tx
      .deleteFrom("idempotency_keys")
      .where("created_ms", "<", nowMs - keptMs)
      .execute();
    const known = await tx
      .selectFrom("idempotency_keys")
      .selectAll()
      .where("actor", "=", claim.actor)
      .where("key", "=", claim.key)
      .executeTakeFirst();
    if (known === undefined) {
      await tx
        .insertInto("idempotency_keys")
        .values({ ...claim, status: begun, answer: "", created_ms: nowMs })
        .execute();
    }
    return known;
  });
}

/** The first answer as JSON. */
function keptAnswer({ vault }: ControlContext, row: IdempotencyRow, request_sha256: string): string {
  if (row.request_sha256 !== request_sha256) {
    throw new AppError("IDEMPOTENCY_MISMATCH", "this `Idempotency-Key` was used for another request: take a new one");
  }
  if (row.status === begun) {
    const message = "the request with this `Idempotency-Key` has not ended: look whether it was done";
    throw new AppError("IDEMPOTENCY_PENDING", message);
  }
  return row.answer.startsWith("{") ? row.answer : vault.open(row.answer, bindingOf(row)).reveal();
}

async function end({ database, vault }: ControlContext, place: Place, text: string, isSecret: boolean): Promise<void> {
  const answer = isSecret ? vault.seal(Secret.of(text), bindingOf(place)) : text;
  await database.note((tx) =>
    tx
      .updateTable("idempotency_keys")
      .set({ status: ended, answer })
      .where("actor", "=", place.actor)
      .where("key", "=", place.key)
      .execute(),
  );
}

function forget({ database }: ControlContext, { actor, key }: Place): Promise<unknown> {
  return database.note((tx) =>
    tx.deleteFrom("idempotency_keys").where("actor", "=", actor).where("key", "=", key).execute(),
  );
}

/** Where a sealed answer belongs: to this key of this actor. */
function bindingOf({ actor, key }: Place): Binding {
  return { recordId: `idempotency:${JSON.stringify([actor, key])}`, version: 1, origin: "" };
}
