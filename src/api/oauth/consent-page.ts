import type { Context } from "hono";
import { html } from "hono/html";
import type { ConsentChoice, ConsentRequest, Person } from "../../authorization-server/consent.ts";
import { type ServerOffer, type ToolView, toolsUnder } from "../../authorization-server/offers.ts";
import type { ControlContext } from "../../control/control-context.ts";
import { alarm, csrfInput, type Html, momentText, page } from "../pages/layout.ts";
import type { WebEnvironment } from "../web-environment.ts";

/** What a person is shown before they decide. */
export interface ConsentView {
  readonly control: ControlContext;
  readonly person: Person;
  readonly request: ConsentRequest;
  readonly offers: readonly ServerOffer[];
  /** What is chosen already: server to policy. */
  readonly chosen: ConsentChoice;
  /** What was wrong with what they chose. */
  readonly fault?: string;
}

type PageContext = Context<WebEnvironment>;

/** Asks a person: who asks, where the answer goes, and which servers under which policy the client may use. */
export async function consentPage(c: PageContext, view: ConsentView): Promise<Response> {
  const { request, offers, fault } = view;
  const sheets: Html[] = [];
  for (const offer of offers) sheets.push(await offerSheet(view, offer));
  const main = html`<h1>Let ${request.clientName} use your tools?</h1>
    ${alarm(fault)}
    <div class="sheet">${facts(view)}</div>
    ${offers.length === 0 ? nothingToGive(request) : ""}
    <form method="post" action="${c.req.path}">
      ${csrfInput(c)} ${sheets}
      <div class="actions">
        ${offers.length === 0 ? "" : html`<button type="submit" name="decision" value="allow">Allow</button>`}
        <button class="plain" type="submit" name="decision" value="deny">Do not allow</button>
      </div>
    </form>`;
  return page(c, { title: "Allow a client", main, ...(fault === undefined ? {} : { status: 400 }) });
}

/** Goes on, or to the client: by itself, but for an app, which browsers open only at a press of a button. */
export function returnPage(c: PageContext, { clientName, target }: ConsentRequest, to: string): Promise<Response> {
  const isApp = target.kind === "app";
  const main = html`<div class="sheet">
    <h1>Going on to ${clientName}</h1>
    <p>${isApp ? "Your decision is noted." : "If nothing happens, go on by hand."}</p>
    <p><a class="button" href="${to}">Go on</a></p>
  </div>`;
  return page(c, { title: "Going on", main, isNarrow: true, ...(isApp ? {} : { goOnTo: to }) });
}

/** For a request that is over, or that another browser began. */
export function expiredPage(c: PageContext): Promise<Response> {
  const main = html`<div class="sheet">
    <h1>This request is over</h1>
    <p>It was answered, it waited too long, or it was begun in another browser. Start again in your client.</p>
  </div>`;
  return page(c, { title: "Request over", main, isNarrow: true, status: 400 });
}

function facts({ control, person, request }: ConsentView): Html {
  const { clientName, verifiedHost, server } = request;
  const ends = control.clock.wallMs() + control.rules().grantLifetimeMs;
  const who =
    verifiedHost === undefined
      ? html`It registered itself under this name, which nobody checked. Go on only if you have just started it
        yourself.`
      : html`It is described by a document at <strong>${verifiedHost}</strong>.`;
  return html`<dl class="facts">
    <dt>Client</dt>
    <dd><strong>${clientName}</strong></dd>
    <dt>Who it is</dt>
    <dd>${who}</dd>
    <dt>Answer goes to</dt>
    <dd>${whereTo(request)}</dd>
    <dt>Asks for</dt>
    <dd>${server === "" ? "all servers that you allow below" : html`the server <code>${server}</code>`}</dd>
    <dt>For</dt>
    <dd>${person.name}</dd>
    <dt>Until</dt>
    <dd>${momentText(ends)}, or until it is revoked</dd>
  </dl>`;
}

function whereTo({ target }: ConsentRequest): Html {
  switch (target.kind) {
    case "site":
      return html`<strong>${target.name}</strong>`;
    case "this_machine":
      return html`<strong>${target.name}</strong>, a program on this computer`;
    case "app":
      return html`the app that opens <strong>${target.name}</strong> links on this computer`;
  }
}

function nothingToGive({ server }: ConsentRequest): Html {
  const what = server === "" ? "any server" : html`the server <code>${server}</code>`;
  return html`<div class="notice">
    <p>
      You cannot give a client the use of ${what}. Ask an administrator: they can allow it to your role, or make a grant
      for you.
    </p>
  </div>`;
}

/** One server: the policies to choose from, with what the client could call under each. */
async function offerSheet(
  { control, chosen, fault }: ConsentView,
  { server, title, policies }: ServerOffer,
): Promise<Html> {
  const known = control.state().policies;
  // Where there is a choice it is the person's: nothing is chosen for them that they did not choose before.
  const only = policies.length === 1 && chosen.size === 0 && fault === undefined ? policies[0] : undefined;
  const selected = chosen.get(server) ?? only;
  const options: Html[] = [];
  const views: Html[] = [];
  for (const id of policies) {
    const policy = known.get(id);
    options.push(html`<option value="${id}" ${id === selected ? html`selected` : ""}>${policy?.title ?? id}</option>`);
    const view = await toolsUnder(control, server, policy);
    if (view !== undefined) views.push(toolsText(policy?.title ?? id, view));
  }
  const name = `policy:${server}`;
  return html`<div class="sheet">
    <h2>${title}</h2>
    <div class="field">
      <label for="${name}">What it may do on <code>${server}</code></label>
      <select id="${name}" name="${name}">
        <option value="">Nothing: leave this server out</option>
        ${options}
      </select>
    </div>
    ${views.length > 0 ? views : html`<p class="hint">Its tools are not known yet: the policy decides call by call.</p>`}
  </div>`;
}

function toolsText(policy: string, { callable, withheld }: ToolView): Html {
  const listed = callable.map((name) => html`<code>${name}</code> `);
  const rest = withheld.length === 0 ? "" : html`; ${withheld.length} of its tools it can not call`;
  return html`<p class="hint">
    Under ${policy}: ${callable.length === 0 ? "it can call no tool" : html`it can call ${listed}`}${rest}.
  </p>`;
}
