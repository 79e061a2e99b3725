import type { McpHttpHandler } from "@modelcontextprotocol/server";
import type { MiddlewareHandler } from "hono";
import { AppError } from "../errors.ts";
import type { Authenticator } from "../identity/authenticator.ts";
import { sha256Hex } from "../identity/token.ts";
import { bearerToken } from "../values/bearer-token.ts";
import type { WebEnvironment } from "./web-environment.ts";
import type { WebParts } from "./web-parts.ts";

/** Where the catalogue answers as an MCP server. */
export const catalogueMcpPath = "/mcp/catalogue";

/**
 * The catalogue as an MCP server over Streamable HTTP, both eras. Open to live grants' tokens and members' API tokens, and
 * to strangers where the operator opens the catalogue; else `UNAUTHENTICATED`.
 */
export function catalogueMcp(parts: WebParts, authenticator: Authenticator): MiddlewareHandler<WebEnvironment> {
  let loading: Promise<McpHttpHandler> | undefined;
  // The libraries are loaded by who asks first.
  const load = async (): Promise<McpHttpHandler> => {
    const [{ createMcpHandler }, { createCatalogueServer }] = await Promise.all([
      import("@modelcontextprotocol/server"),
      import("../catalogue-store/mcp-server.ts"),
    ]);
    return createMcpHandler(() => createCatalogueServer(parts), { onerror: () => {} });
  };
  return async (c) => {
    const authorization = c.req.header("authorization");
    if (!parts.control.rules().publicCatalogue && !isLiveGrant(parts, authorization)) {
      const identity = await authenticator.identify({ authorization, sessionId: undefined, address: undefined });
      if (identity.kind === "stranger") {
        throw new AppError("UNAUTHENTICATED", "send a grant's token or an API token as a bearer token");
      }
    }
    loading ??= load();
    return (await loading).fetch(c.req.raw);
  };
}

function isLiveGrant({ grantToken }: WebParts, authorization: string | undefined): boolean {
  const token = bearerToken(authorization);
  return token !== undefined && grantToken(sha256Hex(token))?.isLive === true;
}
