import { generateKeyPairSync, randomBytes } from "node:crypto";
import type { JWK } from "oidc-provider";
import { z } from "zod";
import type { ControlContext } from "../control/control-context.ts";
import { Secret } from "../vault/secret.ts";

/** The keys of the authorization server. */
export interface ServerKeys {
  /** Signs its cookies; 256 random bits. */
  readonly cookieKey: string;
  /** A private key (ES256). */
  readonly signingKey: JWK;
}

const recordId = "oauth.keys";
const binding = { recordId, version: 1, origin: "callgate" } as const;

const keysSchema: z.ZodType<ServerKeys> = z.object({
  cookieKey: z.string().min(43),
  signingKey: z.record(z.string(), z.string()),
});

/** The keys of this installation, made when they are first asked for. Rejects with `SECRET_UNREADABLE`. */
export async function loadServerKeys({ database, vault }: ControlContext): Promise<ServerKeys> {
  const read = async (): Promise<string | undefined> => {
    const row = await database.read
      .selectFrom("sealed_values")
      .select("sealed")
      .where("id", "=", recordId)
      .executeTakeFirst();
    return row?.sealed;
  };
  let sealed = await read();
  if (sealed === undefined) {
    const made = vault.seal(Secret.of(JSON.stringify(newKeys())), binding);
    // Another process may have made them a moment ago: then those count.
    await database.note((tx) =>
      tx
        .insertInto("sealed_values")
        .values({ id: recordId, sealed: made, version: binding.version, expires_ms: null })
        .onConflict((conflict) => conflict.doNothing())
        .execute(),
    );
    sealed = await read();
  }
  return keysSchema.parse(JSON.parse(vault.open(sealed ?? "", binding).reveal()));
}

function newKeys(): ServerKeys {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { kty = "", crv = "", x = "", y = "", d = "" } = privateKey.export({ format: "jwk" });
  return {
    cookieKey: randomBytes(32).toString("base64url"),
    signingKey: { kty, crv, x, y, d, kid: randomBytes(8).toString("hex"), alg: "ES256", use: "sig" },
  };
}
