import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { MiddlewareHandler } from "hono";
import { html } from "hono/html";
import { alarm, page } from "../pages/layout.ts";
import type { WebEnvironment } from "../web-environment.ts";
import type { WebParts } from "../web-parts.ts";

/** Hands what is for the authorization server's own addresses over to it, body and all. */
export function oauthProtocol({
  oauth: server,
  addressOf,
}: Pick<WebParts, "oauth" | "addressOf">): MiddlewareHandler<WebEnvironment> {
  return async (c, next) => {
    const { incoming, outgoing } = c.env;
    if (!server.isFor(incoming)) return next();
    // What every answer carries, for one that does not go through this framework.
    for (const [name, value] of c.res.headers) outgoing.setHeader(name, value);
    await server.handle(incoming, outgoing, {
      address: addressOf(incoming),
      errorPage: (message) => {
        const main = html`<div class="sheet">
          <h1>This cannot go on</h1>
          ${alarm(message)}
          <p>Your client asked for something that is refused here. Nothing was granted. Start again in your client.</p>
        </div>`;
        return page(c, { title: "Request refused", main, isNarrow: true });
      },
    });
    return RESPONSE_ALREADY_SENT;
  };
}
