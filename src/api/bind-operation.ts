import type { Context, Hono } from "hono";
import type { z } from "zod";
import type { Actor } from "../audit/admin-event.ts";
import { demand, type ExpectedRevision, invalid } from "../control/control-context.ts";
import { AppError } from "../errors.ts";
import type { AnswerOf, AnyOperation, BodyOf, Exchange, Operation, ParamsOf, QueryOf } from "./contract/operation.ts";
import { inputProblems } from "./input-problems.ts";
import { readJsonBody } from "./read-json-body.ts";
import { entityTag, expectedRevision } from "./revisions.ts";
import type { WebEnvironment } from "./web-environment.ts";

/** A request that its operation's contract has let through. */
export interface ApiRequest<E extends Exchange> {
  /** Who asks. */
  readonly actor: Actor;
  readonly params: ParamsOf<E>;
  readonly query: QueryOf<E>;
  readonly body: BodyOf<E>;
  /** From `If-Match`; `any` where the operation does not ask for it. */
  readonly revision: ExpectedRevision;
}

/** What an operation answers. */
export interface ApiReply<E extends Exchange> {
  readonly answer: AnswerOf<E>;
  /** For the `ETag`, where the contract shows one. */
  readonly revision?: number;
}

/** Puts what an operation does behind its route. */
export type BindOperation = <E extends Exchange>(
  operation: Operation<E>,
  handle: (request: ApiRequest<E>) => ApiReply<E> | Promise<ApiReply<E>>,
) => void;

/** A {@link BindOperation} for an app whose addresses begin where the contract's paths do. */
export function bindingTo(app: Hono<WebEnvironment>): BindOperation {
  return (operation, handle) => {
    app.on(operation.method, operation.path.replaceAll(/\{(\w+)\}/g, ":$1"), async (c) => {
      const { answer, revision } = await handle(await readRequest(c, operation));
      if (revision !== undefined) c.header("etag", entityTag(revision));
      return answer === undefined ? c.body(null, 204) : c.json(answer, operation.status === 201 ? 201 : 200);
    });
  };
}

async function readRequest<E extends Exchange>(
  c: Context<WebEnvironment>,
  operation: Operation<E>,
): Promise<ApiRequest<E>> {
  // Who may not ask learns nothing of what is wrong with the question.
  const actor = demandActor(c.get("actor"), operation.access);
  return {
    actor,
    params: check(operation.params, c.req.param()),
    query: check(operation.query, queryOf(c)),
    body: check(operation.body, await readJsonBody(c.req.raw)),
    revision: operation.revision === "demanded" ? expectedRevision(c.req.header("if-match")) : "any",
  };
}

function demandActor(actor: Actor | undefined, access: AnyOperation["access"]): Actor {
  if (actor === undefined) throw new AppError("UNAUTHENTICATED", "sign in, or send an API token as a bearer token");
  if (access !== "anyone_known") demand(actor, access);
  return actor;
}

/** Each member once: a member that comes twice would be read differently by two readers. */
function queryOf(c: Context<WebEnvironment>): Readonly<Record<string, string>> {
  const query: Record<string, string> = {};
  for (const [name, value] of new URL(c.req.url).searchParams) {
    if (Object.hasOwn(query, name)) {
      throw invalid([{ path: "", message: `\`${name.slice(0, 80)}\` comes twice in the query`, hint: "send it once" }]);
    }
    Object.defineProperty(query, name, { value, enumerable: true });
  }
  return query;
}

function check<Value>(schema: z.ZodType<Value>, value: unknown): Value {
  const { data, error } = schema.safeParse(value);
  if (error !== undefined) throw invalid(inputProblems(error.issues));
  return data;
}
