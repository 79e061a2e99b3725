import type { Context, Hono } from "hono";
import type { Actor } from "../../audit/admin-event.ts";
import { serverView, type ServerView } from "../../catalogue-store/views.ts";
import { applyPolicy } from "../../control/apply-policy.ts";
import { demand, notFound } from "../../control/control-context.ts";
import { registerServer } from "../../control/servers.ts";
import { AppError, type ErrorCode } from "../../errors.ts";
import { readForm } from "../pages/forms.ts";
import type { WebEnvironment } from "../web-environment.ts";
import type { WebParts } from "../web-parts.ts";
import { applyPage } from "./apply-page.ts";
import { planApply } from "./apply-plan.ts";

/** Faults of applying that mean that something is not as it was shown. */
const changedMeanwhile: ReadonlySet<ErrorCode> = new Set([
  "REVISION_STALE",
  "NAME_TAKEN",
  "NOT_FOUND",
  "READ_ONLY",
  "INPUT_INVALID",
]);

/** Takes the forms that apply a policy and that register a server. */
export function addActions(app: Hono<WebEnvironment>, parts: WebParts): void {
  const { control, catalogue } = parts;
  app.post("/catalogue/:server/apply", async (c) => {
    const actor = demandSignedIn(c);
    demand(actor, "policies.write");
    demand(actor, "grants.attach");
    const form = await readForm(c);
    const view = knownServer(parts, c.req.param("server"));
    // Browsers send line ends as CRLF (HTML, Constructing the entry list).
    const document = form("document").replaceAll("\r\n", "\n");
    const input = { server: form("server"), what: form("what"), name: form("name"), document };
    const plan = await planApply(control, view, input);
    if (form("shown") === "") return applyPage(c, view, plan);
    // INVARIANT: what was shown is what is applied.
    if (plan.step === undefined || form("shown") !== plan.digest)
      return applyPage(c, view, plan, "this is not what you were shown: look at it, and apply it then");
    try {
      await applyPolicy(control, actor, plan.step);
    } catch (error) {
      if (!(error instanceof AppError) || !changedMeanwhile.has(error.code)) throw error;
      const now = await planApply(control, view, input);
      return applyPage(c, view, now, "somebody changed something meanwhile, and nothing was applied: look at it again");
    }
    const home = plan.chosen.tool === undefined ? view.slug : `${view.slug}/${plan.chosen.label}`;
    const done = new URLSearchParams({ applied: plan.name, to: plan.server.id });
    return c.redirect(`/catalogue/${home}?${done.toString()}#apply`, 303);
  });
  app.post("/catalogue/:server/register", async (c) => {
    const actor = demandSignedIn(c);
    const form = await readForm(c);
    const { slug, name } = knownServer(parts, c.req.param("server"));
    const transport =
      catalogue().store.server(slug)?.record.transport.includes("sse") === true ? "sse" : "streamable-http";
    const access = { kind: "url", url: form("url"), transport } as const;
    await registerServer(control, actor, form("id"), { title: name, access, settings: {} });
    return c.redirect(`/catalogue/${slug}?${new URLSearchParams({ registered: form("id") }).toString()}#register`, 303);
  });
}

function knownServer(parts: WebParts, slug: string): ServerView {
  const entry = parts.catalogue().store.server(slug);
  if (entry === undefined) throw notFound("server", slug);
  return serverView(parts.catalogue(), entry);
}

function demandSignedIn(c: Context<WebEnvironment>): Actor {
  const actor = c.get("actor");
  if (actor === undefined || c.get("session") === undefined) throw new AppError("UNAUTHENTICATED", "sign in first");
  return actor;
}
