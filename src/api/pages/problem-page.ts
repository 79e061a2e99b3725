import type { Context } from "hono";
import { html } from "hono/html";
import type { ProblemDetails } from "../problem-details.ts";
import type { WebEnvironment } from "../web-environment.ts";
import { asSentence, page, type PageContent } from "./layout.ts";

type PageStatus = NonNullable<PageContent["status"]>;

const pageStatuses: readonly PageStatus[] = [400, 401, 403, 404, 409, 429, 500, 503];

/** A problem as a page, for who opened an address in a browser. */
export function problemPage(
  c: Context<WebEnvironment>,
  { status, title, detail, requestId }: ProblemDetails,
): Promise<Response> {
  const main = html`<div class="sheet">
    <h1>${asSentence(title).slice(0, -1)}</h1>
    <p role="alert">${asSentence(detail)}</p>
    <p class="quiet">Request <code>${requestId}</code></p>
    <p><a href="/">Go to the start page</a></p>
  </div>`;
  const shown = pageStatuses.find((known) => known === status) ?? (status < 500 ? 400 : 500);
  return page(c, { title, main, isNarrow: true, status: shown });
}
