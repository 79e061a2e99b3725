import { html } from "hono/html";
import type { Risk } from "../../catalogue/record.ts";
import { categoryTexts, riskTexts } from "../../catalogue/tool-texts.ts";
import type { CatalogueCounts, Page, ServerHit, ToolHit } from "../../catalogue-store/catalogue-store.ts";
import { riskOrder } from "../../catalogue-store/search-words.ts";
import { categories, type Category } from "../../policy/index.ts";
import type { Html } from "../pages/layout.ts";
import { categoryBar, categoryLink, code, riskBadge } from "./catalogue-parts.ts";

/** What was looked for on the first page. */
export interface SearchView {
  readonly query: string;
  /** The cursors of this page's two lists; undefined for the first page of one. */
  readonly at: Readonly<Record<"servers" | "tools", string | undefined>>;
  readonly counts: CatalogueCounts;
  readonly servers: Page<ServerHit>;
  /** Undefined when nothing was looked for. */
  readonly tools: Page<ToolHit> | undefined;
}

/** The catalogue's first page: search and counts. */
export function searchPage(view: SearchView): Html {
  const { query, counts, servers, tools } = view;
  const more = moreLinks(view, "");
  return html`<h1>Catalogue of MCP servers</h1>
    <p>
      What servers can read, change or destroy, who publishes them, and which policy to start from. ${counts.servers}
      servers, ${counts.tools} tools.
    </p>
    <form class="search" role="search" action="/catalogue" method="get">
      <label for="query">Search servers and tools</label>
      <div class="actions">
        <input id="query" name="query" type="search" value="${query}" maxlength="500" /><button type="submit">
          Search
        </button>
      </div>
    </form>
    <section class="sheet" aria-labelledby="counts">
      <h2 id="counts">Tools by category</h2>
      ${categoryBar(counts.categories)}
      <p>
        By risk: ${riskOrder.map((risk) => html`<a href="/catalogue/risk/${risk.toLowerCase()}">${risk}</a> `)} ·
        <a href="/catalogue/attacks">Attacks</a>
      </p>
    </section>
    ${
      tools === undefined
        ? ""
        : html`<section class="sheet" aria-labelledby="tools">
            <h2 id="tools">Tools</h2>
            ${tools.items.length === 0 ? html`<p>None of that name.</p>` : toolTable(tools.items, "tools")}
            ${more.tools === undefined ? "" : html`<p><a href="${more.tools}">More tools</a></p>`}
          </section>`
    }
    <section class="sheet" aria-labelledby="servers">
      <h2 id="servers">Servers</h2>
      ${
        servers.items.length === 0
          ? html`<p>
              None of that name. An unknown server is neither good nor bad: <code>callgate scan</code> looks at it.
            </p>`
          : html`<ul class="rows">
              ${servers.items.map(serverRow)}
            </ul>`
      }
      ${more.servers === undefined ? "" : html`<p><a href="${more.servers}">More servers</a></p>`}
    </section>`;
}

/** Pure. The addresses of the next page of each list, while the other one stays where it is. */
function moreLinks(
  { query, at, servers, tools }: SearchView,
  ending: "" | ".md",
): { readonly servers: string | undefined; readonly tools: string | undefined } {
  const address = (cursors: SearchView["at"]): string => {
    const fields = { query, cursor: cursors.servers ?? "", tools_cursor: cursors.tools ?? "" };
    const given = Object.entries(fields).filter(([, value]) => value !== "");
    return `/catalogue${ending}?${new URLSearchParams(given).toString()}`;
  };
  return {
    servers: servers.nextCursor && address({ ...at, servers: servers.nextCursor }),
    tools: tools?.nextCursor && address({ ...at, tools: tools.nextCursor }),
  };
}

/** What a page of a category or risk shows. */
export interface KindView {
  readonly kind: "category" | "risk";
  readonly word: Category | Risk;
  readonly stance: string;
  readonly count: number;
  readonly tools: Page<ToolHit>;
}

/** Pure. The stance on a category or risk, and how many tools there are of it. */
export function kindOf(
  word: string,
  kind: KindView["kind"],
  counts: CatalogueCounts,
): Omit<KindView, "tools"> | undefined {
  if (kind === "category") {
    const category = categories.find((known) => known.toLowerCase() === word);
    return (
      category && { kind, word: category, stance: categoryTexts[category].stance, count: counts.categories[category] }
    );
  }
  const risk = riskOrder.find((known) => known.toLowerCase() === word);
  const { Read, Write, Execute, Destructive, Financial } = counts.categories;
  const sums: Readonly<Record<Risk, number>> = {
    Low: Read,
    Medium: Write,
    High: Execute,
    Critical: Destructive + Financial,
  };
  return risk && { kind, word: risk, stance: riskTexts[risk], count: sums[risk] };
}

