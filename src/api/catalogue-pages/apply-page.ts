import type { Context } from "hono";
import { html } from "hono/html";
import type { ServerView } from "../../catalogue-store/views.ts";
import type { GrantEntry } from "../../control/state.ts";
import type { Problem } from "../../errors.ts";
import { lineDiff } from "../../values/line-diff.ts";
import { alarm, asSentence, csrfInput, field, type Html, page } from "../pages/layout.ts";
import type { WebEnvironment } from "../web-environment.ts";
import type { ApplyPlan, GrantsByPolicy } from "./apply-plan.ts";

/** So many problems of a document are shown; nobody reads more. */
const problemsMax = 20;

/** The last page before a policy is applied: the text to look at and to change, and whom it changes what for. */
export async function applyPage(
  c: Context<WebEnvironment>,
  { slug, name: serverName }: Pick<ServerView, "slug" | "name">,
  plan: ApplyPlan,
  fault?: string,
): Promise<Response> {
  const { server, isSame, chosen, name, nameFault, step, digest, problems } = plan;
  const home = `/catalogue/${slug}${chosen.tool === undefined ? "" : `/${chosen.label}`}`;
  const isWrong = nameFault !== undefined || problems.some(({ severity }) => severity === "error");
  const main = html`<nav aria-label="Breadcrumb" class="quiet">
      <a href="/catalogue">Catalogue</a> / <a href="/catalogue/${slug}">${serverName}</a>
    </nav>
    <h1>Apply a policy to <code class="name">${server.id}</code></h1>
    ${alarm(fault)}
    <p>
      ${chosen.tool === undefined ? `The ${chosen.label} policy of ${serverName}` : html`The policy of ${serverName} for <code>${chosen.tool}</code> alone`}.
      Nothing changes before you press the last button.
    </p>
    ${isSame ? "" : html`<p class="notice alarm">This policy was written for the tools of ${serverName}, and <code>${server.id}</code> is not known to be that server. Whatever the policy does not name is denied.</p>`}
    <form method="post" action="/catalogue/${slug}/apply">
      ${csrfInput(c)}
      <input type="hidden" name="server" value="${server.id}" />
      <input type="hidden" name="what" value="${chosen.what}" />
      <section class="sheet" aria-labelledby="document-title">
        <h2 id="document-title">The policy</h2>
        ${field({ name: "name", label: "Name", autocomplete: "off", value: name, fault: nameFault })}
        ${documentField(plan)}
        <button class="plain" type="submit" name="shown" value="">Show what changes</button>
      </section>
      ${isWrong ? "" : changes(plan)}
      <div class="actions">
        ${step === undefined ? "" : html`<button type="submit" name="shown" value="${digest}">${buttonText(plan)}</button>`}
        <a class="button plain" href="${home}#apply">${step === undefined && !isWrong ? "Back" : "Cancel"}</a>
      </div>
    </form>`;
  const status = fault === undefined ? (isWrong ? 400 : 200) : 409;
  return page(c, { title: `Apply a policy to ${server.id}`, main, status });
}

function buttonText({ step, given, having }: ApplyPlan): string {
  const renewed = step?.text === undefined ? [] : having.map(({ grant }) => grant);
  const grants = new Set([...given.flatMap((group) => group.grants), ...renewed]).size;
  if (grants === 0) return "Save the policy";
  return grants === 1 ? "Apply to 1 grant" : `Apply to ${grants} grants`;
}

function documentField({ document, problems }: ApplyPlan): Html {
  const errors = problems.filter(({ severity }) => severity === "error");
  const doubts = problems.filter(({ severity }) => severity === "warning");
  return html`<div class="field">
    <label for="document">Document</label>
    <textarea
      id="document"
      name="document"
      rows="${Math.min(24, Math.max(8, document.split("\n").length + 1))}"
      spellcheck="false"
      autocomplete="off"
      required
      aria-describedby="document-problems"
      ${errors.length === 0 ? "" : html`aria-invalid="true"`}
    >
${document}</textarea>
    <div id="document-problems">${problemList(errors, "fault")}${problemList(doubts, "hint")}</div>
  </div>`;
}

