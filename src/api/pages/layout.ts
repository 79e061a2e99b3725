import type { Context } from "hono";
import { html } from "hono/html";
import { pageSecurityPolicy } from "../security-headers.ts";
import type { WebEnvironment } from "../web-environment.ts";
import { csrfField } from "../authenticate.ts";
import { iconPath, stylePath } from "./style.ts";

/** HTML made by the tag `html` of Hono, which escapes every text put into it. */
export type Html = ReturnType<typeof html>;

/** One page. */
export interface PageContent {
  readonly title: string;
  readonly main: Html;
  /** A single card, as for signing in. */
  readonly isNarrow?: boolean;
  /** Default 200. */
  readonly status?: 200 | 400 | 401 | 403 | 404 | 409 | 429 | 500 | 503;
  /** Goes on to this address of ours at once, as a step that the browser takes from our own page. */
  readonly goOnTo?: string;
  /** A script of ours that adds to the page; the page is whole without it. */
  readonly script?: string;
  /** Origins that a form of the page leads to in the end, beside the gateway's own. */
  readonly formOrigins?: readonly string[];
}

/** The page as an answer, with the head and foot that every page has. No script, no style within it. */
export async function page(c: Context<WebEnvironment>, content: PageContent): Promise<Response> {
  const { title, main, isNarrow = false, status = 200, goOnTo, script, formOrigins = [] } = content;
  c.header("content-security-policy", pageSecurityPolicy(formOrigins));
  // With `no-referrer` browsers send `Origin: null` with the page's own forms (Fetch §3.2).
  c.header("referrer-policy", "same-origin");
  const refresh = goOnTo === undefined ? "" : html`<meta http-equiv="refresh" content="0;url=${goOnTo}" />`;
  const text = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>${title} · Callgate</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <link rel="icon" href="${iconPath}" type="image/svg+xml" />
        <link rel="stylesheet" href="${stylePath}" />
        ${script === undefined ? "" : html`<script src="${script}" defer></script>`} ${refresh}
      </head>
      <body>
        <a class="skip" href="#main">Skip to the content</a>
        <header class="bar"><a class="brand" href="/">Callgate</a>${navigation(c)}</header>
        <main id="main" class="${isNarrow ? "narrow" : "wide"}">${main}</main>
        <footer class="bar">Callgate, a policy gateway for the Model Context Protocol</footer>
      </body>
    </html>`;
  return c.html(text, status);
}

/** What every form of a signed-in person has in it; nothing for a stranger. */
export function csrfInput(c: Context<WebEnvironment>): Html | "" {
  const session = c.get("session");
  return session === undefined ? "" : html`<input type="hidden" name="${csrfField}" value="${session.csrfToken}" />`;
}

/** Something that went wrong, read out by screen readers; nothing when nothing did. */
export function alarm(message: string | undefined): Html | "" {
  if (message === undefined) return "";
  return html`<div class="notice alarm" role="alert" id="alarm"><p>${asSentence(message)}</p></div>`;
}

/** A field of a form. */
export interface Field {
  readonly name: string;
  readonly label: string;
  readonly type?: "text" | "email" | "password";
  readonly autocomplete: string;
  readonly value?: string;
  readonly hint?: string;
  /** What is wrong with what was entered. */
  readonly fault?: string | undefined;
  readonly isFixed?: boolean;
  readonly hasFocus?: boolean;
}

/** A labelled field, its hint and what is wrong with it joined to it for screen readers. */
export function field({ name, label, type = "text", autocomplete, value = "", ...rest }: Field): Html {
  const { hint, fault, isFixed = false, hasFocus = false } = rest;
  const described = [hint && `${name}-hint`, fault && `${name}-fault`].filter(Boolean).join(" ");
  return html`<div class="field">
    <label for="${name}">${label}</label>
    <input
      id="${name}"
      name="${name}"
      type="${type}"
      value="${value}"
      autocomplete="${autocomplete}"
      required
      ${type === "text" ? "" : html`autocapitalize="none" spellcheck="false"`}
      ${isFixed ? html`readonly` : ""}
      ${hasFocus || fault !== undefined ? html`autofocus` : ""}
      ${described === "" ? "" : html`aria-describedby="${described}"`}
      ${fault === undefined ? "" : html`aria-invalid="true"`}
    />
    ${hint === undefined ? "" : html`<p class="hint" id="${name}-hint">${hint}</p>`}
    ${fault === undefined ? "" : html`<p class="fault" id="${name}-fault">${asSentence(fault)}</p>`}
  </div>`;
}

/** Pure. A message as the program has it, as a sentence for people. */
export function asSentence(message: string): string {
  const text = message.replaceAll("`", "");
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;
}

/** Pure. A moment for people, in UTC. */
export function momentText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

function navigation(c: Context<WebEnvironment>): Html | "" {
  const session = c.get("session");
  if (session === undefined) return "";
  return html`<nav aria-label="Account">
    <a href="/account">${c.get("actor")?.name ?? "Account"}</a>
    <form method="post" action="/account/sign-out">
      ${csrfInput(c)}<button class="link" type="submit">Sign out</button>
    </form>
  </nav>`;
}
