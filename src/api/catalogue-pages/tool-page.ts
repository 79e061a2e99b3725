import { html } from "hono/html";
import type { ToolView } from "../../catalogue-store/views.ts";
import { signalTexts } from "../../catalogue/tool-texts.ts";
import { owaspText } from "../../values/owasp.ts";
import type { Html } from "../pages/layout.ts";
import { barText, categoryLink, documentBlock, riskBadge, suggestionsHtml } from "./catalogue-parts.ts";

/** A tool's page: `apply` is the action for who may do it, or how to become somebody who may. */
export function toolPage(view: ToolView, apply: Html, contact: string | undefined): Html {
  const { server, tool, use, harms, rule, attacks, alike, questions, counts } = view;
  const { name, risk, category, description, recommended, suggested, override, lapsed } = tool;
  const home = `/catalogue/${server.slug}`;
  return html`<nav aria-label="Breadcrumb" class="quiet">
      <a href="/catalogue">Catalogue</a> / <a href="${home}">${server.name}</a>
    </nav>
    <h1>${riskBadge(risk)} <code class="name">${name}</code></h1>
    ${
      description === undefined
        ? ""
        : html`<figure class="foreign">
            <blockquote>${description}</blockquote>
            <figcaption class="quiet">what the server says of it, not checked</figcaption>
          </figure>`
    }
    <p>Part of the <a href="${home}">${server.name}</a> server.</p>
    <section class="sheet" aria-labelledby="about">
      <h2 id="about">What it is for, and what can go wrong</h2>
      <p>${use}</p>
      <ul>
        ${harms.map((harm) => html`<li>${harm}</li>`)}
      </ul>
      ${lapsed === undefined ? "" : html`<p class="notice">A correction to ${lapsed.category} by ${lapsed.by} counts no more: the definition is another one.</p>`}
      ${override === undefined ? "" : html`<p class="notice">Corrected here to ${override.category} by ${override.by}: ${override.note}</p>`}
      ${evidenceFacts(view)}
    </section>
    <section class="sheet" aria-labelledby="policy">
      <h2 id="policy">The policy to start from</h2>
      <p><strong>${rule}</strong></p>
      ${documentBlock(`Policy for ${name}`, recommended)}
      <p><a href="${home}#policies">The policy for all ${server.tools} tools of ${server.name}</a></p>
      ${suggestionsHtml(suggested, () => "")}
    </section>
    <section class="sheet" aria-labelledby="apply">
      <h2 id="apply">Apply to my server</h2>
      ${apply}
    </section>
    <section class="sheet" aria-labelledby="attacks">
      <h2 id="attacks">Attacks on this kind of access</h2>
      ${
        attacks.length === 0
          ? html`<p>The database has none that abuse a ${category} tool with these signals.</p>`
          : html`<ul>
              ${attacks.map((attack) => html`<li><a href="/catalogue/attacks/${attack.slug}">${attack.name}</a>, <a href="/catalogue/attacks/${attack.slug}#policy">policy that stops it</a>: ${attack.coverage}</li>`)}
            </ul>`
      }
    </section>
    <section class="sheet" aria-labelledby="alike">
      <h2 id="alike">Other ${category} tools</h2>
      <ul class="inline">
        ${alike.map(
          (hit) =>
            html`<li>
              <a href="/catalogue/${hit.server}/${hit.slug}"><code>${hit.name}</code></a>
              <span class="quiet">${hit.serverName}</span>
            </li>`,
        )}
      </ul>
      <p>
        <a href="/catalogue/category/${category.toLowerCase()}">All ${counts.categories[category]} ${category} tools</a>
      </p>
    </section>
    <section class="sheet" aria-labelledby="questions">
      <h2 id="questions">Questions</h2>
      ${questions.map(
        ({ question, answer }) =>
          html`<details>
            <summary>${question}</summary>
            <p>${answer.replaceAll("`", "")}</p>
          </details>`,
      )}
    </section>
    <p class="quiet">
      The catalogue knows ${counts.servers} servers with ${counts.tools} tools:
      ${barText(counts.categories)}.${contact === undefined ? "" : html` <a href="${contact}">Contact</a>`}
    </p>`;
}

function evidenceFacts({ tool }: ToolView): Html {
  const { category, confidence, reason, evidence, signals, owasp, parameters, definitionTokens, override } = tool;
  return html`<dl class="facts">
    <dt>Category</dt>
    <dd>
      ${categoryLink(category)},
      ${override === undefined ? `confidence ${confidence.toFixed(2)}` : `corrected here by ${override.by}`}
    </dd>
    <dt>${override === undefined ? "Reason" : "Classifier said"}</dt>
    <dd>${reason.replaceAll("`", "")}${override === undefined ? "" : ` Confidence ${confidence.toFixed(2)}.`}</dd>
    <dt>Evidence</dt>
    <dd>
      <ul class="plain">
        ${evidence.map(({ place, word, says, because }) => html`<li>${place} <q>${word}</q> says ${says}: ${because}</li>`)}
      </ul>
    </dd>
    <dt>Signals</dt>
    <dd>${signals.length === 0 ? "none" : signals.map((signal) => signalTexts[signal].means).join("; ")}</dd>
    <dt>OWASP</dt>
    <dd>${owaspText(owasp) || "none"}</dd>
    <dt>Arguments</dt>
    <dd>
      ${parameters.length === 0 ? "none" : parameters.map(({ name, type, required }) => html`<code>${name}${required ? "" : "?"}: ${type}</code> `)}
    </dd>
    <dt>Cost</dt>
    <dd>${definitionTokens} tokens of a context window</dd>
  </dl>`;
}
