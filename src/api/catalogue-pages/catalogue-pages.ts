import type { Context, Hono } from "hono";
import { askServer, toolView } from "../../catalogue-store/views.ts";
import { notFound } from "../../control/control-context.ts";
import { AppError } from "../../errors.ts";
import { page } from "../pages/layout.ts";
import type { WebEnvironment } from "../web-environment.ts";
import type { WebParts } from "../web-parts.ts";
import { addActions } from "./actions.ts";
import { applyForm } from "./apply-form.ts";
import { attackListPage, attackMarkdown, attackPage, withoutEntryMarkdown } from "./attack-pages.ts";
import { type Format, formatOf, plainAnswer } from "./catalogue-parts.ts";
import { copyScriptPath, copyScriptText } from "./copy-script.ts";
import {
  kindMarkdown,
  kindOf,
  kindPage,
  type KindView,
  searchMarkdown,
  searchPage,
  type SearchView,
} from "./list-pages.ts";
import { registerForm } from "./register-form.ts";
import { serverMarkdown } from "./server-markdown.ts";
import { serverPage } from "./server-page.ts";
import { toolMarkdown } from "./tool-markdown.ts";
import { toolPage } from "./tool-page.ts";

const pageSize = 50;

/**
 * The catalogue's pages, each also as `.json` and `.md`: for members, and for strangers where the operator opens it.
 * Readable without a script.
 */
export function addCataloguePages(app: Hono<WebEnvironment>, parts: WebParts): void {
  const { catalogue } = parts;
  const script = "public, max-age=31536000, immutable";
  app.get(copyScriptPath, (c) =>
    c.body(copyScriptText, 200, { "content-type": "text/javascript", "cache-control": script }),
  );
  addActions(app, parts);
  for (const [path, format] of [
    ["/catalogue", "html"],
    ["/catalogue.json", "json"],
    ["/catalogue.md", "md"],
  ] as const) {
    app.get(path, (c) =>
      readable(c, parts, format, () => {
        const view = searchOf(c, parts);
        if (format !== "html") return plainAnswer(c, format, view, searchMarkdown(view));
        return page(c, { title: "Catalogue", main: searchPage(view), script: copyScriptPath });
      }),
    );
  }
  addKindPages(app, parts);
  addAttackPages(app, parts);
  app.get("/catalogue/:server", (c) => {
    const { name, format } = formatOf(c.req.param("server"));
    return readable(c, parts, format, () => showServer(c, parts, name, format));
  });
  app.get("/catalogue/:server/:tool", (c) => {
    const { name, format } = formatOf(c.req.param("tool"));
    return readable(c, parts, format, () => {
      const server = c.req.param("server");
      const view = toolView(catalogue(), catalogue().store.findServer(server)?.record.slug ?? server, name);
      if (view === undefined) throw notFound("tool", name);
      if (view.server.slug !== server || view.tool.slug !== name) {
        const ending = format === "html" ? "" : `.${format}`;
        return c.redirect(`/catalogue/${view.server.slug}/${view.tool.slug}${ending}`, 303);
      }
      const { contactUrl } = parts.control.rules();
      if (format !== "html") return plainAnswer(c, format, view, toolMarkdown(view, contactUrl));
      const record = catalogue().store.server(view.server.slug)?.record;
      const apply = applyForm(c, parts, { packages: [], remotes: [], ...record, ...view.server }, view.tool);
      return page(c, {
        title: view.tool.name,
        main: toolPage(view, apply, contactUrl),
        script: copyScriptPath,
      });
    });
  });
}

function showServer(
  c: Context<WebEnvironment>,
  parts: WebParts,
  name: string,
  format: Format,
): Response | Promise<Response> {
  const view = askServer(parts.catalogue(), name, parts.clock.wallMs());
  // What is unknown is neither good nor bad, and has no page.
  if (view.status === "unknown") {
    if (format === "json") return c.json(view, 404);
    throw notFound("server", name);
  }
  if (view.slug !== name) return c.redirect(`/catalogue/${view.slug}${format === "html" ? "" : `.${format}`}`, 303);
  if (format !== "html") return plainAnswer(c, format, view, serverMarkdown(view));
  const main = serverPage(
    view,
    applyForm(c, parts, { ...view, tools: view.tools.length }),
    registerForm(c, parts, view),
  );
  return page(c, { title: view.name, main, script: copyScriptPath });
}

