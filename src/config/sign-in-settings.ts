import type { ProblemList } from "../documents/problem-list.ts";
import type { OpenIdProvider } from "../identity/openid-provider.ts";
import { outboundUrlFault } from "../values/public-address.ts";
import { Secret } from "../vault/secret.ts";
import { type Environment, expand, report } from "./config-problems.ts";
import type { SignInRules } from "./operator-rules.ts";
import type { OpenIdDocument, SignInDocument } from "./schema.ts";

/** How people may sign in: the section `sign_in`; without it by password. */
export function readSignIn(
  { password = true, oidc }: SignInDocument = {},
  problems: ProblemList,
  environment: Environment,
): SignInRules {
  if (!password && oidc === undefined) {
    report(problems, "/sign_in", "nobody could sign in", "name an OpenID provider as `oidc`, or leave `password` out");
  }
  return { password, openId: oidc === undefined ? undefined : readProvider(oidc, problems, environment) };
}

const scopesDefault = ["openid", "email", "profile"];

function readProvider(document: OpenIdDocument, problems: ProblemList, environment: Environment): OpenIdProvider {
  const { issuer, client_id: clientId, client_secret: secret, private_address: isPrivate = false } = document;
  const fault = outboundUrlFault(issuer, isPrivate) ?? (isPrivate || /^https:/i.test(issuer) ? undefined : notHttps);
  if (fault !== undefined) {
    const hint =
      "write e.g. `https://login.example.com`; `private_address: true` is for a provider of your own network";
    report(problems, "/sign_in/oidc/issuer", fault, hint);
  }
  const { scopes = scopesDefault, roles = {}, default_role: defaultRole } = document;
  if (Object.keys(roles).length === 0 && defaultRole === undefined) {
    const hint = "write e.g. `roles: { gateway-admins: admin, everyone: viewer }`";
    report(problems, "/sign_in/oidc", "nobody would have a role", hint);
  }
  if (!scopes.includes("openid")) {
    report(problems, "/sign_in/oidc/scopes", "the scope `openid` is missing", "add it");
  }
  const text = secret === undefined ? undefined : expand(secret, "/sign_in/oidc/client_secret", problems, environment);
  return {
    issuer,
    clientId,
    clientSecret: text === undefined ? undefined : Secret.of(text),
    scopes,
    groupsClaim: document.groups_claim ?? "groups",
    roles: new Map(Object.entries(roles)),
    defaultRole,
    isPrivate,
    title: document.title ?? "OpenID Connect",
  };
}

const notHttps = "a provider is asked over https";
