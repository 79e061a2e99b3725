import type { Context } from "hono";
import { html } from "hono/html";
import type { Actor } from "../../audit/admin-event.ts";
import type { ApiTokenEntry } from "../../control/api-tokens.ts";
import type { GrantEntry } from "../../control/state.ts";
import type { AppError } from "../../errors.ts";
import { passwordLengthMin } from "../../identity/password.ts";
import type { Session } from "../../identity/sessions.ts";
import { includesRole, roles } from "../../values/roles.ts";
import type { WebEnvironment } from "../web-environment.ts";
import { clientsSection } from "../oauth/clients-section.ts";
import { browserName } from "./browser-name.ts";
import { alarm, csrfInput, field, type Html, momentText } from "./layout.ts";
import { roleTexts } from "./role-texts.ts";

/** What the account page says of what was just done. */
export interface AccountNews {
  /** Shown now and never again. */
  readonly token?: string;
  readonly error?: AppError;
}

/** What the account page shows. */
export interface AccountView extends AccountNews {
  readonly actor: Actor;
  readonly session: Session;
  readonly name: string;
  readonly hasPassword: boolean;
  readonly sessions: readonly Session[];
  readonly tokens: readonly ApiTokenEntry[];
  /** The grants of clients that the person allowed. */
  readonly clients: readonly GrantEntry[];
  readonly nowMs: number;
  /** What is wrong with a field, by its name. */
  readonly faults: ReadonlyMap<string, string>;
}

/** The content of the account page. */
export function accountMain(c: Context<WebEnvironment>, view: AccountView): Html {
  const { actor, name, token, error } = view;
  return html`<h1>${name}</h1>
    <p class="quiet">${actor.name}, ${roleTexts[actor.role].title}: ${roleTexts[actor.role].can}.</p>
    ${alarm(error?.message)} ${token === undefined ? "" : tokenNotice(token)} ${tokensSection(c, view)}
    ${clientsSection(c, view.clients)} ${sessionsSection(c, view)} ${view.hasPassword ? passwordSection(c, view) : ""}`;
}

function tokenNotice(token: string): Html {
  return html`<div class="notice good" role="status">
    <p><strong>Your new API token.</strong> Copy it now, it is not shown again:</p>
    <p><code id="new-token">${token}</code></p>
  </div>`;
}

function tokensSection(c: Context<WebEnvironment>, { actor, tokens, nowMs, faults }: AccountView): Html {
  const choices = roles.filter((role) => includesRole(actor.role, role)).toReversed();
  return html`<section class="sheet" aria-labelledby="tokens">
    <h2 id="tokens">API tokens</h2>
    <p class="quiet">For scripts and the command line. A token may never do more than you.</p>
    ${
      tokens.length === 0
        ? html`<p>You have none.</p>`
        : html`<ul class="rows">
            ${tokens.map((token) => tokenRow(c, token, nowMs))}
          </ul>`
    }
    <form method="post" action="/account/tokens">
      ${csrfInput(c)}
      <div class="columns">
        ${field({ name: "label", label: "What it is for", autocomplete: "off", fault: faults.get("label") })}
        <div class="field">
          <label for="role">May do at most</label>
          <select id="role" name="role">
            ${choices.map((role) => html`<option value="${role}">${roleTexts[role].title}</option>`)}
          </select>
        </div>
        <div class="field">
          <label for="days">Works for</label>
          <select id="days" name="days">
            ${[7, 30, 90, 365].map((days) => html`<option value="${days}" ${days === 30 ? "selected" : ""}>${days} days</option>`)}
          </select>
        </div>
      </div>
      <button type="submit">Make a token</button>
    </form>
  </section>`;
}

function tokenRow(
  c: Context<WebEnvironment>,
  { id, label, role, expiresMs, lastUsedMs }: ApiTokenEntry,
  nowMs: number,
): Html {
  const isOver = expiresMs !== undefined && expiresMs <= nowMs;
  const ends = expiresMs === undefined ? "" : `, ${isOver ? "ran out" : "until"} ${momentText(expiresMs)}`;
  const used = lastUsedMs === undefined ? "never used" : `last used ${momentText(lastUsedMs)}`;
  return html`<li>
    <p><strong>${label}</strong><br /><span class="quiet">${roleTexts[role].title}${ends}, ${used}</span></p>
    <form method="post" action="/account/tokens/end">
      ${csrfInput(c)}<input type="hidden" name="token" value="${id}" />
      <button class="danger" type="submit" aria-label="End the token ${label}">End</button>
    </form>
  </li>`;
}

function sessionsSection(c: Context<WebEnvironment>, { session, sessions }: AccountView): Html {
  return html`<section class="sheet" aria-labelledby="sessions">
    <h2 id="sessions">Where you are signed in</h2>
    <ul class="rows">
      ${sessions.map((entry) => sessionRow(c, entry, entry.idSha256 === session.idSha256))}
    </ul>
  </section>`;
}

function sessionRow(c: Context<WebEnvironment>, entry: Session, isThis: boolean): Html {
  const { idSha256, userAgent, address, createdMs, seenMs } = entry;
  const name = browserName(userAgent);
  return html`<li>
    <p>
      <strong>${isThis ? "This browser" : name}</strong><br />
      <span class="quiet"
        >${isThis ? `${name}, ` : ""}from ${address ?? "somewhere"}, since ${momentText(createdMs)}, last seen
        ${momentText(seenMs)}</span
      >
    </p>
    ${
      isThis
        ? ""
        : html`<form method="post" action="/account/sessions/end">
            ${csrfInput(c)}<input type="hidden" name="session" value="${idSha256}" />
            <button class="danger" type="submit" aria-label="Sign out ${name} from ${address ?? "somewhere"}">
              Sign out
            </button>
          </form>`
    }
  </li>`;
}

function passwordSection(c: Context<WebEnvironment>, { faults }: AccountView): Html {
  return html`<section class="sheet" aria-labelledby="password">
    <h2 id="password">Password</h2>
    <p class="quiet">Changing it signs you out everywhere else.</p>
    <form method="post" action="/account/password">
      ${csrfInput(c)}
      <div class="columns">
        ${field({
          name: "current",
          label: "Present password",
          type: "password",
          autocomplete: "current-password",
          fault: faults.get("current"),
        })}
        ${field({
          name: "next",
          label: "New password",
          type: "password",
          autocomplete: "new-password",
          hint: `At least ${passwordLengthMin} characters.`,
          fault: faults.get("next"),
        })}
      </div>
      <button class="plain" type="submit">Change the password</button>
    </form>
  </section>`;
}
