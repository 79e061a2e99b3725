import { z } from "zod";
import type { ErrorCode } from "../../errors.ts";
import type { Permission } from "../../values/roles.ts";

/** What an operation takes and gives. Members left out: no parameters, no query, no body, no content in the answer. */
export interface Exchange {
  readonly params?: unknown;
  readonly query?: unknown;
  readonly body?: unknown;
  readonly answer?: unknown;
}

/** A part of an exchange, or what stands there when it has none. */
type PartOf<E extends Exchange, Part extends keyof Exchange, Otherwise> = unknown extends E[Part]
  ? Otherwise
  : Exclude<E[Part], undefined>;

/** The parameters of an operation's path. */
export type ParamsOf<E extends Exchange> = PartOf<E, "params", Nothing>;
/** The query of an operation. */
export type QueryOf<E extends Exchange> = PartOf<E, "query", Nothing>;
/** The body of an operation's request. */
export type BodyOf<E extends Exchange> = PartOf<E, "body", undefined>;
/** The body of an operation's answer. */
export type AnswerOf<E extends Exchange> = PartOf<E, "answer", undefined>;

/** Parameters or a query without members. */
export type Nothing = Readonly<Record<string, never>>;

/** One operation of the HTTP API, as data: routes, checks, the OpenAPI document and tests come from it. */
export interface AnyOperation {
  /** Unique; `operationId` in OpenAPI. */
  readonly id: string;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below `/api/v1`, with parameters as `{serverId}`. */
  readonly path: string;
  readonly tag: string;
  /** One sentence without a full stop. */
  readonly summary: string;
  /** Who may ask: whoever is known, or whose role has a permission. */
  readonly access: "anyone_known" | Permission;
  readonly params: z.ZodType;
  readonly query: z.ZodType;
  readonly body: z.ZodType;
  readonly answer: z.ZodType;
  /** Of the answer when all is well; 204 has no content. */
  readonly status: 200 | 201 | 204;
  /** `shown`: the answer has an `ETag`. `demanded`: the request must have an `If-Match` too. */
  readonly revision?: "shown" | "demanded";
  /** Set where the same request with the same `Idempotency-Key` is done once: `sealed` for an answer with a secret. */
  readonly isRepeatable?: "plain" | "sealed";
  /** What can go wrong beyond what every operation has. */
  readonly codes: readonly ErrorCode[];
}

/** An operation with the types of what it takes and gives. */
export interface Operation<E extends Exchange> extends AnyOperation {
  readonly params: z.ZodType<ParamsOf<E>>;
  readonly query: z.ZodType<QueryOf<E>>;
  readonly body: z.ZodType<BodyOf<E>>;
  readonly answer: z.ZodType<AnswerOf<E>>;
}

/** No parameters, or no query: any is refused. */
export const nothing: z.ZodType<Nothing> = z.strictObject({});

/** No body, or no content in an answer. */
export const noContent: z.ZodType<undefined> = z.undefined();
