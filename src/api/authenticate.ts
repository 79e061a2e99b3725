import type { Context, MiddlewareHandler } from "hono";
import { AppError } from "../errors.ts";
import { type Authenticator, isCsrfToken } from "../identity/authenticator.ts";
import { readCookie, sessionCookieName } from "../identity/session-cookie.ts";
import type { Session } from "../identity/sessions.ts";
import type { WebEnvironment } from "./web-environment.ts";
import type { WebParts } from "./web-parts.ts";

const readingMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** The form field that carries a session's CSRF token; the header is `x-csrf-token`. */
export const csrfField = "csrf";

/** Pages whose forms are for strangers: whoever sends them is one, and needs no session's token for it. */
const strangersForms: ReadonlySet<string> = new Set(["/sign-in", "/setup", "/invitation"]);

/** The largest of them, bytes: names, an address and a password with room to spare. */
const strangersFormBytesMax = 16 * 1024;

/**
 * Sets `actor`, and `session` for a signed-in browser. What changes something is taken from a browser only with the
 * gateway's own `Origin` and the session's CSRF token; else `FORBIDDEN`.
 */
export function authenticate(
  authenticator: Authenticator,
  { publicOrigin, addressOf }: Pick<WebParts, "publicOrigin" | "addressOf">,
): MiddlewareHandler<WebEnvironment> {
  return async (c, next) => {
    const address = addressOf(c.env.incoming);
    c.set("address", address);
    const isChange = !readingMethods.has(c.req.method);
    if (isChange && strangersForms.has(c.req.path)) {
      demandOrigin(c);
      demandSmallForm(c);
      return next();
    }
    const identity = await authenticator.identify({
      authorization: c.req.header("authorization"),
      sessionId: readCookie(c.req.header("cookie"), sessionCookieName(publicOrigin())),
      address,
    });
    if (identity.kind !== "stranger") c.set("actor", identity.actor);
    if (identity.kind === "session") {
      if (isChange) await demandOwnPage(c, identity.session);
      c.set("session", identity.session);
    }
    return next();
  };
}

/** Foreign origins were refused when the request came in; a browser that changes something says its own. */
function demandOrigin(c: Context<WebEnvironment>): void {
  const site = c.req.header("sec-fetch-site");
  if (c.req.header("origin") !== undefined && (site === undefined || site === "same-origin")) return;
  throw new AppError("FORBIDDEN", "a browser may change this from the gateway's own pages only");
}

/** Anybody may send one of these, and many at once: each is read into memory. */
function demandSmallForm(c: Context<WebEnvironment>): void {
  if (Number(c.req.header("content-length") ?? "0") <= strangersFormBytesMax) return;
  throw new AppError("INPUT_INVALID", `the form is over the limit of ${strangersFormBytesMax} bytes`);
}

async function demandOwnPage(c: Context<WebEnvironment>, session: Session): Promise<void> {
  demandOrigin(c);
  if (isCsrfToken(session, c.req.header("x-csrf-token") ?? (await formToken(c)))) return;
  const message = "the request lacks its session's CSRF token: send it as `x-csrf-token`, or load the page again";
  throw new AppError("FORBIDDEN", message);
}

/** Of a form that a page sent; the API takes no forms, and reads its bodies itself. */
async function formToken(c: Context<WebEnvironment>): Promise<string | undefined> {
  if (c.req.path.startsWith("/api/")) return undefined;
  if (!/^application\/x-www-form-urlencoded\b/i.test(c.req.header("content-type") ?? "")) return undefined;
  const { [csrfField]: value } = await c.req.parseBody();
  return typeof value === "string" ? value : undefined;
}
