import type { Context } from "hono";
import { html } from "hono/html";
import type { GrantEntry } from "../../control/state.ts";
import { csrfInput, type Html, momentText } from "../pages/layout.ts";
import type { WebEnvironment } from "../web-environment.ts";

/** Of the account page: which clients the person let use servers, each to be ended. */
export function clientsSection(c: Context<WebEnvironment>, clients: readonly GrantEntry[]): Html {
  return html`<section class="sheet" aria-labelledby="clients">
    <h2 id="clients">Clients you allowed</h2>
    <p class="quiet">Each uses the servers you chose, as you. Ending one takes effect at once.</p>
    ${
      clients.length === 0
        ? html`<p>You allowed none.</p>`
        : html`<ul class="rows">
            ${clients.map((client) => clientRow(c, client))}
          </ul>`
    }
  </section>`;
}

function clientRow(c: Context<WebEnvironment>, { id, label, servers, expiresMs }: GrantEntry): Html {
  const opened = [...servers].map(([server, policy]) => `${server} (${policy ?? "nothing"})`).join(", ");
  const until = expiresMs === undefined ? "" : `, until ${momentText(expiresMs)}`;
  return html`<li>
    <p><strong>${label}</strong><br /><span class="quiet">${opened}${until}</span></p>
    <form method="post" action="/account/clients/end">
      ${csrfInput(c)}<input type="hidden" name="client" value="${id}" />
      <button class="danger" type="submit" aria-label="End the client ${label}">End</button>
    </form>
  </li>`;
}
