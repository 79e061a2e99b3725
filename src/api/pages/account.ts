import type { Context, Hono } from "hono";
import type { Actor } from "../../audit/admin-event.ts";
import { allowedClients, endAllowedClient } from "../../authorization-server/allowed-clients.ts";
import { createApiToken, endApiToken, listApiTokens } from "../../control/api-tokens.ts";
import { changePassword, endSession } from "../../control/sign-in.ts";
import { AppError } from "../../errors.ts";
import { endedSessionCookie } from "../../identity/session-cookie.ts";
import { listSessions, type Session } from "../../identity/sessions.ts";
import { type Role, roles } from "../../values/roles.ts";
import type { WebEnvironment } from "../web-environment.ts";
import { accountMain, type AccountNews } from "./account-main.ts";
import { faultsOf, goOnSignedIn, readForm, signInRequest } from "./forms.ts";
import { page } from "./layout.ts";
import type { PageParts } from "./page-parts.ts";

const dayMs = 86_400_000;

/** A signed-in person's own page: sessions, API tokens, clients, password. */
export function addAccountPage(app: Hono<WebEnvironment>, parts: PageParts): void {
  const { control, clock } = parts;
  const show = async (c: Context<WebEnvironment>, news: AccountNews): Promise<Response> => {
    const { actor, session } = demandSignedIn(c);
    const { read } = control.database;
    const member = await read
      .selectFrom("members")
      .select(["name", "password_hash"])
      .where("id", "=", session.memberId)
      .executeTakeFirst();
    const main = accountMain(c, {
      actor,
      session,
      name: member?.name ?? actor.name,
      hasPassword: (member?.password_hash ?? null) !== null,
      sessions: await listSessions(read, session.memberId, clock.wallMs()),
      tokens: await listApiTokens(control, actor),
      clients: allowedClients(control, session.memberId),
      nowMs: clock.wallMs(),
      faults: news.error === undefined ? new Map() : faultsOf(news.error),
      ...news,
    });
    return page(c, { title: "Account", main, status: news.error === undefined ? 200 : 400 });
  };

  app.get("/account", async (c) => {
    if (c.get("session") === undefined) return c.redirect("/sign-in?next=/account", 303);
    return show(c, {});
  });
  app.post("/account/sign-out", async (c) => {
    const { actor, session } = demandSignedIn(c);
    await endSession(control, actor, session.idSha256);
    c.header("set-cookie", endedSessionCookie(parts.publicOrigin()), { append: true });
    return c.redirect("/sign-in", 303);
  });
  app.post("/account/sessions/end", async (c) => {
    const { actor } = demandSignedIn(c);
    const form = await readForm(c);
    await endSession(control, actor, form("session"));
    return c.redirect("/account", 303);
  });
  app.post("/account/tokens", async (c) => {
    const { actor } = demandSignedIn(c);
    const form = await readForm(c);
    const days = Number(form("days"));
    const input = {
      label: form("label"),
      role: roleOf(form("role")),
      expiresMs: Number.isSafeInteger(days) ? clock.wallMs() + days * dayMs : undefined,
    };
    return keepingInput(c, show, async () => {
      const { token } = await createApiToken(control, actor, input);
      return show(c, { token });
    });
  });
  app.post("/account/tokens/end", async (c) => {
    const { actor } = demandSignedIn(c);
    const form = await readForm(c);
    await endApiToken(control, actor, form("token"));
    return c.redirect("/account", 303);
  });
  app.post("/account/clients/end", async (c) => {
    const { actor, session } = demandSignedIn(c);
    const form = await readForm(c);
    await endAllowedClient(control, { ...actor, memberId: session.memberId }, form("client"));
    return c.redirect("/account", 303);
  });
  app.post("/account/password", async (c) => {
    const { actor } = demandSignedIn(c);
    const form = await readForm(c);
    const given = { current: form("current"), next: form("next") };
    return keepingInput(c, show, async () => {
      const sessionId = await changePassword(control, parts.signIn, actor, given, signInRequest(c, parts));
      return goOnSignedIn(c, parts, sessionId, "/account");
    });
  });
}

/** Shows the page again with what is wrong with what was entered. */
async function keepingInput(
  c: Context<WebEnvironment>,
  show: (c: Context<WebEnvironment>, news: AccountNews) => Promise<Response>,
  run: () => Promise<Response>,
): Promise<Response> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "INPUT_INVALID") throw error;
    return show(c, { error });
  }
}

function demandSignedIn(c: Context<WebEnvironment>): { readonly actor: Actor; readonly session: Session } {
  const [actor, session] = [c.get("actor"), c.get("session")];
  if (actor !== undefined && session !== undefined) return { actor, session };
  throw new AppError("UNAUTHENTICATED", "sign in first: the session has ended");
}

function roleOf(text: string): Role | undefined {
  return roles.find((role) => role === text);
}
