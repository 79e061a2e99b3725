import type { Context, Hono } from "hono";
import { html } from "hono/html";
import { isUnclaimed } from "../../control/setup.ts";
import { signInByPassword } from "../../control/sign-in.ts";
import { AppError } from "../../errors.ts";
import type { WebEnvironment } from "../web-environment.ts";
import { problemHeaders, problemOf } from "../problem-details.ts";
import { goOnSignedIn, ownPath, readForm, signInRequest } from "./forms.ts";
import { alarm, field, type Html, page } from "./layout.ts";
import type { PageParts } from "./page-parts.ts";

/** The page to sign in on. `?next=` is an own path to go on to. */
export function addSignInPage(app: Hono<WebEnvironment>, parts: PageParts): void {
  app.get("/sign-in", async (c) => {
    const next = ownPath(c.req.query("next"));
    if (c.get("session") !== undefined) return c.redirect(next, 303);
    // The session's cookie does not come with a step from another site. Asked again from our own page, it does.
    if (c.req.header("sec-fetch-site") === "cross-site") {
      const goOnTo = `/sign-in?next=${encodeURIComponent(next)}`;
      const main = html`<p>Going on to <a href="${goOnTo}">Callgate</a>.</p>`;
      return page(c, { title: "Sign in", main, isNarrow: true, goOnTo });
    }
    return signInPage(c, parts, { next, email: "", error: undefined });
  });

  app.post("/sign-in", async (c) => {
    const form = await readForm(c);
    const next = ownPath(form("next"));
    const email = form("email");
    if (!parts.control.rules().signIn.password) {
      throw new AppError("FORBIDDEN", "nobody signs in by password here: go to the sign-in page");
    }
    try {
      const given = { email, password: form("password") };
      const sessionId = await signInByPassword(parts.control, parts.signIn, given, signInRequest(c, parts));
      return goOnSignedIn(c, parts, sessionId, next);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      // Without what was entered: some type the password where the address belongs.
      const { requestId, address } = c.var;
      if (error.code === "UNAUTHENTICATED") parts.logger.warn({ requestId, address }, "sign-in refused");
      return signInPage(c, parts, { next, email, error });
    }
  });
}

interface Attempt {
  readonly next: string;
  readonly email: string;
  readonly error: AppError | undefined;
}

async function signInPage(
  c: Context<WebEnvironment>,
  { control }: PageParts,
  { next, email, error }: Attempt,
): Promise<Response> {
  const { password, openId } = control.rules().signIn;
  const { status } = problemOf(error, c.get("requestId"));
  if (error !== undefined && status !== 400 && status !== 401 && status !== 429) throw error;
  for (const [name, value] of Object.entries(problemHeaders(error))) {
    // A browser would ask for a name and password of its own.
    if (name !== "www-authenticate") c.header(name, value);
  }
  if (openId === undefined && (await isUnclaimed(control.database.read))) return unclaimedPage(c);
  const main = html`<div class="sheet">
    <h1>Sign in</h1>
    ${alarm(error?.message)} ${openId === undefined ? "" : openIdLink(openId.title, next)}
    ${openId !== undefined && password ? html`<p class="or">or</p>` : ""} ${password ? passwordForm(next, email) : ""}
  </div>`;
  return page(c, {
    title: "Sign in",
    main,
    isNarrow: true,
    ...(error !== undefined && (status === 400 || status === 401 || status === 429) ? { status } : {}),
  });
}

/** A link, not a form: where a form leads to in the end would have to be in the page's policy. */
function openIdLink(title: string, next: string): Html {
  const address = `/sign-in/openid?next=${encodeURIComponent(next)}`;
  return html`<a class="button wide" href="${address}">Sign in with ${title}</a>`;
}

function passwordForm(next: string, email: string): Html {
  return html`<form method="post" action="/sign-in">
    <input type="hidden" name="next" value="${next}" />
    ${field({
      name: "email",
      label: "E-mail address",
      type: "email",
      autocomplete: "username",
      value: email,
      hasFocus: email === "",
    })}
    ${field({
      name: "password",
      label: "Password",
      type: "password",
      autocomplete: "current-password",
      hasFocus: email !== "",
    })}
    <button class="wide" type="submit">Sign in</button>
  </form>`;
}

function unclaimedPage(c: Context<WebEnvironment>): Promise<Response> {
  const main = html`<div class="sheet">
    <h1>Nobody is here yet</h1>
    <p>
      The first person becomes the admin by the one-time link that <code>callgate serve</code> prints when it starts.
      The link is also in the file <code>setup-link.txt</code> beside the database. It works for 15 minutes; start the
      gateway again for a new one.
    </p>
  </div>`;
  return page(c, { title: "Set up", main, isNarrow: true });
}
