import type { Role } from "../values/roles.ts";
import type { Secret } from "../vault/secret.ts";

/** An OpenID provider that people sign in at, as the operator's file has it. */
export interface OpenIdProvider {
  /** Exactly as the provider writes it. */
  readonly issuer: string;
  readonly clientId: string;
  /** Undefined for a public client. */
  readonly clientSecret: Secret | undefined;
  readonly scopes: readonly string[];
  /** The claim that holds a person's groups: a text or a list of texts. */
  readonly groupsClaim: string;
  /** Group to role; of several, the greatest counts. */
  readonly roles: ReadonlyMap<string, Role>;
  /** For who is in none of these groups; undefined: they may not sign in. */
  readonly defaultRole: Role | undefined;
  /** Whether the provider may be at a private address, and speak plain http. */
  readonly isPrivate: boolean;
  /** What the button says. */
  readonly title: string;
}

/** Whom a provider says that somebody is. */
export interface OpenIdPerson {
  /** Issuer and `sub`, joined by a space: names the person for good. */
  readonly subject: string;
  readonly email: string;
  /** Whether the provider has made sure of the address; undefined when it says nothing. */
  readonly isEmailVerified: boolean | undefined;
  readonly name: string;
  /** Undefined for who may not sign in. */
  readonly role: Role | undefined;
}
