import { html } from "hono/html";
import type { Html } from "../pages/layout.ts";

/** Pure. Markdown of our own (paragraphs, lists, fenced code, `code`, links to https) as HTML; every text is escaped. */
export function markdownHtml(markdown: string): Html {
  const blocks = markdown.split(/\n{2,}(?=(?:[^`]*```[^`]*```)*[^`]*$)/u).map((block) => block.trim());
  return html`${blocks.filter((block) => block !== "").map(blockHtml)}`;
}

function blockHtml(block: string): Html {
  const [, code] = /^```[a-z]*\n([\s\S]*?)\n?```$/u.exec(block) ?? [];
  if (code !== undefined)
    return html`<pre class="document" tabindex="0" role="region" aria-label="Example"><code>${code}</code></pre>`;
  const [, level, title] = /^(#{1,6}) (.+)$/u.exec(block) ?? [];
  if (level !== undefined && title !== undefined) return html`<h3>${inline(title)}</h3>`;
  if (/^(?:[-*]|\d+\.) /u.test(block)) {
    const items = block.split(/\n(?=(?:[-*]|\d+\.) )/u).map((item) => item.replace(/^(?:[-*]|\d+\.) /u, ""));
    return html`<ul>
      ${items.map((item) => html`<li>${inline(item)}</li>`)}
    </ul>`;
  }
  return html`<p>${inline(block)}</p>`;
}

function inline(text: string): Html {
  const parts = text.split(/(`[^`]+`|\[[^\]]+\]\(https:\/\/[^\s)]+\)|\*\*[^*]+\*\*)/u);
  return html`${parts.map((part) => {
    if (part.startsWith("`")) return html`<code>${part.slice(1, -1)}</code>`;
    if (part.startsWith("**")) return html`<strong>${part.slice(2, -2)}</strong>`;
    const [, label, url] = /^\[([^\]]+)\]\((https:[^\s)]+)\)$/u.exec(part) ?? [];
    return url === undefined ? part : html`<a href="${url}" rel="noreferrer">${label}</a>`;
  })}`;
}
