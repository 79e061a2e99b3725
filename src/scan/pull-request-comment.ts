import { AppError } from "../errors.ts";
import { isList, isObject, type JsonObject, type JsonValue, ownMember } from "../values/json.ts";

/** Where a comment goes. */
export interface PullRequest {
  /** `https://api.github.com`, without a slash at the end. */
  readonly apiUrl: string;
  /** `https://api.github.com/graphql` */
  readonly graphqlUrl: string;
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
 * Puts a text on a pull request as one comment: an earlier one that begins with the same mark is rewritten, however many
 * others there are, if the token's own user wrote it; another's would stay in that other's hands. The text begins with the
 * mark. Throws `UPSTREAM_REFUSED` when the service does not let it.
 */
export async function commentOnce(at: PullRequest, mark: string, text: string): Promise<"made" | "rewritten"> {
  const issue = `${at.apiUrl}/repos/${at.repository}/issues`;
  const login = await ownLogin(at);
  const id = await findComment(at, `${issue}/${at.number}/comments`, { mark, login });
  if (id === undefined) await ask(at, "POST", `${issue}/${at.number}/comments`, { body: text });
  else await ask(at, "PATCH", `${issue}/comments/${id}`, { body: text });
  return id === undefined ? "made" : "rewritten";
}

/** Whose the token is: `github-actions[bot]` for a job's own. Only GraphQL says so for people's tokens and for apps' alike. */
async function ownLogin(at: PullRequest): Promise<string> {
  const answer = await ask(at, "POST", at.graphqlUrl, { query: "query { viewer { login } }" });
  const login = textAt(memberAt(memberAt(answer, "data"), "viewer"), "login");
  if (login === "")
    throw new AppError(
      "UPSTREAM_REFUSED",
      "the pull request could not be commented on: nobody says whose the token is",
    );
  return login;
}

async function findComment(
  at: PullRequest,
  url: string,
  { mark, login }: { readonly mark: string; readonly login: string },
): Promise<number | undefined> {
  for (let page = 1; page <= pagesMax; page += 1) {
    const comments = await ask(at, "GET", `${url}?per_page=${pageSize}&page=${page}`, undefined);
    if (!isList(comments)) return undefined;
    const own = comments.find(
      (comment) => textAt(comment, "body").startsWith(mark) && textAt(memberAt(comment, "user"), "login") === login,
    );
    const id = memberAt(own, "id");
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

function memberAt(value: JsonValue | undefined, key: string): JsonValue | undefined {
  return isObject(value) ? ownMember(value, key) : undefined;
}

function textAt(value: JsonValue | undefined, key: string): string {
  const member = memberAt(value, key);
  return typeof member === "string" ? member : "";
}
