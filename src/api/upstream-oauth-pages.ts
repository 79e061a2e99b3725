import { Hono } from "hono";
import { html } from "hono/html";
import { AppError } from "../errors.ts";
import { isSecure, readCookie } from "../identity/session-cookie.ts";
import { page } from "./pages/layout.ts";
import { problemPage } from "./pages/problem-page.ts";
import { problemOf } from "./problem-details.ts";
import type { WebEnvironment } from "./web-environment.ts";
import type { WebParts } from "./web-parts.ts";

/** How long the browser keeps what it is known by when it comes back, seconds. */
const cookieSeconds = 600;

/** Where browsers go when a server is connected by OAuth, for below `/oauth/upstream`. */
export function createUpstreamOAuthPages({
  upstreamOAuth,
  publicOrigin,
  logger,
}: Pick<WebParts, "upstreamOAuth" | "publicOrigin" | "logger">): Hono<WebEnvironment> {
  const pages = new Hono<WebEnvironment>();
  pages.get("/client.json", (c) => c.json(upstreamOAuth.clientDocument()));
  pages.get("/begin", async (c) => {
    const { location, cookie } = await upstreamOAuth.enter(c.get("actor"), c.req.query("flow") ?? "");
    c.header("set-cookie", cookieOf(publicOrigin(), cookie, cookieSeconds));
    return c.redirect(location, 302);
  });
  pages.get("/callback", async (c) => {
    const answer = new URL(c.req.url).searchParams;
    const cookie = readCookie(c.req.header("cookie"), cookieName(publicOrigin()));
    c.header("set-cookie", cookieOf(publicOrigin(), "", 0));
    const { server } = await upstreamOAuth.finish(answer, cookie);
    const main = html`<div class="sheet">
      <h1>Connected</h1>
      <p>The server <code>${server}</code> is connected. You can close this window.</p>
    </div>`;
    return page(c, { title: "Connected", main, isNarrow: true });
  });
  pages.onError((error, c) => {
    const problem = problemOf(error, c.get("requestId"));
    const { requestId } = problem;
    // Its text alone: what a library knows of a code or token goes nowhere.
    if (problem.status >= 500) logger.warn({ requestId, code: problem.code }, "a server was not connected");
    if (!(error instanceof AppError)) logger.error({ requestId, error: error.name }, "request failed");
    return problemPage(c, { ...problem, title: "not connected" });
  });
  return pages;
}

/**
 * Sent along when the authorization server leads the browser back, which no cookie with `SameSite=Strict` would be. Under
 * https the prefix holds it to this host (RFC 6265bis §4.1.3.2).
 */
function cookieOf(origin: string, value: string, seconds: number): string {
  const secure = isSecure(origin) ? "; Secure" : "";
  return `${cookieName(origin)}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure}`;
}

function cookieName(origin: string): string {
  return isSecure(origin) ? "__Host-callgate-connect" : "callgate-connect";
}