function problemList(problems: readonly Problem[], kind: "fault" | "hint"): Html | "" {
  if (problems.length === 0) return "";
  const rest = problems.length - problemsMax;
  return html`<ul class="plain ${kind}">
    ${problems.slice(0, problemsMax).map(({ line, column, message, hint }) => html`<li>Line ${line}, column ${column}: ${asSentence(`${message}: ${hint}`)}</li>`)}
    ${rest > 0 ? html`<li>And ${rest} more.</li>` : ""}
  </ul>`;
}

/** Whom the policy changes what for, and for whom not. */
function changes(plan: ApplyPlan): Html {
  const { server, name, document, current, given, having, fixed } = plan;
  const isNew = current?.document !== document;
  const others = having.filter((one) => one.server !== server.id);
  const here = having.filter((one) => one.server === server.id);
  return html`<section class="sheet" aria-labelledby="given">
      <h2 id="given">Grants that get it</h2>
      ${given.map((group) => givenGroup(group, document))}
      ${
        having.length === 0 || !isNew
          ? ""
          : html`<h3>With <code>${name}</code> now: its next version</h3>
              <ul>
                ${having.map((one) => html`<li>${grantText(one.grant)} for <code>${one.server}</code></li>`)}
              </ul>
              ${diffBlock(`What changes for ${name}`, current?.document ?? "", document)}`
      }
      ${given.length === 0 && (having.length === 0 || !isNew) ? html`<p>${noneText(plan)}</p>` : ""}
      ${others.length === 0 || !isNew ? "" : html`<p class="notice alarm">The next version is in force for ${others.length === 1 ? "a grant" : `${others.length} grants`} of another server, too. Give this policy another name to leave them alone.</p>`}
    </section>
    <section class="sheet" aria-labelledby="kept">
      <h2 id="kept">Grants of <code>${server.id}</code> that stay as they are</h2>
      ${
        fixed.length === 0 && (isNew || here.length === 0)
          ? html`<p>None.</p>`
          : html`<ul>
              ${fixed.map((grant) => html`<li>${grantText(grant)} has ${policyText(grant.servers.get(server.id))}, by the operator's files: it can be changed there alone</li>`)}
              ${isNew ? "" : here.map((one) => html`<li>${grantText(one.grant)} has this policy already</li>`)}
            </ul>`
      }
    </section>`;
}

function noneText({ server, step, having }: ApplyPlan): string {
  if (having.length > 0 && step === undefined) return "None: every grant that can be changed here has it already.";
  return `No grant that can be changed here opens ${server.id}. The policy is saved, to be given to a grant later.`;
}

function givenGroup({ policy, grants }: GrantsByPolicy, document: string): Html {
  return html`<h3>With ${policyText(policy?.id)} now</h3>
    <ul>
      ${grants.map((grant) => html`<li>${grantText(grant)}</li>`)}
    </ul>
    ${policy === undefined ? html`<p>Everything is denied to them now.</p>` : diffBlock(`What changes against ${policy.id}`, policy.document, document)}`;
}

/** A grant as people know it. */
export function grantText({ id, label, owner }: GrantEntry): Html {
  return html`<strong>${label}</strong>
    <span class="quiet">${label === id ? "" : id}${owner === undefined ? "" : ` of ${owner}`}</span>`;
}

/** A policy as people know it, or that there is none. */
export function policyText(policy: string | undefined): Html {
  return policy === undefined ? html`no policy` : html`<code>${policy}</code>`;
}

function diffBlock(label: string, before: string, after: string): Html {
  const diff = lineDiff(comparable(before), comparable(after)).trimEnd();
  if (diff === "") return html`<p>It says the same.</p>`;
  const kinds: Readonly<Record<string, string>> = { "+": "added", "-": "removed", "@": "quiet" };
  const lines = diff.split("\n").map((line) => {
    const kind = kinds[line.slice(0, 1)];
    return html`<span class="${kind === undefined ? "kept" : kind}">${line}</span>${"\n"}`;
  });
  return html`<pre class="document diff" tabindex="0" role="region" aria-label="${label}"><code>${lines}</code></pre>`;
}

/** Pure. JSON line by line, so that a difference is one of what is said; any other text as it is. */
function comparable(text: string): string {
  try {
    return `${JSON.stringify(JSON.parse(text), undefined, 2)}\n`;
  } catch {
    return text;
  }
}
