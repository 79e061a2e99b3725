import type { Hono } from "hono";
import { html } from "hono/html";
import { apiPath } from "../contract/api-path.ts";
import type { WebEnvironment } from "../web-environment.ts";
import { page } from "./layout.ts";
import type { PageParts } from "./page-parts.ts";
import { roleTexts } from "./role-texts.ts";

/** The page at `/`: where things are, for who is signed in; strangers sign in first. */
export function addStartPage(app: Hono<WebEnvironment>, { control, publicOrigin }: PageParts): void {
  app.get("/", async (c) => {
    const actor = c.get("actor");
    if (actor === undefined || c.get("session") === undefined) return c.redirect("/sign-in", 303);
    const organisation = await control.database.read.selectFrom("organisations").select("name").executeTakeFirst();
    const { servers, policies, grants } = control.state();
    const role = roleTexts[actor.role];
    const main = html`<h1>${organisation?.name ?? "Callgate"}</h1>
      <p class="quiet">You are signed in as ${actor.name}, ${role.title}: ${role.can}.</p>
      <section class="sheet" aria-labelledby="here">
        <h2 id="here">What is here</h2>
        <dl class="facts">
          <dt>Servers</dt>
          <dd>${servers.size}</dd>
          <dt>Policies</dt>
          <dd>${policies.size}</dd>
          <dt>Grants</dt>
          <dd>${grants.size}</dd>
        </dl>
      </section>
      <p><a href="/catalogue">Look a server up in the catalogue</a></p>
      <section class="sheet" aria-labelledby="addresses">
        <h2 id="addresses">Addresses</h2>
        <dl class="facts">
          <dt>For MCP clients</dt>
          <dd><code>${publicOrigin()}/mcp</code></dd>
          <dt>HTTP API</dt>
          <dd><code>${publicOrigin()}${apiPath}</code></dd>
          <dt>Its description</dt>
          <dd><a href="${apiPath}/openapi.json">OpenAPI 3.1</a></dd>
        </dl>
        <p><a href="/account">Make an API token</a> to use the API or the command line.</p>
      </section>`;
    return page(c, { title: "Start", main });
  });
}
