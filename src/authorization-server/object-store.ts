import type { Adapter, AdapterPayload } from "oidc-provider";
import { z } from "zod";
import type { ControlContext } from "../control/control-context.ts";
import { sha256Hex } from "../identity/token.ts";
import { isGrantLive, revokeAuthorization } from "./authorizations.ts";

/** How long a registered client is kept that nobody has consented to yet, milliseconds. */
const unusedClientMs = 24 * 3_600_000;

/**
 * Stands in a stored payload where the object's id was. The id is what the client holds (a token, a code), and is kept
 * as its digest alone. Not a character of JSON, so no payload has it by itself.
 */
const idMark = "\u0001";

const payloadSchema: z.ZodType<AdapterPayload> = z.record(z.string(), z.unknown());

/** What the authorization server remembers about a browser is nothing: who is signed in, the session tells. */
const forgotten: readonly string[] = ["accountId", "loginTs", "authorizations"];

/**
 * Keeps one kind of the authorization server's objects. An object of an authorization is found only while its grant
 * lives. `lostRace` makes what is thrown for a token or code that somebody else used a moment ago.
 */
export function createObjectStore(control: ControlContext, model: string, lostRace: () => Error): Adapter {
  const { database } = control;
  const idOf = (id: string): { readonly model: string; readonly id_sha256: string } => ({
    model,
    id_sha256: sha256Hex(id),
  });
  return {
    upsert: async (id, payload, expiresIn) => {
      const kept = Object.entries(payload).filter(([name]) => model !== "Session" || !forgotten.includes(name));
      const text = JSON.stringify(Object.fromEntries(kept)).replaceAll(id, idMark);
      const grantKey = model === "Grant" ? id : (payload.grantId ?? null);
      await database.note((tx, nowMs) => {
        const lifeMs = expiresIn === undefined ? unusedClientMs : expiresIn * 1_000;
        const values = { payload: text, grant_key: grantKey, expires_ms: nowMs + lifeMs };
        return tx
          .insertInto("oauth_objects")
          .values({ ...idOf(id), ...values, uid: null, user_code: null, consumed_ms: null })
          .onConflict((conflict) => conflict.columns(["model", "id_sha256"]).doUpdateSet(values))
          .execute();
      });
    },
    find: async (id) => {
      const nowMs = control.clock.wallMs();
      const { id_sha256 } = idOf(id);
      const row = await database.read
        .selectFrom("oauth_objects")
        .select(["payload", "grant_key", "consumed_ms", "expires_ms"])
        .where("model", "=", model)
        .where("id_sha256", "=", id_sha256)
        .executeTakeFirst();
      if (row === undefined || (row.expires_ms ?? Infinity) <= nowMs) return undefined;
      if (row.grant_key !== null && !(await isGrantLive(database.read, row.grant_key, nowMs))) return undefined;
      const payload = payloadSchema.parse(JSON.parse(row.payload.replaceAll(idMark, id)));
      return row.consumed_ms === null ? payload : { ...payload, consumed: Math.floor(row.consumed_ms / 1_000) };
    },
    // Sessions bind nothing here, and there is no device flow.
    findByUid: () => Promise.resolve(undefined),
    findByUserCode: () => Promise.resolve(undefined),
    consume: async (id) => {
      const { id_sha256 } = idOf(id);
      const grantKey = await database.note(async (tx, nowMs) => {
        const used = await tx
          .updateTable("oauth_objects")
          .set({ consumed_ms: nowMs })
          .where("model", "=", model)
          .where("id_sha256", "=", id_sha256)
          .where("consumed_ms", "is", null)
          .executeTakeFirst();
        if (used.numUpdatedRows > 0n) return undefined;
        const row = await tx
          .selectFrom("oauth_objects")
          .select("grant_key")
          .where("model", "=", model)
          .where("id_sha256", "=", id_sha256)
          .executeTakeFirst();
        return row?.grant_key ?? "";
      });
      if (grantKey === undefined) return;
      // INVARIANT: of two requests with one code or refresh token at most one goes on, and both end the authorization.
      await revokeAuthorization(control, grantKey);
      throw lostRace();
    },
    destroy: async (id) => {
      if (model === "Grant") return revokeAuthorization(control, id);
      const { id_sha256 } = idOf(id);
      await database.note((tx) =>
        tx.deleteFrom("oauth_objects").where("model", "=", model).where("id_sha256", "=", id_sha256).execute(),
      );
    },
    revokeByGrantId: async (grantId) => {
      await database.note((tx) =>
        tx.deleteFrom("oauth_objects").where("model", "=", model).where("grant_key", "=", grantId).execute(),
      );
    },
  };
}
