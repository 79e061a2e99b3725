import { type Context, Hono } from "hono";
import { AppError } from "../errors.ts";
import { createAuthenticator } from "../identity/authenticator.ts";
import { isSecure } from "../identity/session-cookie.ts";
import { newTimedId } from "../ids.ts";
import { authenticate } from "./authenticate.ts";
import { catalogueMcp, catalogueMcpPath } from "./catalogue-mcp.ts";
import type { WebParts } from "./web-parts.ts";
import { createApi } from "./api-app.ts";
import { apiPath } from "./contract/api-path.ts";
import { createConsentRoutes } from "./oauth/consent-routes.ts";
import { createMetadataRoutes } from "./oauth/metadata-routes.ts";
import { oauthProtocol } from "./oauth/protocol-routes.ts";
import { createPages } from "./pages/pages.ts";
import { problemPage } from "./pages/problem-page.ts";
import { problemHeaders, problemMediaType, problemOf } from "./problem-details.ts";
import { securityHeaders } from "./security-headers.ts";
import { createUpstreamOAuthPages } from "./upstream-oauth-pages.ts";
import type { WebEnvironment } from "./web-environment.ts";

/** The largest body of a request, bytes: a policy with room to spare. */
const bodyBytesMax = 1024 * 1024;

/** Everything the gateway serves that is not MCP: the HTTP API and the pages. */
export function createWebApp(parts: WebParts): Hono<WebEnvironment> {
  const { control, logger, clock, publicOrigin } = parts;
  const app = new Hono<WebEnvironment>();
  app.use(async (c, next) => {
    c.set("requestId", newTimedId("req", clock.wallMs()));
    for (const [name, value] of Object.entries(securityHeaders)) c.header(name, value);
    if (isSecure(publicOrigin())) c.header("strict-transport-security", "max-age=31536000");
    await next();
  });
  app.use(oauthProtocol(parts));
  app.use(async (c, next) => {
    demandBoundedBody(c.req.header("content-length"), c.req.header("transfer-encoding"));
    await next();
  });
  const isGrantToken = (tokenSha256: string): boolean => parts.grantToken(tokenSha256) !== undefined;
  app.route("/.well-known", createMetadataRoutes(parts));
  const authenticator = createAuthenticator({ database: control.database, clock, isGrantToken });
  // Before anything reads its body, and with tokens that open nothing else here.
  app.all(catalogueMcpPath, catalogueMcp(parts, authenticator));
  app.use(authenticate(authenticator, parts));
  app.route("/oauth/consent", createConsentRoutes(parts));
  app.route(apiPath, createApi(parts));
  app.route("/oauth/upstream", createUpstreamOAuthPages(parts));
  app.route("/", createPages(parts));
  app.notFound((c) => {
    const problem = problemOf(new AppError("NOT_FOUND", "there is nothing at this address"), c.get("requestId"));
    if (isForPeople(c)) return problemPage(c, problem);
    return c.body(JSON.stringify(problem), 404, { "content-type": problemMediaType });
  });
  app.onError((error, c) => {
    const problem = problemOf(error, c.get("requestId"));
    if (problem.status >= 500) {
      logger.error({ requestId: problem.requestId, error: String(error), stack: error.stack }, "request failed");
    }
    if (isForPeople(c)) {
      for (const [name, value] of Object.entries(problemHeaders(error))) c.header(name, value);
      // What the client still sends is not read: it could not be told from the next request.
      if (!c.env.incoming.complete) c.header("connection", "close");
      return problemPage(c, problem);
    }
    return new Response(JSON.stringify(problem), {
      status: problem.status,
      headers: { ...securityHeaders, ...problemHeaders(error), "content-type": problemMediaType },
    });
  });
  return app;
}

/** A body says its length beforehand (RFC 9112 §6.2), and Node holds it to that. Throws `INPUT_INVALID`. */
function demandBoundedBody(length: string | undefined, encoding: string | undefined): void {
  if (encoding !== undefined) throw new AppError("INPUT_INVALID", "send the body with `content-length`, in one piece");
  if (Number(length ?? "0") <= bodyBytesMax) return;
  throw new AppError("INPUT_INVALID", `the body is over the limit of ${bodyBytesMax} bytes`);
}

/** Whether a browser wants to show the answer, not a program. */
function isForPeople(c: Context<WebEnvironment>): boolean {
  return !c.req.path.startsWith("/api/") && (c.req.header("accept") ?? "").includes("text/html");
}
