import type { Context } from "hono";
import { html } from "hono/html";
import type { PackageReference } from "../../catalogue/server-record.ts";
import type { ServerView } from "../../catalogue-store/views.ts";
import { type Command, commandOfPackage } from "../../clients/command-of-package.ts";
import { may } from "../../values/roles.ts";
import { csrfInput, type Html } from "../pages/layout.ts";
import type { WebEnvironment } from "../web-environment.ts";
import type { WebParts } from "../web-parts.ts";
import { textBlock } from "./catalogue-parts.ts";

/**
 * How a server of the catalogue is registered: with the form, name and address filled in and open to change, where it
 * has an address; with what the operator writes where it is a package.
 */
export function registerForm(c: Context<WebEnvironment>, { control }: WebParts, view: ServerView): Html {
  const actor = c.get("actor");
  if (actor === undefined || c.get("session") === undefined)
    return html`<p>
        <a href="/sign-in?next=${encodeURIComponent(c.req.path)}">Sign in</a> to register it at this gateway.
      </p>
      ${packageText(view)}`;
  const done = control.state().servers.get(c.req.query("registered") ?? "");
  const news =
    done === undefined
      ? ""
      : html`<p class="notice good" role="status">The server <code>${done.id}</code> is registered.</p>`;
  if (!may(actor.role, "servers.write"))
    return html`${news}
      <p>An admin can register it at this gateway.</p>
      ${packageText(view)}`;
  const [address] = view.remotes;
  if (address !== undefined) return html`${news}${form(c, view, address)}${packageText(view)}`;
  if (view.packages.length > 0)
    return html`${news}${packageText(view)}
      <details>
        <summary>It runs at an address of yours</summary>
        ${form(c, view, "")}
      </details>`;
  return html`${news}
    <p>Neither an address nor a package of it is known: enter the address that you reach it at.</p>
    ${form(c, view, "")}`;
}

function form(c: Context<WebEnvironment>, view: ServerView, address: string): Html {
  return html`<form method="post" action="/catalogue/${view.slug}/register">
    ${csrfInput(c)}
    <div class="field">
      <label for="id">Name</label
      ><input id="id" name="id" value="${suggestedId(view)}" maxlength="64" required autocomplete="off" />
    </div>
    <div class="field">
      <label for="url">Address</label
      ><input
        id="url"
        name="url"
        type="url"
        value="${address}"
        placeholder="https://host/mcp"
        required
        autocomplete="off"
      />
    </div>
    <button type="submit">Register</button>
  </form>`;
}

/** What the operator writes for a server that is published as a package; nothing for one that is not. */
function packageText(view: ServerView): Html | "" {
  const [first] = view.packages;
  if (first === undefined) return "";
  const snippet = packageSnippet(view);
  const also = view.remotes.length === 0 ? "" : "also ";
  const name = html`<code>${first.registry} ${first.name}</code>`;
  if (snippet === undefined)
    return html`<p>
      It is ${also}published as a package, ${name}: write the command that starts it under <code>servers</code> in
      callgate.yaml.
    </p>`;
  return html`<p>
      It is ${also}published as a package, ${name}, which runs as a command beside the gateway. Commands are the
      operator's: add this to callgate.yaml, with an <code>env</code> if it needs variables.
    </p>
    ${textBlock("For callgate.yaml", snippet)}`;
}

/** Pure. The entry of callgate.yaml that starts the first package we can start; undefined when there is none. */
export function packageSnippet(view: Pick<ServerView, "slug" | "packages">): string | undefined {
  const command = view.packages
    .map((one: PackageReference): Command | undefined => commandOfPackage(one))
    .find(Boolean);
  if (command === undefined) return undefined;
  return [
    "servers:",
    `  ${suggestedId(view)}:`,
    `    command: ${JSON.stringify(command.command)}`,
    `    args: ${JSON.stringify(command.args)}`,
    "",
  ].join("\n");
}

/** Pure. A name that servers may have, of the last words of the slug. */
function suggestedId({ slug }: Pick<ServerView, "slug">): string {
  const short = slug.replace(/^(?:io-github|com|dev|ai)-/u, "").replaceAll(/(?:^|-)(?:mcp|server)(?=-|$)/gu, "");
  return (
    short
      .replaceAll(/[^a-z0-9-]+/gu, "-")
      .replaceAll(/-+/gu, "-")
      .replaceAll(/^-|-$/gu, "")
      .slice(0, 40) || "server"
  );
}
