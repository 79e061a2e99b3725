/** Every code an {@link AppError} or a {@link Problem} can carry, with a page in `docs/errors/`. Codes are never reused. */
export type ErrorCode =
  // start-up, configuration, command line
  | "CONFIG_INVALID"
  | "FILE_UNREADABLE"
  | "FILE_EXISTS"
  | "USAGE"
  | "NODE_TOO_OLD"
  | "LISTEN_FAILED"
  | "SELF_TEST_FAILED"
  | "CLOCK_UNSET"
  // store
  | "STORE_UNAVAILABLE"
  | "STORE_CORRUPT"
  | "STORE_TOO_NEW"
  | "STORE_IN_USE"
  // upstream servers
  | "UPSTREAM_START_FAILED"
  | "UPSTREAM_EXITED"
  | "UPSTREAM_TIMEOUT"
  | "UPSTREAM_GARBAGE"
  | "UPSTREAM_OVERLOADED"
  | "UPSTREAM_REFUSED"
  | "UPSTREAM_CREDENTIALS"
  | "UPSTREAM_SESSION_ENDED"
  // secrets
  | "SECRET_UNREADABLE"
  | "VAULT_KEY_INVALID"
  | "OAUTH_CONNECT_FAILED"
  // administration
  | "UNAUTHENTICATED"
  | "FORBIDDEN"
  | "OPERATOR_ONLY"
  | "NOT_FOUND"
  | "INPUT_INVALID"
  | "MEDIA_TYPE_UNSUPPORTED"
  | "METHOD_NOT_ALLOWED"
  | "NAME_TAKEN"
  | "IN_USE"
  | "READ_ONLY"
  | "LAST_ADMIN"
  | "REVISION_MISSING"
  | "REVISION_STALE"
  | "IDEMPOTENCY_MISMATCH"
  | "IDEMPOTENCY_PENDING"
  | "SIGN_IN_FAILED"
  | "TOO_MANY_ATTEMPTS"
  | "API_UNREACHABLE"
  // anything that should not happen
  | "INTERNAL";

/** A fault that stops what was being done. A denial is a value, never one of these. */
export class AppError extends Error {
  readonly code: ErrorCode;
  /** What a stranger (the agent, a client) may read; nothing secret. */
  readonly publicMessage: string;
  readonly data: Readonly<Record<string, unknown>> | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: {
      readonly cause?: unknown;
      readonly data?: Readonly<Record<string, unknown>>;
      readonly publicMessage?: string;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "AppError";
    this.code = code;
    this.data = options.data;
    this.publicMessage = options.publicMessage ?? message;
  }
}

/**
 * A mistake in a document a person wrote (a policy, a configuration), as a value: all problems of a document are
 * returned together, sorted by place. `severity: "warning"` does not stop loading.
 */
export interface Problem {
  readonly severity: "error" | "warning";
  /** UPPER_SNAKE, stable, with a page in `docs/errors/`. */
  readonly code: string;
  /** Lower case, no full stop, user input in backticks. */
  readonly message: string;
  /** The file's name as the user gave it, absent for text without a file. */
  readonly file?: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based, in UTF-16 code units as editors count. */
  readonly column: number;
  /** RFC 6901 JSON pointer of the place, `""` for the whole document. */
  readonly path: string;
  /** What to do about it. */
  readonly hint: string;
}
