import { AppError } from "../errors.ts";
import { isList, isObject, type JsonObject, type JsonValue, ownMember } from "../values/json.ts";

/** Where a comment goes. */
export interface PullRequest {
  /** `https://api.github.com`, without a slash at the end. */
  readonly apiUrl: string;
  /** `owner/name` */
  readonly repository: string;
  readonly number: number;
  /** Never shown. */
  readonly token: string;
}

const pagesMax = 50;
const pageSize = 100;
const timeoutMs = 30_000;

/**
 * Puts a text on a pull request as one comment: an earlier one with the same mark is rewritten, however many others there
 * are. The text holds the mark. Throws `UPSTREAM_REFUSED` when the service does not let it.
 */
export async function commentOnce(at: PullRequest, mark: string, text: string): Promise<"made" | "rewritten"> {
  const issue = `${at.apiUrl}/repos/${at.repository}/issues`;
  const id = await findComment(at, `${issue}/${at.number}/comments`, mark);
  if (id === undefined) await ask(at, "POST", `${issue}/${at.number}/comments`, { body: text });
  else await ask(at, "PATCH", `${issue}/comments/${id}`, { body: text });
  return id === undefined ? "made" : "rewritten";
}

async function findComment(at: PullRequest, url: string, mark: string): Promise<number | undefined> {
  for (let page = 1; page <= pagesMax; page += 1) {
    const comments = await ask(at, "GET", `${url}?per_page=${pageSize}&page=${page}`, undefined);
    if (!isList(comments)) return undefined;
    const own = comments.find((comment) => textAt(comment, "body").includes(mark));
    const id = isObject(own) ? ownMember(own, "id") : undefined;
    if (typeof id === "number") return id;
    if (comments.length < pageSize) return undefined;
  }
  return undefined;
}

async function ask(
  { token }: PullRequest,
  method: "GET" | "POST" | "PATCH",
  url: string,
  body: JsonObject | undefined,
): Promise<JsonValue> {
  const response = await fetch(url, {
    method,
    redirect: "error",
    signal: AbortSignal.timeout(timeoutMs),
    headers: {
      accept: "application/vnd.github+json",
      authorization: `Bearer ${token}`,
      "user-agent": "callgate",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch((error: unknown) => {
    throw new AppError("UPSTREAM_REFUSED", "the pull request could not be reached", { cause: error });
  });
  if (!response.ok)
    throw new AppError(
      "UPSTREAM_REFUSED",
      `the pull request could not be commented on: HTTP status ${response.status}`,
    );
  return parse(await response.text());
}

function parse(text: string): JsonValue {
  try {
    const value: JsonValue = JSON.parse(text);
    return value;
  } catch (error) {
    throw new AppError("UPSTREAM_REFUSED", "the answer about the pull request is no JSON", { cause: error });
  }
}

function textAt(value: JsonValue, key: string): string {
  const member = isObject(value) ? ownMember(value, key) : undefined;
  return typeof member === "string" ? member : "";
}