/** All tools of a category or a risk. */
export function kindPage({ kind, word, stance, count, tools }: KindView): Html {
  const title = kind === "category" ? `${word} tools` : `Tools of ${word.toLowerCase()} risk`;
  const path = `/catalogue/${kind}/${word.toLowerCase()}`;
  return html`<nav aria-label="Breadcrumb" class="quiet"><a href="/catalogue">Catalogue</a></nav>
    <h1>${title}</h1>
    <p><strong>${count} tools.</strong> ${stance}</p>
    <section class="sheet" aria-labelledby="tools">
      <h2 id="tools">Tools</h2>
      ${toolTable(tools.items, "tools")}
      ${tools.nextCursor === undefined ? "" : html`<p><a href="${path}?${new URLSearchParams({ cursor: tools.nextCursor }).toString()}">More tools</a></p>`}
    </section>`;
}

/** Pure. A list of tools as Markdown. */
export function kindMarkdown({ kind, word, stance, count, tools }: KindView): string {
  return [
    `# ${kind === "category" ? `${word} tools` : `Tools of ${word.toLowerCase()} risk`}`,
    `${count} tools. ${stance}`,
    tools.items.map(toolLine).join("\n"),
    ...(tools.nextCursor === undefined
      ? []
      : [`[More](/catalogue/${kind}/${word.toLowerCase()}.md?cursor=${tools.nextCursor})`]),
    "",
  ].join("\n\n");
}

/** Pure. The first page as Markdown. */
export function searchMarkdown(view: SearchView): string {
  const { query, counts, servers, tools } = view;
  const more = moreLinks(view, ".md");
  return [
    "# Catalogue of MCP servers",
    `${counts.servers} servers, ${counts.tools} tools.${query === "" ? "" : ` Search: ${code(query)}`}`,
    [
      `- By category: ${categories.map((category) => `[${category}](/catalogue/category/${category.toLowerCase()}.md) ${counts.categories[category]}`).join(", ")}`,
      `- By risk: ${riskOrder.map((risk) => `[${risk}](/catalogue/risk/${risk.toLowerCase()}.md)`).join(", ")}`,
      "- [Attacks](/catalogue/attacks.md)",
      "- Search: `/catalogue.md?query=WORDS`",
    ].join("\n"),
    ...(tools === undefined
      ? []
      : ["## Tools", tools.items.map(toolLine).join("\n") || "none", ...moreLine("More tools", more.tools)]),
    "## Servers",
    servers.items.map(serverLine).join("\n") || "none",
    ...moreLine("More servers", more.servers),
    "",
  ].join("\n\n");
}

function moreLine(text: string, address: string | undefined): readonly string[] {
  return address === undefined ? [] : [`[${text}](${address})`];
}

function serverLine({ slug, name, tools, grade }: ServerHit): string {
  return `- [${code(name)}](/catalogue/${slug}.md) ${grade === undefined ? "tools not seen yet" : `${tools} tools, grade ${grade}`}`;
}

function toolLine({ server, slug, name, category, risk }: ToolHit): string {
  return `- [${code(name)}](/catalogue/${server}/${slug}.md) of ${server}: ${category}, ${risk}`;
}

function toolTable(tools: readonly ToolHit[], label: string): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-labelledby="${label}">
    <table>
      <thead>
        <tr>
          <th scope="col">Tool</th>
          <th scope="col">Risk</th>
          <th scope="col">Category</th>
          <th scope="col">Server</th>
        </tr>
      </thead>
      <tbody>
        ${tools.map(
          (hit) =>
            html`<tr>
              <th scope="row">
                <a href="/catalogue/${hit.server}/${hit.slug}"><code>${hit.name}</code></a>
              </th>
              <td>${riskBadge(hit.risk)}</td>
              <td>${categoryLink(hit.category)}</td>
              <td><a href="/catalogue/${hit.server}">${hit.serverName}</a></td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function serverRow({ slug, name, identity, grade, tools, counts }: ServerHit): Html {
  const changing = tools - counts.Read;
  return html`<li>
    <p><a href="/catalogue/${slug}">${name}</a> <span class="quiet">publisher ${identity}</span></p>
    <p>
      ${grade === undefined ? "tools not seen yet" : html`grade <strong>${grade}</strong>, ${tools} tools, ${changing} can change something`}
    </p>
  </li>`;
}
