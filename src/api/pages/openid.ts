import type { Context, Hono } from "hono";
import { html } from "hono/html";
import { flowLifetimeMs, keepFlow, takeFlow } from "../../control/openid-flows.ts";
import { signInByOpenId } from "../../control/openid-sign-in.ts";
import { AppError } from "../../errors.ts";
import { createOpenIdClient } from "../../identity/openid-client.ts";
import type { OpenIdProvider } from "../../identity/openid-provider.ts";
import { cookie, isSecure, readCookie, sessionCookie } from "../../identity/session-cookie.ts";
import { newSecretText, sha256Hex } from "../../identity/token.ts";
import type { WebEnvironment } from "../web-environment.ts";
import { ownPath, signInRequest } from "./forms.ts";
import { page } from "./layout.ts";
import type { PageParts } from "./page-parts.ts";

const returnPath = "/sign-in/openid/return";

/** Signing in at the OpenID provider of the operator's file: the way there, and the way back. */
export function addOpenIdPages(app: Hono<WebEnvironment>, parts: PageParts): void {
  const { control, publicOrigin, signIn, logger } = parts;
  const client = createOpenIdClient(parts.outboundFetch);
  const provider = (): OpenIdProvider => {
    const { openId } = control.rules().signIn;
    if (openId === undefined) throw new AppError("NOT_FOUND", "nobody signs in by OpenID Connect here");
    return openId;
  };
  const cookieName = (): string => (isSecure(publicOrigin()) ? "__Host-callgate-openid" : "callgate-openid");
  // It has to come back with a step from the provider's site, where a strict cookie would stay behind.
  const flowCookie = (value: string, seconds: number): string =>
    cookie(cookieName(), value, publicOrigin(), "Lax", seconds);

  const logged = async <T>(c: Context<WebEnvironment>, run: () => Promise<T>): Promise<T> => {
    try {
      return await run();
    } catch (error) {
      const code = error instanceof AppError ? error.code : "INTERNAL";
      logger.warn(
        { requestId: c.get("requestId"), code, error: String(error) },
        "sign-in at the OpenID provider failed",
      );
      throw error;
    }
  };

  app.get("/sign-in/openid", async (c) => {
    const openId = provider();
    signIn.throttle.attempt(undefined, c.get("address"));
    const { url, ...flow } = await logged(c, () => client.begin(openId, publicOrigin() + returnPath));
    const browser = newSecretText();
    const next = ownPath(c.req.query("next"));
    await keepFlow(control, { ...flow, browserSha256: sha256Hex(browser), issuer: openId.issuer, next });
    c.header("set-cookie", flowCookie(browser, flowLifetimeMs / 1_000), { append: true });
    return c.redirect(url, 303);
  });

  app.get(returnPath, async (c) => {
    const openId = provider();
    const { search } = new URL(c.req.url);
    const state = c.req.query("state") ?? "";
    const browser = readCookie(c.req.header("cookie"), cookieName()) ?? "";
    c.header("set-cookie", flowCookie("", 0), { append: true });
    const flow = await takeFlow(control, state, browser, openId.issuer);
    if (flow === undefined) {
      throw new AppError(
        "SIGN_IN_FAILED",
        "this sign-in was not begun in this browser, or took too long: sign in again",
      );
    }
    const sessionId = await logged(c, async () => {
      const person = await client.finish(openId, new URL(publicOrigin() + returnPath + search), flow);
      return signInByOpenId(control, person, signInRequest(c, parts));
    });
    return goOnFromOtherSite(c, sessionCookie(publicOrigin(), sessionId), flow.next);
  });
}

/**
 * The session's strict cookie would not come with a redirect, whose chain began on the provider's site: the browser goes
 * on from a page of ours.
 */
function goOnFromOtherSite(c: Context<WebEnvironment>, setCookie: string, goOnTo: string): Promise<Response> {
  c.header("set-cookie", setCookie, { append: true });
  const main = html`<p>You are signed in. Going on to <a href="${goOnTo}">Callgate</a>.</p>`;
  return page(c, { title: "Sign in", main, isNarrow: true, goOnTo });
}
