import { Hono } from "hono";
import { AppError } from "../errors.ts";
import { bindingTo, routePath } from "./bind-operation.ts";
import { contract } from "./contract/contract.ts";
import { openApiDocument } from "./openapi.ts";
import { bindAccount } from "./routes/account.ts";
import { bindMembers } from "./routes/members.ts";
import { bindAdminEvents } from "./routes/admin-events.ts";
import { bindCalls } from "./routes/calls.ts";
import { bindCatalogue } from "./routes/catalogue.ts";
import { bindCounters } from "./routes/counters.ts";
import { bindDrafts } from "./routes/drafts.ts";
import { bindCredentials } from "./routes/credentials.ts";
import { bindGrants } from "./routes/grants.ts";
import { bindPolicies } from "./routes/policies.ts";
import { bindReviews } from "./routes/reviews.ts";
import { bindServers } from "./routes/servers.ts";
import type { WebEnvironment } from "./web-environment.ts";
import type { WebParts } from "./web-parts.ts";

/** The HTTP API, for below `/api/v1`. Who asks must be known before: in the variable `actor`. */
export function createApi(parts: WebParts): Hono<WebEnvironment> {
  const api = new Hono<WebEnvironment>();
  const bind = bindingTo(api, parts.control);
  bindServers(bind, parts);
  bindReviews(bind, parts);
  bindCredentials(bind, parts);
  bindPolicies(bind, parts);
  bindDrafts(bind, parts);
  bindGrants(bind, parts);
  bindMembers(bind, parts);
  bindAccount(bind, parts);
  bindCalls(bind, parts);
  bindAdminEvents(bind, parts);
  bindCounters(bind, parts);
  bindCatalogue(bind, parts);
  let document: string | undefined;
  api.get("/openapi.json", (c) => {
    document ??= JSON.stringify(openApiDocument());
    return c.body(document, 200, { "content-type": "application/json" });
  });
  refuseOtherMethods(api);
  return api;
}

/** What is there for another method is not missing (RFC 9110 §15.5.6). */
function refuseOtherMethods(api: Hono<WebEnvironment>): void {
  // `/policies/validate` before `/policies/:policyId`, which it would be one of.
  const paths = [...Map.groupBy(contract, routePath)].toSorted(([a], [b]) => parametersIn(a) - parametersIn(b));
  for (const [path, operations] of paths) {
    const methods = operations.map(({ method }) => method).join(", ");
    api.all(path, () => {
      throw new AppError("METHOD_NOT_ALLOWED", `here is only ${methods}`, { data: { allow: methods } });
    });
  }
}

function parametersIn(path: string): number {
  return path.split("/:").length;
}
