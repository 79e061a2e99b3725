import type { Context } from "hono";
import { html } from "hono/html";
import { type Preset, presets } from "../../catalogue/recommend.ts";
import type { ServerRecord, ToolRecord } from "../../catalogue/server-record.ts";
import type { ControlState, ServerEntry } from "../../control/state.ts";
import { may } from "../../values/roles.ts";
import { csrfInput, type Html } from "../pages/layout.ts";
import type { WebEnvironment } from "../web-environment.ts";
import type { WebParts } from "../web-parts.ts";
import { grantText, policyText } from "./apply-page.ts";
import { liveGrants } from "./apply-plan.ts";
import { splitServers } from "./registered-servers.ts";

const presetNames: Readonly<Record<Preset, string>> = {
  "read-only": "all tools, read only",
  balanced: "all tools, balanced",
  strict: "all tools, strict",
};

/** The form that chooses a policy and a registered server for it, or what is missing for it. Nothing is changed by it. */
export function applyForm(
  c: Context<WebEnvironment>,
  { control }: WebParts,
  record: Pick<ServerRecord, "slug" | "name" | "packages" | "remotes"> & { readonly tools: number },
  tool?: ToolRecord,
): Html {
  const actor = c.get("actor");
  if (actor === undefined || c.get("session") === undefined)
    return html`<p>
      <a href="/sign-in?next=${encodeURIComponent(c.req.path)}">Sign in</a> to apply this policy to a server of yours.
    </p>`;
  const news = appliedNews(c, control.state());
  if (!may(actor.role, "policies.write") || !may(actor.role, "grants.attach"))
    return html`${news}
      <p>A policy manager can apply this policy to a server.</p>`;
  const { slug, name, tools } = record;
  const { same, others } = splitServers(control.state().servers.values(), record);
  if (same.length + others.length === 0)
    return html`<p>No server is registered yet. <a href="/catalogue/${slug}#register">Register this one</a> first.</p>`;
  return html`${news}
    ${same.length > 0 ? "" : html`<p>No registered server is known to be ${name}. <a href="/catalogue/${slug}#register">Register it</a> first, unless one of yours is.</p>`}
    <form method="post" action="/catalogue/${slug}/apply">
      ${csrfInput(c)}
      <div class="columns">
        <div class="field">
          <label for="server">To the server</label
          ><select
            id="server"
            name="server"
            required
            ${others.length === 0 ? "" : html`aria-describedby="server-hint"`}
          >
            ${same.length > 0 ? "" : html`<option value="">Choose a server</option>`}
            ${serverGroup(`Registered as ${name}`, same)} ${serverGroup("Other servers", others)}
          </select>
          ${others.length === 0 ? "" : html`<p class="hint" id="server-hint">For other servers this policy fits badly: it was written for the tools of ${name}, and denies all others.</p>`}
        </div>
        <div class="field">
          <label for="what">The policy for</label
          ><select id="what" name="what">
            ${tool === undefined ? "" : html`<option value="tool:${tool.slug}">this tool alone, all others denied</option>`}
            ${presets.map((preset) => html`<option value="${preset}" ${preset === "balanced" && tool === undefined ? html`selected` : ""}>${presetNames[preset]} (${tools})</option>`)}
          </select>
        </div>
      </div>
      <button type="submit">Apply to my server</button>
      <p class="hint">
        The next page shows the document and what it changes for which grant. Nothing changes before you confirm it
        there.
      </p>
    </form>`;
}

function serverGroup(label: string, servers: readonly ServerEntry[]): Html | "" {
  if (servers.length === 0) return "";
  return html`<optgroup label="${label}">
    ${servers.map(({ id, title }) => html`<option value="${id}">${title === id ? id : `${id}: ${title}`}</option>`)}
  </optgroup>`;
}

/** Who has a policy that was applied, as things stand now. */
function appliedNews(c: Context<WebEnvironment>, state: ControlState): Html | "" {
  const policy = state.policies.get(c.req.query("applied") ?? "");
  const server = state.servers.get(c.req.query("to") ?? "");
  if (policy === undefined || server === undefined) return "";
  const grants = liveGrants(state).filter(({ servers }) => servers.has(server.id));
  const having = grants.filter(({ servers }) => servers.get(server.id) === policy.id);
  const others = grants.filter((grant) => !having.includes(grant));
  return html`<div class="notice good" role="status">
    <p>
      The policy <code>${policy.id}</code> is saved (version ${policy.version}).
      ${having.length === 0 ? html`No grant has it for <code>${server.id}</code> yet.` : html`In force on <code>${server.id}</code> for:`}
    </p>
    ${
      having.length === 0
        ? ""
        : html`<ul>
            ${having.map((grant) => html`<li>${grantText(grant)}</li>`)}
          </ul>`
    }
    ${
      others.length === 0
        ? ""
        : html`<p>Not for:</p>
            <ul>
              ${others.map((grant) => html`<li>${grantText(grant)}: it has ${policyText(grant.servers.get(server.id))}${grant.source === "file" ? " by the operator's files" : ""}</li>`)}
            </ul>`
    }
  </div>`;
}
