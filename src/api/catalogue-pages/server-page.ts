import { html } from "hono/html";
import { presets } from "../../catalogue/recommend.ts";
import { toolSlug } from "../../catalogue/slug.ts";
import type { ServerView } from "../../catalogue-store/views.ts";
import { asSentence, type Html } from "../pages/layout.ts";
import {
  barText,
  categoryBar,
  categoryLink,
  documentBlock,
  packageName,
  riskBadge,
  suggestionsHtml,
} from "./catalogue-parts.ts";

/** What a preset is, for people. */
export const presetTexts = {
  "read-only": "Read only: tools that change something are hidden.",
  balanced: "Balanced: rates for what changes or runs something, approval for what spends, the destructive hidden.",
  strict: "Strict: as balanced, with everything that runs something held for approval and arguments checked.",
} as const;

/** A server's page; `apply` and `register` are the actions for who may do them. */
export function serverPage(view: ServerView, apply: Html, register: Html): Html {
  const { name, slug, tools, changing, verdict, dangerous, policies, changes, similar, status } = view;
  return html`<nav aria-label="Breadcrumb" class="quiet"><a href="/catalogue">Catalogue</a></nav>
    <h1>${name}</h1>
    ${status === "listed" ? html`<p class="notice">Its tools were never seen here: there is no grade and no verdict. <code>callgate scan</code> looks at it.</p>` : html`<p><strong>${tools.length} tools, ${changing} can change something.</strong> Verdict: <strong>${verdict.verdict}</strong>, ${verdict.reasons.join("; ")}.</p>`}
    <section class="sheet" aria-labelledby="facts">
      <h2 id="facts">What is known</h2>
      ${serverFacts(view)}${tools.length === 0 ? "" : categoryBar(view.counts)}
    </section>
    ${
      dangerous.length === 0
        ? ""
        : html`<section class="sheet" aria-labelledby="dangerous">
            <h2 id="dangerous">Be careful with</h2>
            <ul class="inline">
              ${tools
                .filter((tool) => dangerous.includes(tool.name))
                .map(
                  (tool) =>
                    html`<li>
                      <a href="/catalogue/${slug}/${tool.slug}"><code>${tool.name}</code></a>
                      <span class="quiet">${tool.category}</span>
                    </li>`,
                )}
            </ul>
          </section>`
    }
    ${
      tools.length === 0
        ? ""
        : html`<section class="sheet" aria-labelledby="policies">
              <h2 id="policies">Policies to start from</h2>
              ${presets.map(
                (preset) =>
                  html`<details ${preset === "balanced" ? html`open` : ""}>
                    <summary>${presetTexts[preset]}</summary>
                    ${documentBlock(`Policy ${preset}`, policies[preset].document)}
                  </details>`,
              )}
              ${policies.balanced.unnamed.length === 0 ? "" : html`<p>Left out, and so denied, because no policy can hold their names: ${policies.balanced.unnamed.map((tool) => html`<code>${tool}</code> `)}</p>`}
              ${suggestionsHtml(
                policies.balanced.suggested,
                (tool) =>
                  html`<a href="/catalogue/${slug}/${slugOf(view, tool)}"><code>${tool}</code></a
                    >:`,
              )}
            </section>
            <section class="sheet" aria-labelledby="apply">
              <h2 id="apply">Apply to my server</h2>
              ${apply}
            </section>`
    }
    <section class="sheet" aria-labelledby="register">
      <h2 id="register">Register this server</h2>
      ${register}
    </section>
    ${
      tools.length === 0
        ? ""
        : html`<section class="sheet" aria-labelledby="tools">
            <h2 id="tools">All tools</h2>
            <div class="scroll" tabindex="0" role="region" aria-labelledby="tools">
              <table>
                <thead>
                  <tr>
                    <th scope="col">Tool</th>
                    <th scope="col">Risk</th>
                    <th scope="col">Category</th>
                    <th scope="col">Tokens</th>
                  </tr>
                </thead>
                <tbody>
                  ${tools.map(
                    (tool) =>
                      html`<tr>
                        <th scope="row">
                          <a href="/catalogue/${slug}/${tool.slug}"><code>${tool.name}</code></a>
                        </th>
                        <td>${riskBadge(tool.risk)}</td>
                        <td>${categoryLink(tool.category)}</td>
                        <td>${tool.definitionTokens}</td>
                      </tr>`,
                  )}
                </tbody>
              </table>
            </div>
          </section>`
    }
    <section class="sheet" aria-labelledby="history">
      <h2 id="history">What changed</h2>
      ${
        changes.length === 0
          ? html`<p>Nothing since it was first seen.</p>`
          : html`<ul>
              ${changes.map(({ at, severity, kind, tool, from, to }) => html`<li>${at.slice(0, 10)}, ${severity}: ${kind.replaceAll("_", " ")} ${tool === undefined ? "" : html`<code>${tool}</code>`} ${from === undefined ? "" : `from ${from}`} ${to === undefined ? "" : `to ${to}`}</li>`)}
            </ul>`
      }
    </section>
    ${
      similar.length === 0
        ? ""
        : html`<section class="sheet" aria-labelledby="similar">
            <h2 id="similar">Similar servers</h2>
            <ul class="inline">
              ${similar.map((hit) => html`<li><a href="/catalogue/${hit.slug}">${hit.name}</a> <span class="quiet">${hit.grade === undefined ? "not seen" : `grade ${hit.grade}`}, ${hit.tools} tools</span></li>`)}
            </ul>
          </section>`
    }
    <section class="sheet" aria-labelledby="questions">
      <h2 id="questions">Questions</h2>
      ${serverQuestions(view).map(
        ({ question, answer }) =>
          html`<details>
            <summary>${question}</summary>
            <p>${answer}</p>
          </details>`,
      )}
    </section>`;
}

