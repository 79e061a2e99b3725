import { z } from "zod";
import type { OpenIdFlow } from "../identity/openid-client.ts";
import { sha256Hex } from "../identity/token.ts";
import type { SealedValueRow } from "../store/control-tables.ts";
import { Secret } from "../vault/secret.ts";
import type { ControlContext } from "./control-context.ts";

/** How long a sign-in at an OpenID provider may take, milliseconds. */
export const flowLifetimeMs: number = 10 * 60_000;

/** A sign-in under way at an OpenID provider. */
export interface KeptFlow extends Omit<OpenIdFlow, "url"> {
  /** Digest of what the browser's cookie holds: only that browser may end what it began. */
  readonly browserSha256: string;
  readonly issuer: string;
  /** An own path to go on to. */
  readonly next: string;
}

const keptFlow: z.ZodType<KeptFlow> = z.strictObject({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  browserSha256: z.string(),
  issuer: z.string(),
  next: z.string(),
});

/** Keeps a sign-in that has begun, sealed, until the browser comes back. */
export async function keepFlow({ database, vault }: ControlContext, flow: KeptFlow): Promise<void> {
  const id = idOf(flow.state);
  const binding = { recordId: id, version: 1, origin: flow.issuer };
  const sealed = vault.seal(Secret.of(JSON.stringify(flow)), binding);
  await database.note(async (tx, nowMs) => {
    await tx.deleteFrom("sealed_values").where("id", "like", "sign-in:%").where("expires_ms", "<=", nowMs).execute();
    const row: SealedValueRow = { id, sealed, version: 1, expires_ms: nowMs + flowLifetimeMs };
    await tx.insertInto("sealed_values").values(row).execute();
  });
}

/** Takes what was kept, which can be done once; undefined when there is nothing (any more) for this browser. */
export async function takeFlow(
  { database, vault }: ControlContext,
  state: string,
  browser: string,
  issuer: string,
): Promise<KeptFlow | undefined> {
  const id = idOf(state);
  const sealed = await database.note(async (tx, nowMs) => {
    const row = await tx.selectFrom("sealed_values").selectAll().where("id", "=", id).executeTakeFirst();
    await tx.deleteFrom("sealed_values").where("id", "=", id).execute();
    return (row?.expires_ms ?? 0) > nowMs ? row?.sealed : undefined;
  });
  if (sealed === undefined) return undefined;
  const flow = keptFlow.parse(JSON.parse(vault.open(sealed, { recordId: id, version: 1, origin: issuer }).reveal()));
  return flow.browserSha256 === sha256Hex(browser) ? flow : undefined;
}

function idOf(state: string): string {
  return `sign-in:${sha256Hex(state)}`;
}