function addKindPages(app: Hono<WebEnvironment>, parts: WebParts): void {
  for (const kind of ["category", "risk"] as const) {
    app.get(`/catalogue/${kind}/:word`, (c) => {
      const { name, format } = formatOf(c.req.param("word"));
      return readable(c, parts, format, () => {
        const { store } = parts.catalogue();
        const found = kindOf(name.toLowerCase(), kind, store.counts());
        if (found === undefined) throw notFound("page", name);
        const cursor = c.req.query("cursor");
        const tools = store.searchTools({
          [kind]: found.word,
          limit: pageSize,
          ...(cursor === undefined ? {} : { cursor }),
        });
        const view: KindView = { ...found, tools };
        if (format !== "html") return plainAnswer(c, format, view, kindMarkdown(view));
        return page(c, { title: `${found.word} tools`, main: kindPage(view) });
      });
    });
  }
}

function addAttackPages(app: Hono<WebEnvironment>, parts: WebParts): void {
  const all = () => parts.catalogue().attacks();
  for (const [path, format] of [
    ["/catalogue/attacks", "html"],
    ["/catalogue/attacks.json", "json"],
    ["/catalogue/attacks.md", "md"],
  ] as const) {
    app.get(path, (c) =>
      readable(c, parts, format, () => {
        const list = all().map(({ slug, name, category, coverage }) => ({ slug, name, category, coverage }));
        const lines = list.map(({ slug, name, coverage }) => `- [${name}](/catalogue/attacks/${slug}.md): ${coverage}`);
        const { stoppedByGateway, outOfReach } = parts.catalogue().withoutEntry();
        const others = { stoppedByGateway, outOfReach };
        const text = `# Attacks\n\n${lines.join("\n")}\n${withoutEntryMarkdown(others)}`;
        if (format !== "html") return plainAnswer(c, format, { items: list, ...others }, text);
        return page(c, { title: "Attacks", main: attackListPage(all(), others) });
      }),
    );
  }
  app.get("/catalogue/attacks/:slug", (c) => {
    const { name, format } = formatOf(c.req.param("slug"));
    return readable(c, parts, format, () => {
      const attack = all().find(({ slug }) => slug === name);
      if (attack === undefined) throw notFound("attack", name);
      const { policy: _compiled, ...shown } = attack;
      if (format !== "html") return plainAnswer(c, format, shown, attackMarkdown(attack));
      return page(c, { title: attack.name, main: attackPage(attack), script: copyScriptPath });
    });
  });
}

/** Strangers are sent to sign in, programs told to; unless the operator opened the catalogue. */
function readable(
  c: Context<WebEnvironment>,
  { control }: WebParts,
  format: Format,
  show: () => Response | Promise<Response>,
): Response | Promise<Response> {
  if (c.get("actor") !== undefined || control.rules().publicCatalogue) return show();
  if (format === "html") return c.redirect(`/sign-in?${new URLSearchParams({ next: c.req.path }).toString()}`, 303);
  throw new AppError("UNAUTHENTICATED", "sign in, or send an API token as a bearer token");
}

function searchOf(c: Context<WebEnvironment>, { catalogue }: WebParts): SearchView {
  const { store } = catalogue();
  const query = (c.req.query("query") ?? "").slice(0, 500);
  const at = { servers: c.req.query("cursor"), tools: c.req.query("tools_cursor") };
  const from = (cursor: string | undefined) => ({
    text: query,
    limit: pageSize,
    ...(cursor === undefined ? {} : { cursor }),
  });
  return {
    query,
    at,
    counts: store.counts(),
    servers: store.searchServers(from(at.servers)),
    tools: query.trim() === "" ? undefined : store.searchTools(from(at.tools)),
  };
}
