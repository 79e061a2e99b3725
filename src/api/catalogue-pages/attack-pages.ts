import { html } from "hono/html";
import { type Attack, sectionHeadings } from "../../attacks/attack.ts";
import type { WithoutEntry } from "../../attacks/load-entries.ts";
import { owaspText } from "../../values/owasp.ts";
import type { Html } from "../pages/layout.ts";
import { documentBlock } from "./catalogue-parts.ts";
import { markdownHtml } from "./markdown-html.ts";

const sections = ["summary", "how", "happened", "notice", "policy", "remains"] as const;

/** How far a policy stops an attack, for people. */
const coverageTexts = {
  full: "a policy stops every step",
  partial: "a policy stops some steps",
  none: "no policy stops it",
} as const;

/** The list of attacks. */
export function attackListPage(attacks: readonly Attack[], others: WithoutEntry): Html {
  const groups = [...Map.groupBy(attacks, ({ category }) => category)];
  return html`<nav aria-label="Breadcrumb" class="quiet"><a href="/catalogue">Catalogue</a></nav>
    <h1>Attacks</h1>
    <p>
      ${attacks.length} attacks, each with facts and their sources, a policy and a replay that is played against it.
    </p>
    ${groups.map(
      ([category, list]) =>
        html`<section class="sheet" aria-labelledby="${category.replaceAll(" ", "-")}">
          <h2 id="${category.replaceAll(" ", "-")}">${category}</h2>
          <ul>
            ${list.map(({ slug, name, coverage }) => html`<li><a href="/catalogue/attacks/${slug}">${name}</a> <span class="quiet">${coverageTexts[coverage]}</span></li>`)}
          </ul>
        </section>`,
    )}
    ${textsOf(others).map(
      ({ id, heading, items }) =>
        html`<section class="sheet" aria-labelledby="${id}">
          <h2 id="${id}">${heading}</h2>
          <ul>
            ${items.map(({ name, text }) => html`<li>${name} <span class="quiet">${text}</span></li>`)}
          </ul>
        </section>`,
    )}`;
}

/** Pure. The known attacks that no policy judges, as Markdown to follow the others. */
export function withoutEntryMarkdown(others: WithoutEntry): string {
  return textsOf(others)
    .map(({ heading, items }) => `\n## ${heading}\n\n${items.map(({ name, text }) => `- ${name}: ${text}\n`).join("")}`)
    .join("");
}

function textsOf({ stoppedByGateway, outOfReach }: WithoutEntry) {
  return [
    {
      id: "stopped-by-gateway",
      heading: "Stopped by the gateway itself, whatever the policy",
      items: stoppedByGateway.map(({ name, how }) => ({ name, text: how })),
    },
    {
      id: "out-of-reach",
      heading: "Out of a policy's reach",
      items: outOfReach.map(({ name, reason }) => ({ name, text: reason })),
    },
  ] as const;
}

/** One attack. */
export function attackPage(attack: Attack): Html {
  const { name, category, coverage, abuses, owasp, sources } = attack;
  return html`<nav aria-label="Breadcrumb" class="quiet">
      <a href="/catalogue">Catalogue</a> / <a href="/catalogue/attacks">Attacks</a>
    </nav>
    <h1>${name}</h1>
    <p>
      ${category}; <strong>${coverageTexts[coverage]}</strong>. It abuses ${abuses.categories.join(", ")} tools
      (${abuses.signals.join(", ")}).${owasp.length === 0 ? "" : ` OWASP: ${owaspText(owasp)}.`}
    </p>
    ${sections.map(
      (section) =>
        html`<section class="sheet" aria-labelledby="${section}">
          <h2 id="${section}">${sectionHeadings[section]}</h2>
          ${section === "policy" ? policySection(attack) : markdownHtml(attack.sections[section])}
        </section>`,
    )}
    <section class="sheet" aria-labelledby="sources">
      <h2 id="sources">Sources</h2>
      <ul>
        ${sources.map(({ title, url, date }) => html`<li>${date} <a href="${url}" rel="noreferrer">${title ?? url}</a></li>`)}
      </ul>
    </section>`;
}

/** What is said of the policy, with its one fenced document as a block that can be copied. */
function policySection({ name, sections: { policy }, policyText }: Attack): Html {
  const [before = "", after = ""] = policy.split(/^```json\n[\s\S]*?^```$/mu);
  const document: unknown = JSON.parse(policyText);
  return html`${markdownHtml(before)}${documentBlock(`Policy against ${name}`, document)}${markdownHtml(after)}`;
}

/** Pure. One attack as Markdown. */
export function attackMarkdown({ name, category, coverage, owasp, sections: texts, sources }: Attack): string {
  return [
    `# ${name}`,
    `${category}; ${coverageTexts[coverage]}.${owasp.length === 0 ? "" : ` OWASP: ${owaspText(owasp)}.`}`,
    ...sections.flatMap((section) => [`## ${sectionHeadings[section]}`, texts[section]]),
    "## Sources",
    sources.map(({ title, url, date }) => `- ${date} [${title ?? url}](${url})`).join("\n"),
    "",
  ].join("\n\n");
}
