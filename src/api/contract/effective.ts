import { z } from "zod";
import { time } from "./common.ts";
import { grantParams, type GrantParams } from "./grants.ts";
import { type AnyOperation, noContent, nothing, type Operation } from "./operation.ts";

/** What a grant can do with one tool. */
export interface EffectiveToolView {
  readonly name: string;
  /** Whether the grant's lists show it. */
  readonly isListed: boolean;
  /** Whether some call of it can pass; arguments, limits and flows still judge each call. */
  readonly isCallable: boolean;
  /** As the policy alone says. */
  readonly visibility: "listed" | "hidden" | "denied";
}

/** What a grant can do on one server. */
export interface EffectiveServerView {
  readonly server: string;
  readonly policy: string | null;
  /** Why nothing passes, whatever the policy says. */
  readonly closedBecause: "grant_revoked" | "grant_expired" | "server_missing" | "server_disabled" | null;
  /** When the tools were last fetched; null when they never were. */
  readonly fetchedAt: string | null;
  readonly tools: readonly EffectiveToolView[];
}

/** What a grant can do. */
export interface EffectiveView {
  readonly grant: string;
  /** By name. */
  readonly servers: readonly EffectiveServerView[];
}

const effectiveServer: z.ZodType<EffectiveServerView> = z
  .strictObject({
    server: z.string(),
    policy: z.string().nullable(),
    closedBecause: z.enum(["grant_revoked", "grant_expired", "server_missing", "server_disabled"]).nullable(),
    fetchedAt: time.nullable(),
    tools: z.array(
      z.strictObject({
        name: z.string(),
        isListed: z.boolean(),
        isCallable: z.boolean(),
        visibility: z.enum(["listed", "hidden", "denied"]),
      }),
    ),
  })
  .meta({ id: "EffectiveServer" });

/** What a grant sees and may call. */
export const getEffective: Operation<{ params: GrantParams; answer: EffectiveView }> = {
  id: "getEffective",
  method: "GET",
  path: "/grants/{grantId}/effective",
  tag: "grants",
  summary: "Read what a grant sees and may call on each of its servers, by the kept lists of tools",
  access: "grants.read",
  params: grantParams,
  query: nothing,
  body: noContent,
  answer: z.strictObject({ grant: z.string(), servers: z.array(effectiveServer) }).meta({ id: "Effective" }),
  status: 200,
  codes: ["NOT_FOUND"],
};

/** The operations of this file. */
export const effectiveOperations: readonly AnyOperation[] = [getEffective];
