import type { ProblemList } from "../documents/problem-list.ts";
import { toPointer } from "../values/pointer.ts";
import { outboundUrlFault } from "../values/public-address.ts";
import { report } from "./config-problems.ts";
import {
  type ClaimRule,
  type IssuerRules,
  type OAuthRules,
  oauthRulesDefault,
  type SelfGrantRule,
} from "./oauth-rules.ts";
import type { OAuthDocument, OAuthGrantDocument } from "./schema.ts";

/** Algorithms with a key pair; what a shared secret signs, its checker could have signed too. */
const algorithmsDefault: readonly string[] = ["RS256", "PS256", "ES256", "EdDSA"];

/** Who may have which grants through OAuth, and whose tokens are taken. */
export function readOAuth(document: OAuthDocument | undefined, problems: ProblemList): OAuthRules {
  if (document === undefined) return oauthRulesDefault;
  const { issuer, grants = [] } = document;
  if (issuer === undefined) {
    for (const name of ["audience", "jwks_uri", "algorithms", "token_types"] as const) {
      if (document[name] === undefined) continue;
      report(problems, `/oauth/${name}`, `\`${name}\` goes with \`issuer\``, "name the issuer, or remove it");
    }
    return { selfGrants: grants.map((grant, index) => selfGrant(grant, index, problems)), issuer: undefined };
  }
  return { selfGrants: [], issuer: readIssuer(document, issuer, problems) };
}

function readIssuer(document: OAuthDocument, issuer: string, problems: ProblemList): IssuerRules {
  for (const [name, url] of [
    ["issuer", issuer],
    ["jwks_uri", document.jwks_uri],
  ] as const) {
    if (url === undefined) continue;
    const fault = /^https:/i.test(url) ? outboundUrlFault(url, true) : "write an https URL";
    if (fault !== undefined) report(problems, `/oauth/${name}`, fault, "write e.g. `https://login.example.com`");
  }
  const { grants = [] } = document;
  if (grants.length === 0) {
    const hint = "add `grants: [ { when: { groups: engineering }, servers: { NAME: POLICY } } ]`";
    report(problems, "/oauth", "no token of this issuer would open anything", hint);
  }
  return {
    issuer,
    audience: document.audience,
    jwksUri: document.jwks_uri,
    algorithms: document.algorithms ?? algorithmsDefault,
    tokenTypes: (document.token_types ?? ["at+jwt"]).map((type) => type.toLowerCase().replace(/^application\//, "")),
    grants: grants.map((grant, index) => claimRule(grant, index, problems)),
  };
}

function selfGrant(grant: OAuthGrantDocument, index: number, problems: ProblemList): SelfGrantRule {
  const at = (...steps: string[]): string => toPointer(["oauth", "grants", String(index), ...steps]);
  for (const name of ["when", "grant", "label"] as const) {
    if (grant[name] !== undefined) {
      report(problems, at(name), `\`${name}\` is for the tokens of another issuer`, "name `issuer`, or remove it");
    }
  }
  if (grant.role === undefined || grant.servers === undefined) {
    const hint = "write `{ role: viewer, servers: { NAME: POLICY } }`";
    report(problems, at(), "it is not said which role may grant itself which servers", hint);
  }
  const servers = Object.entries(grant.servers ?? {}).map(
    ([server, policies]) => [server, typeof policies === "string" ? [policies] : policies] as const,
  );
  return { role: grant.role ?? "admin", servers: new Map(servers) };
}

function claimRule(grant: OAuthGrantDocument, index: number, problems: ProblemList): ClaimRule {
  const at = (...steps: string[]): string => toPointer(["oauth", "grants", String(index), ...steps]);
  const when = Object.entries(grant.when ?? {}).map(
    ([claim, values]) => [claim, typeof values === "string" ? [values] : values] as const,
  );
  if (when.length === 0) {
    report(problems, at(), "it is not said whose tokens get it", "write `when: { CLAIM: VALUE }`");
  }
  if (grant.role !== undefined) {
    report(problems, at("role"), "roles are of people who sign in here, not of another issuer", "write `when`");
  }
  if ((grant.grant === undefined) === (grant.servers === undefined)) {
    const hint = "`grant: ID` shares a grant, `servers: { NAME: POLICY }` makes one for each person";
    report(problems, at(), "it has either `grant` or `servers`", hint);
  }
  if (grant.grant !== undefined) return { when: new Map(when), gives: { kind: "grant", grantId: grant.grant } };
  const servers = Object.entries(grant.servers ?? {}).map(([server, policy]): [string, string] => {
    if (typeof policy === "string") return [server, policy];
    report(problems, at("servers", server), "there is nobody to choose between policies", "name one");
    return [server, policy[0] ?? ""];
  });
  return { when: new Map(when), gives: { kind: "servers", servers: new Map(servers), labelClaim: grant.label } };
}
