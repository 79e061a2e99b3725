import { Hono } from "hono";
import { resourceMetadata, serverMetadata } from "../../authorization-server/metadata.ts";
import { resourceOfMetadataPath } from "../../values/resource-address.ts";
import type { WebEnvironment } from "../web-environment.ts";
import type { WebParts } from "../web-parts.ts";

/** Tells clients, before they have any token, who gives them one. Which servers there are is not said. */
export function createMetadataRoutes({
  oauth,
  publicOrigin,
}: Pick<WebParts, "oauth" | "publicOrigin">): Hono<WebEnvironment> {
  const app = new Hono<WebEnvironment>();
  app.get("/oauth-protected-resource/*", (c) => {
    const path = resourceOfMetadataPath(c.req.path);
    const host = c.req.header("host");
    return path === undefined ? c.notFound() : c.json(resourceMetadata(publicOrigin(), oauth.issuer, host, path));
  });
  for (const name of ["oauth-authorization-server", "openid-configuration"]) {
    app.get(`/${name}`, (c) => (oauth.isIssuing ? c.json(serverMetadata(publicOrigin())) : c.notFound()));
  }
  return app;
}
