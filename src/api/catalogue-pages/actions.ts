import type { Context, Hono } from "hono";
import { html } from "hono/html";
import type { Actor } from "../../audit/admin-event.ts";
import { type Preset, presets } from "../../catalogue/recommend.ts";
import type { ToolRecord } from "../../catalogue/server-record.ts";
import { serverView, type ServerView } from "../../catalogue-store/views.ts";
import { notFound } from "../../control/control-context.ts";
import { attachPolicy } from "../../control/many-grants.ts";
import { createPolicy, readVersion, savePolicy } from "../../control/policies.ts";
import { registerServer } from "../../control/servers.ts";
import { AppError } from "../../errors.ts";
import { may } from "../../values/roles.ts";
import { readForm } from "../pages/forms.ts";
import { csrfInput, type Html } from "../pages/layout.ts";
import type { WebEnvironment } from "../web-environment.ts";
import type { WebParts } from "../web-parts.ts";

const presetNames: Readonly<Record<Preset, string>> = {
  "read-only": "all tools, read only",
  balanced: "all tools, balanced",
  strict: "all tools, strict",
};

/** The form that puts a recommended policy in force for a registered server, or what is missing for it. */
export function applyForm(
  c: Context<WebEnvironment>,
  { control }: WebParts,
  { slug, tools }: { readonly slug: string; readonly tools: number },
  tool?: ToolRecord,
): Html {
  const done = c.req.query("applied");
  const news =
    done === undefined
      ? ""
      : html`<p class="notice good" role="status">
          The policy <code>${done}</code> is saved and in force for the grants of that server.
        </p>`;
  const actor = c.get("actor");
  if (actor === undefined || c.get("session") === undefined)
    return html`<p>
      <a href="/sign-in?next=${encodeURIComponent(c.req.path)}">Sign in</a> to apply this policy to a server of yours.
    </p>`;
  if (!may(actor.role, "policies.write") || !may(actor.role, "grants.attach"))
    return html`${news}
      <p>A policy manager can apply this policy to a server.</p>`;
  const servers = [...control.state().servers.values()];
  if (servers.length === 0)
    return html`<p>No server is registered yet. <a href="/catalogue/${slug}#register">Register this one</a> first.</p>`;
  return html`${news}
    <form method="post" action="/catalogue/${slug}/apply" class="columns">
      ${csrfInput(c)}
      <div class="field">
        <label for="server">To the server</label
        ><select id="server" name="server">
          ${servers.map(({ id, title }) => html`<option value="${id}">${title}</option>`)}
        </select>
      </div>
      <div class="field">
        <label for="what">The policy for</label
        ><select id="what" name="what">
          ${tool === undefined ? "" : html`<option value="tool:${tool.slug}">this tool alone, all others denied</option>`}
          ${presets.map((preset) => html`<option value="${preset}" ${preset === "balanced" && tool === undefined ? html`selected` : ""}>${presetNames[preset]} (${tools})</option>`)}
        </select>
      </div>
      <div class="field">
        <button type="submit">Apply to my server</button>
        <p class="hint">Saves the policy and attaches it to every grant of that server.</p>
      </div>
    </form>`;
}

