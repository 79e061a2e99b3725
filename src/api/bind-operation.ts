import type { Context, Hono } from "hono";
import type { z } from "zod";
import type { Actor } from "../audit/admin-event.ts";
import { type ControlContext, demand, type ExpectedRevision, invalid } from "../control/control-context.ts";
import { doOnce } from "../control/do-once.ts";
import { AppError } from "../errors.ts";
import type { AnswerOf, AnyOperation, BodyOf, Exchange, Operation, ParamsOf, QueryOf } from "./contract/operation.ts";
import type { Session } from "../identity/sessions.ts";
import { inputProblems } from "./input-problems.ts";
import { readJsonBody } from "./read-json-body.ts";
import { entityTag, expectedRevision } from "./revisions.ts";
import type { WebEnvironment } from "./web-environment.ts";

/** A request that its operation's contract has let through. */
export interface ApiRequest<E extends Exchange> {
  /** Who asks. */
  readonly actor: Actor;
  /** The browser's session that the request comes by; undefined for an API token. */
  readonly session: Session | undefined;
  readonly params: ParamsOf<E>;
  readonly query: QueryOf<E>;
  readonly body: BodyOf<E>;
  /** From `If-Match`; `any` where the operation does not ask for it. */
  readonly revision: ExpectedRevision;
}

/** What an operation answers. */
export interface ApiReply<Answer> {
  readonly answer: Answer;
  /** For the `ETag`, where the contract shows one. */
  readonly revision?: number;
}

/** Puts what an operation does behind its route. */
export type BindOperation = <E extends Exchange>(
  operation: Operation<E>,
  handle: (request: ApiRequest<E>) => ApiReply<AnswerOf<E>> | Promise<ApiReply<AnswerOf<E>>>,
) => void;

/** A {@link BindOperation} for an app whose addresses begin where the contract's paths do. */
export function bindingTo(app: Hono<WebEnvironment>, control: ControlContext): BindOperation {
  return (operation, handle) => {
    app.on(operation.method, routePath(operation), async (c) => {
      const request = await readRequest(c, operation);
      const key = operation.isRepeatable === undefined ? undefined : c.req.header("idempotency-key");
      const run = (): ReturnType<typeof handle> => handle(request);
      const { answer, revision } =
        key === undefined ? await run() : await doOnce(control, onceOf(operation, request, key), run);
      if (revision !== undefined) c.header("etag", entityTag(revision));
      return answer === undefined ? c.body(null, 204) : c.json(answer, operation.status === 201 ? 201 : 200);
    });
  };
}

/** Pure. An operation's path as routes are written: `/servers/:serverId`. */
export function routePath({ path }: AnyOperation): string {
  return path.replaceAll(/\{(\w+)\}/g, ":$1");
}

function onceOf(
  { id, isRepeatable }: AnyOperation,
  { actor, params, query, body }: { actor: Actor; params: unknown; query: unknown; body: unknown },
  key: string,
): Parameters<typeof doOnce>[1] {
  return { actor, key, request: [id, params, query, body ?? null], isSecret: isRepeatable === "sealed" };
}

async function readRequest<E extends Exchange>(
  c: Context<WebEnvironment>,
  operation: Operation<E>,
): Promise<ApiRequest<E>> {
  // Who may not ask learns nothing of what is wrong with the question.
  const actor = demandActor(c.get("actor"), operation.access);
  return {
    actor,
    session: c.get("session"),
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
