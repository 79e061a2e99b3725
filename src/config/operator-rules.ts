import type { OpenIdProvider } from "../identity/openid-provider.ts";
import { type OAuthRules, oauthRulesDefault } from "./oauth-rules.ts";

/** How people may sign in. */
export interface SignInRules {
  /** By e-mail address and password. */
  readonly password: boolean;
  /** At an OpenID provider. */
  readonly openId: OpenIdProvider | undefined;
}

/** A local command that may be registered as a server, exactly as it stands here. */
export interface ApprovedCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** Names of variables that a registration may set for it. */
  readonly env: readonly string[];
}

/** What the operator's files allow those who administer by the HTTP API. */
export interface OperatorRules {
  /** Whether a registered address may be private, loopback or link-local. */
  readonly allowPrivateAddresses: boolean;
  /** Where readers of the catalogue can write to: an `https:` or `mailto:` address. */
  readonly contactUrl: string | undefined;
  /** Whether strangers may read the catalogue's pages and ask it over MCP. */
  readonly publicCatalogue: boolean;
  readonly commands: readonly ApprovedCommand[];
  /** How long a grant lives when nothing else is said, milliseconds. */
  readonly grantLifetimeMs: number;
  /** The longest that a grant may live, milliseconds. */
  readonly grantLifetimeMsMax: number;
  readonly oauth: OAuthRules;
  readonly signIn: SignInRules;
}

const dayMs = 86_400_000;

/** What holds when the operator's files say nothing: 30 days, at most a year. */
export const operatorRulesDefault: OperatorRules = {
  allowPrivateAddresses: false,
  contactUrl: undefined,
  publicCatalogue: false,
  commands: [],
  grantLifetimeMs: 30 * dayMs,
  grantLifetimeMsMax: 365 * dayMs,
  oauth: oauthRulesDefault,
  signIn: { password: true, openId: undefined },
};