/** The form that registers a server of the catalogue, name and address filled in and open to change. */
export function registerForm(c: Context<WebEnvironment>, view: ServerView): Html {
  const done = c.req.query("registered");
  const news =
    done === undefined
      ? ""
      : html`<p class="notice good" role="status">The server <code>${done}</code> is registered.</p>`;
  const actor = c.get("actor");
  if (actor === undefined || c.get("session") === undefined)
    return html`<p>
      <a href="/sign-in?next=${encodeURIComponent(c.req.path)}">Sign in</a> to register it at this gateway.
    </p>`;
  if (!may(actor.role, "servers.write"))
    return html`${news}
      <p>An admin can register it at this gateway.</p>`;
  const [reference] = view.packages;
  const version = reference?.version === undefined ? "" : `@${reference.version}`;
  return html`${news}
    ${reference === undefined ? "" : html`<p>As a local command it is registered in the operator's file: <code>${reference.registry === "npm" ? `npx -y ${reference.name}${version}` : `${reference.registry} ${reference.name}${version}`}</code>.</p>`}
    <form method="post" action="/catalogue/${view.slug}/register">
      ${csrfInput(c)}
      <div class="field">
        <label for="id">Name</label
        ><input id="id" name="id" value="${suggestedId(view)}" maxlength="64" required autocomplete="off" />
      </div>
      <div class="field">
        <label for="url">Address</label
        ><input
          id="url"
          name="url"
          type="url"
          value="${view.remotes[0] ?? ""}"
          placeholder="https://host/mcp"
          required
          autocomplete="off"
        />
      </div>
      <button type="submit">Register</button>
    </form>`;
}

/** Takes both forms. */
export function addActions(app: Hono<WebEnvironment>, parts: WebParts): void {
  const { control, catalogue } = parts;
  app.post("/catalogue/:server/apply", async (c) => {
    const actor = demandSignedIn(c);
    const form = await readForm(c);
    const view = knownServer(parts, c.req.param("server"));
    const server = control.state().servers.get(form("server"));
    if (server === undefined) throw notFound("server", form("server"));
    const chosen = chosenPolicy(view, form("what"));
    const id = `${server.id}-${chosen.name}`.slice(0, 64);
    await putPolicy(parts, actor, id, JSON.stringify(chosen.document, undefined, 2), fromCatalogue + view.slug);
    const grants = [...control.state().grants.values()]
      .filter((grant) => grant.source === "database" && grant.revokedMs === undefined && grant.servers.has(server.id))
      .map((grant) => grant.id);
    if (grants.length > 0) await attachPolicy(control, actor, id, { server: server.id, grants });
    return c.redirect(`/catalogue/${view.slug}?${new URLSearchParams({ applied: id }).toString()}#apply`, 303);
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

/** Of versions that came from here. */
const fromCatalogue = "from the catalogue: ";

/**
 * Saves a policy under its name: as a new one, or as the next version of one that came from here. Throws `NAME_TAKEN` for
 * one that somebody edited since: no click replaces what a person wrote.
 */
async function putPolicy(
  { control }: WebParts,
  actor: Actor,
  id: string,
  document: string,
  note: string,
): Promise<void> {
  const known = control.state().policies.get(id);
  if (known === undefined) {
    await createPolicy(control, actor, id, { title: id, document, note });
    return;
  }
  if (known.source === "database") {
    const last = await readVersion(control.database.read, id, known.version);
    if (!last.note.startsWith(fromCatalogue)) {
      const message = `the policy \`${id}\` was edited since it came from the catalogue: remove it, or attach it as it is`;
      throw new AppError("NAME_TAKEN", message);
    }
  }
  await savePolicy(control, actor, id, { document, note }, "any");
}

function chosenPolicy(view: ServerView, what: string): { readonly name: string; readonly document: unknown } {
  const preset = presets.find((known) => known === what);
  if (preset !== undefined) return { name: preset, document: view.policies[preset].document };
  const tool = view.tools.find(({ slug }) => `tool:${slug}` === what);
  if (tool === undefined) throw notFound("policy", what.slice(0, 80));
  return { name: tool.slug, document: tool.recommended };
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

/** Pure. A name that servers may have, of the last words of the slug. */
function suggestedId({ slug }: Pick<ServerView, "slug">): string {
  const short = slug.replace(/^(?:io-github|com|dev|ai)-/u, "").replaceAll(/(?:^|-)(?:mcp|server)(?=-|$)/gu, "");
  return (
    short
      .replaceAll(/[^a-z0-9-]+/gu, "-")
      .replaceAll(/-+/gu, "-")
      .replaceAll(/^-|-$/gu, "")
      .slice(0, 40) || "server"
  );
}