/** Pure. The slug of a server's tool. */
export function slugOf({ tools }: Pick<ServerView, "tools">, name: string): string {
  return tools.find((tool) => tool.name === name)?.slug ?? toolSlug(name);
}

function serverFacts({
  identity,
  grade,
  posture,
  packages,
  remotes,
  repository,
  definitionTokens,
  tokenMethod,
  heaviestTool,
  source,
  scannedAt,
  findings,
}: ServerView): Html {
  return html`<dl class="facts">
    <dt>Publisher</dt>
    <dd>${identity.level}: ${identity.evidence.join("; ").replaceAll("`", "")}</dd>
    <dt>Grade</dt>
    <dd>
      ${
        grade === null
          ? "none"
          : html`<strong>${grade.letter}</strong>, ${grade.points} of 100
              points${
                grade.deductions.length === 0
                  ? ""
                  : html`<ul class="plain">
                      ${grade.deductions.map(({ points, because }) => html`<li>-${points}: ${because}</li>`)}
                    </ul>`
              }`
      }
    </dd>
    <dt>Access</dt>
    <dd>${posture.auth}; ${Math.round(posture.annotations * 100)} % of tools carry annotations</dd>
    <dt>Packages</dt>
    <dd>${packages.length === 0 ? "none" : packages.map((one) => html`<code>${packageName(one)}</code> `)}</dd>
    ${
      remotes.length === 0
        ? ""
        : html`<dt>Addresses</dt>
            <dd>${remotes.map((remote) => html`<code>${remote}</code> `)}</dd>`
    }
    ${
      repository === undefined
        ? ""
        : html`<dt>Repository</dt>
            <dd><code>${repository}</code></dd>`
    }
    <dt>Definition cost</dt>
    <dd>
      ${definitionTokens} tokens of a context window
      (${tokenMethod})${heaviestTool === undefined ? "" : html`; the heaviest tool is <code>${heaviestTool}</code>`}
    </dd>
    <dt>Findings</dt>
    <dd>
      ${
        findings.length === 0
          ? "none"
          : html`<ul class="plain">
              ${findings.slice(0, 20).map(({ severity, subject, message }) => html`<li>${severity}: <code>${subject.name}</code> ${message.replaceAll("`", "")}</li>`)}
            </ul>`
      }
    </dd>
    <dt>Last checked</dt>
    <dd>${scannedAt.slice(0, 10)}, learnt from ${source}</dd>
  </dl>`;
}

/** Pure. Questions people ask about a server, with our answers. */
export function serverQuestions({
  name,
  tools,
  changing,
  counts,
  verdict,
  definitionTokens,
  status,
}: ServerView): readonly { readonly question: string; readonly answer: string }[] {
  if (status === "listed")
    return [
      {
        question: `Is ${name} safe?`,
        answer: "Nobody knows here: its tools were never seen. Unknown is neither good nor bad.",
      },
    ];
  return [
    {
      question: `What can ${name} do?`,
      answer: `It has ${tools.length} tools: ${barText(counts)}. ${changing} can change something.`,
    },
    {
      question: `Is ${name} safe?`,
      answer: asSentence(`the verdict is ${verdict.verdict}: ${verdict.reasons.join("; ")}`),
    },
    {
      question: `How do I restrict ${name}?`,
      answer:
        "Put Callgate between your client and the server, with one of the three policies on this page. Each loads as it stands.",
    },
    {
      question: `What does ${name} cost in context?`,
      answer: `Its list of tools takes about ${definitionTokens} tokens in every session that loads it. A policy that hides tools makes it shorter.`,
    },
  ];
}
