import { AppError, type ErrorCode } from "../errors.ts";

/** An error as RFC 9457 says it, with a stable `code` that has a page in `docs/errors/`. */
export interface ProblemDetails {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
  /** Joins this answer with what was logged about it. */
  readonly requestId: string;
  /** What is wrong with what was sent: each with `path` (a JSON pointer), `message` and `hint`. */
  readonly problems?: unknown;
}

/** The media type of {@link ProblemDetails}. */
export const problemMediaType = "application/problem+json";

/** The HTTP status of each code that a request can meet; every other is a fault of ours, 500. */
export const statuses: Partial<Readonly<Record<ErrorCode, number>>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  OPERATOR_ONLY: 403,
  NOT_FOUND: 404,
  INPUT_INVALID: 400,
  MEDIA_TYPE_UNSUPPORTED: 415,
  METHOD_NOT_ALLOWED: 405,
  NAME_TAKEN: 409,
  IN_USE: 409,
  READ_ONLY: 409,
  LAST_ADMIN: 409,
  SECRET_UNREADABLE: 409,
  REVISION_MISSING: 428,
  REVISION_STALE: 412,
  IDEMPOTENCY_MISMATCH: 422,
  IDEMPOTENCY_PENDING: 409,
  SIGN_IN_FAILED: 400,
  TOO_MANY_ATTEMPTS: 429,
  UPSTREAM_START_FAILED: 502,
  UPSTREAM_EXITED: 502,
  UPSTREAM_GARBAGE: 502,
  UPSTREAM_REFUSED: 502,
  UPSTREAM_SESSION_ENDED: 502,
  UPSTREAM_TIMEOUT: 504,
  UPSTREAM_OVERLOADED: 503,
  UPSTREAM_CREDENTIALS: 502,
  OAUTH_CONNECT_FAILED: 502,
  STORE_UNAVAILABLE: 503,
  STORE_CORRUPT: 503,
};

/** Pure. Any thrown value as an answer; a fault that nobody named tells a stranger nothing. */
export function problemOf(error: unknown, requestId: string): ProblemDetails {
  const known = error instanceof AppError ? error : new AppError("INTERNAL", "something went wrong here");
  const status = statuses[known.code] ?? 500;
  const problems = known.data?.["problems"];
  return {
    type: `urn:callgate:error:${known.code}`,
    title: known.code.toLowerCase().replaceAll("_", " "),
    status,
    code: known.code,
    detail: status === 500 ? "something went wrong here: look for the request id in the log" : known.publicMessage,
    requestId,
    ...(problems === undefined ? {} : { problems }),
  };
}

/** Pure. What else an answer to an error says in its head (RFC 9110 §10.2.1, §10.2.3, §11.6.1). */
export function problemHeaders(error: unknown): Readonly<Record<string, string>> {
  if (!(error instanceof AppError)) return {};
  const { allow, retryAfterSeconds } = error.data ?? {};
  return {
    ...(error.code === "UNAUTHENTICATED" ? { "www-authenticate": 'Bearer realm="callgate"' } : {}),
    ...(typeof allow === "string" ? { allow } : {}),
    ...(typeof retryAfterSeconds === "number" ? { "retry-after": String(retryAfterSeconds) } : {}),
  };
}
