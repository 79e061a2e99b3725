import type { Context } from "hono";
import { html } from "hono/html";
import { visibleLines } from "../../catalogue/checks/visible-text.ts";
import type { Risk } from "../../catalogue/record.ts";
import type { PackageReference } from "../../catalogue/server-record.ts";
import type { Suggestion } from "../../catalogue/suggest-rules.ts";
import { categories, type Category } from "../../policy/index.ts";
import type { WebEnvironment } from "../web-environment.ts";
import type { Html } from "../pages/layout.ts";

/** How one page of the catalogue is wanted. */
export type Format = "html" | "json" | "md";

/** Pure. An address without the ending that names a format, and the format. */
export function formatOf(segment: string): { readonly name: string; readonly format: Format } {
  const [, name = segment, ending] = /^(.+)\.(json|md)$/u.exec(segment) ?? [];
  return { name, format: ending === "json" || ending === "md" ? ending : "html" };
}

/** A page's value as JSON, or a text as Markdown. */
export function plainAnswer(c: Context<WebEnvironment>, format: "json" | "md", value: unknown, text: string): Response {
  if (format === "json") return c.body(JSON.stringify(value), 200, { "content-type": "application/json" });
  return c.body(text, 200, { "content-type": "text/markdown; charset=utf-8" });
}

/** The sign of a risk: a word, not a colour alone. */
export function riskBadge(risk: Risk): Html {
  return html`<span class="badge ${risk.toLowerCase()}">${risk} risk</span>`;
}

/** A category as a link to its page. */
export function categoryLink(category: Category): Html {
  return html`<a href="/catalogue/category/${category.toLowerCase()}">${category}</a>`;
}

/** A document that can be copied, and scrolled with the keyboard when it is wide. */
export function documentBlock(label: string, value: unknown): Html {
  return textBlock(label, JSON.stringify(value, undefined, 2));
}

/** A text as {@link documentBlock} shows a document. */
export function textBlock(label: string, text: string): Html {
  return html`<pre
    class="document"
    tabindex="0"
    role="region"
    aria-label="${label}"
    data-copy
  ><code>${text}</code></pre>`;
}

/** How many tools of each category there are: a bar, and the same as words. */
export function categoryBar(counts: Readonly<Record<Category, number>>): Html {
  const total = categories.reduce((sum, category) => sum + counts[category], 0);
  const parts = categories.filter((category) => counts[category] > 0);
  const starts = parts.map((_, index) => parts.slice(0, index).reduce((sum, category) => sum + counts[category], 0));
  const width = (count: number): number => Math.round((count / Math.max(1, total)) * 10_000) / 100;
  return html`<svg
      class="bar-chart"
      role="img"
      aria-label="${barText(counts)}"
      viewBox="0 0 100 6"
      preserveAspectRatio="none"
    >
      ${parts.map(
        (category, index) =>
          html`<rect
            class="${category.toLowerCase()}"
            x="${width(starts[index] ?? 0)}"
            y="0"
            width="${width(counts[category])}"
            height="6"
          ></rect>`,
      )}
    </svg>
    <ul class="legend">
      ${parts.map((category) => html`<li><span class="dot ${category.toLowerCase()}"></span>${categoryLink(category)} ${counts[category]}</li>`)}
    </ul>`;
}

/** Pure. Counts as words: `13 Read, 22 Write`. */
export function barText(counts: Readonly<Record<Category, number>>): string {
  const parts = categories.filter((category) => counts[category] > 0);
  return parts.map((category) => `${counts[category]} ${category}`).join(", ") || "no tools";
}

/** Pure. A text between backticks for Markdown; third parties' text stays on its line and in its code. */
export function code(text: string): string {
  const plain = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, " ");
  const fence = "`".repeat(Math.max(0, ...(plain.match(/`+/gu) ?? []).map((run) => run.length)) + 1);
  return fence.length === 1 ? `\`${plain}\`` : `${fence} ${plain} ${fence}`;
}

/** Pure. Third parties' text of several lines as a fenced block for Markdown, which nothing in it can end. */
export function fencedText(text: string): string {
  const runs = text.match(/`{3,}/gu) ?? [];
  const fence = "`".repeat(Math.max(3, ...runs.map((run) => run.length + 1)));
  return `${fence}text\n${visibleLines(text)}\n${fence}`;
}

/** Pure. A package as people write it. */
export function packageName({ registry, name, version }: PackageReference): string {
  return `${registry} ${name}${version === undefined ? "" : `@${version}`}`;
}

/** Rules that need values of one's own, each with its tool and reason; nothing when there are none. */
export function suggestionsHtml(suggested: readonly Suggestion[], nameOf: (tool: string) => Html | ""): Html | "" {
  if (suggested.length === 0) return "";
  return html`<h3>With values of your own</h3>
    <ul>
      ${suggested.map(({ tool, reason, rules }) => html`<li>${nameOf(tool)} ${reason.replaceAll("`", "")}: <code>${JSON.stringify(rules)}</code></li>`)}
    </ul>`;
}

/** Pure. The same as Markdown. */
export function suggestionsMarkdown(
  suggested: readonly Suggestion[],
  nameOf: (tool: string) => string,
): readonly string[] {
  if (suggested.length === 0) return [];
  const lines = suggested.map(
    ({ tool, reason, rules }) => `- ${nameOf(tool)}${plainSentence(reason)}: ${code(JSON.stringify(rules))}`,
  );
  return ["### With values of your own", lines.join("\n")];
}

/** Pure. A sentence with third parties' words in it for Markdown: nothing in it is a mark, a link or HTML. */
export function plainSentence(text: string): string {
  return text
    .replaceAll("`", "")
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, " ")
    .replaceAll(/[\\*_[\]()<>#|!~&]/gu, "\\$&");
}

/** Pure. A value as a fenced block for Markdown. */
export function fenced(value: unknown): string {
  return `\`\`\`json\n${JSON.stringify(value, undefined, 2)}\n\`\`\``;
}
