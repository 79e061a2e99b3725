import { randomUUID } from "node:crypto";
import type { z } from "zod";
import { apiPath } from "../api/contract/api-path.ts";
import type { Page } from "../api/contract/common.ts";
import type {
  AnswerOf,
  AnyOperation,
  BodyOf,
  Exchange,
  Operation,
  ParamsOf,
  QueryOf,
} from "../api/contract/operation.ts";
import { problem, type ProblemView } from "../api/contract/problem.ts";
import { AppError } from "../errors.ts";

/** What an operation is asked with; parts that it has not are left out. */
export interface ApiCall<E extends Exchange> {
  readonly params?: ParamsOf<E>;
  /** Members left out have their default. */
  readonly query?: Partial<QueryOf<E>>;
  readonly body?: BodyOf<E>;
  /** The revision that a change was made from, or `any` for whatever is there. */
  readonly revision?: number | "any";
}

/** An operation that answers a part of a list. */
export interface ListOperation<Item> extends AnyOperation {
  readonly answer: z.ZodType<Page<Item>>;
}

/** What a list is asked for with, beside the part of it. */
export interface ListCall {
  readonly params?: object;
  readonly query?: object;
  /** How many items are read at most; default all. */
  readonly atMost?: number;
}

/** What any operation is asked with. */
interface PlainCall {
  readonly params?: unknown;
  readonly query?: unknown;
  readonly body?: unknown;
  readonly revision?: number | "any";
}

/** The HTTP API of one gateway. Nothing to close. */
export interface ApiClient {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Asks once. Rejects with {@link ApiRefusal}, or with `API_UNREACHABLE`. */
  send<E extends Exchange>(operation: Operation<E>, call?: ApiCall<E>): Promise<AnswerOf<E>>;
  /** Every item of a list, page by page. Rejects as `send` does. */
  all<Item>(operation: ListOperation<Item>, call?: ListCall): Promise<readonly Item[]>;
}

/** The gateway would not do it, and says why. */
export class ApiRefusal extends Error {
  override readonly name = "ApiRefusal";
  readonly problem: ProblemView;

  constructor(refused: ProblemView) {
    super(refused.detail);
    this.problem = refused;
  }
}

/** What is sent with every request: a token, or a browser's session. */
export type ApiHeaders = Readonly<Record<string, string>>;

const timeoutMs = 60_000;

/** A client of the gateway at that origin. */
export function createApiClient(origin: string, headers: ApiHeaders): ApiClient {
  const ask = async <Answer>(operation: AnyOperation & Answers<Answer>, call: PlainCall): Promise<Answer> => {
    const response = await request(origin, operation, headers, call);
    const value = parse(await response.text(), origin);
    if (!response.ok) throw refusalOf(value, response.status, origin);
    const { data, success } = operation.answer.safeParse(value);
    if (success) return data;
    throw unreachable(origin, "its answer is not understood: is it another version of Callgate?");
  };
  const all = async <Item>(operation: ListOperation<Item>, call: ListCall = {}): Promise<readonly Item[]> => {
    const { params, query: asked, atMost = Infinity } = call;
    const items: Item[] = [];
    for (let cursor: string | null | undefined; cursor !== null && items.length < atMost;) {
      const limit = Math.min(200, atMost - items.length);
      const query = { limit, ...asked, ...(cursor === undefined ? {} : { cursor }) };
      const page: Page<Item> = await ask(operation, { params, query });
      items.push(...page.items);
      cursor = page.nextCursor;
    }
    return items;
  };
  return { origin, send: (operation, call = {}) => ask(operation, call), all };
}

interface Answers<Answer> {
  readonly answer: z.ZodType<Answer>;
}

async function request(
  origin: string,
  operation: AnyOperation,
  headers: ApiHeaders,
  call: PlainCall,
): Promise<Response> {
  const { body, revision } = call;
  try {
    return await fetch(addressOf(origin, operation, call), {
      method: operation.method,
      // A token goes to the address that it was made for and to no other.
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        ...headers,
        accept: "application/json",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(revision === undefined ? {} : { "if-match": revision === "any" ? "*" : `"${revision}"` }),
        ...(operation.isRepeatable === undefined ? {} : { "idempotency-key": randomUUID() }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const why = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    throw unreachable(origin, `${why}: is \`callgate serve\` running there?`, error);
  }
}

function addressOf(origin: string, { path }: AnyOperation, { params, query }: PlainCall): URL {
  const values = new Map(membersOf(params));
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values.get(name))));
  const url = new URL(`${apiPath}${filled}`, origin);
  for (const [name, value] of membersOf(query)) url.searchParams.set(name, String(value));
  return url;
}

function membersOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}

function parse(text: string, origin: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw unreachable(origin, "what answers there is not Callgate's API: check the address");
  }
}

function refusalOf(value: unknown, status: number, origin: string): Error {
  const { data, success } = problem.safeParse(value);
  if (success) return new ApiRefusal(data);
  return unreachable(origin, `it answered ${status}, and not as Callgate's API does: check the address`);
}

function unreachable(origin: string, why: string, cause?: unknown): AppError {
  return new AppError("API_UNREACHABLE", `the gateway at ${origin} cannot be asked: ${why}`, { cause });
}
