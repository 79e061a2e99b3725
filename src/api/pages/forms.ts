import type { Context } from "hono";
import { AppError } from "../../errors.ts";
import { readCookie, sessionCookie, sessionCookieName } from "../../identity/session-cookie.ts";
import type { SignInRequest } from "../../control/sign-in.ts";
import type { WebEnvironment } from "../web-environment.ts";
import type { WebParts } from "../web-parts.ts";

/** The fields of a form that was sent; `""` for one that was not. Throws `MEDIA_TYPE_UNSUPPORTED`. */
export async function readForm(c: Context<WebEnvironment>): Promise<(name: string) => string> {
  if (!/^application\/x-www-form-urlencoded\b/i.test(c.req.header("content-type") ?? "")) {
    throw new AppError("MEDIA_TYPE_UNSUPPORTED", "send the page's own form");
  }
  const fields = await c.req.parseBody();
  return (name) => {
    const value = fields[name];
    return typeof value === "string" ? value : "";
  };
}

/** Where a sign-in comes from, and the session that it ends. */
export function signInRequest(c: Context<WebEnvironment>, { publicOrigin }: WebParts): SignInRequest {
  return {
    address: c.get("address"),
    userAgent: c.req.header("user-agent"),
    oldSessionId: readCookie(c.req.header("cookie"), sessionCookieName(publicOrigin())),
  };
}

/** Goes on to an address of ours as somebody who is signed in now. */
export function goOnSignedIn(
  c: Context<WebEnvironment>,
  { publicOrigin }: WebParts,
  sessionId: string,
  next: string,
): Response {
  c.header("set-cookie", sessionCookie(publicOrigin(), sessionId), { append: true });
  return c.redirect(next, 303);
}

/** What is wrong with a field, of the problems that an `INPUT_INVALID` brings: by the field's name, `""` for the whole. */
export function faultsOf(error: AppError): ReadonlyMap<string, string> {
  const problems = error.data?.["problems"];
  const list: readonly unknown[] = Array.isArray(problems) ? problems : [];
  return new Map(
    list.flatMap((problem): [string, string][] => {
      if (typeof problem !== "object" || problem === null || !("path" in problem) || !("message" in problem)) return [];
      return [[String(problem.path).replace(/^\//, ""), String(problem.message)]];
    }),
  );
}

/**
 * Pure. An address to go on to: an own path, never another place. What is anything else, or could be read as anything
 * else (`//evil.example`, `/\evil.example`), is the start page.
 */
export function ownPath(text: string | undefined): string {
  if (text === undefined || !/^\/(?![/\\])[!-[\]-~]*$/.test(text)) return "/";
  const origin = "http://callgate.invalid";
  return URL.canParse(text, origin) && new URL(text, origin).origin === origin ? text : "/";
}
