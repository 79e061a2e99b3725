import { AccessTokens } from "../authorization-server/access-tokens.ts";
import { AuthorizationServer } from "../authorization-server/authorization-server.ts";
import type { OutsideTokens } from "../authorization-server/outside-tokens.ts";
import type { IssuerRules } from "../config/oauth-rules.ts";
import type { ControlPlane } from "../control/control-plane.ts";
import type { Snapshot } from "../gateway/snapshot.ts";
import type { Logger } from "../logger.ts";
import type { OutboundFetch } from "../transports/transport.ts";

/** OAuth for MCP clients, on both sides: who issues tokens, and which are known. */
export interface OAuthServing {
  readonly server: AuthorizationServer;
  /** Makes a token known that comes for the first time. */
  readonly introduce: (token: string, sha256: string) => Promise<void> | undefined;
  /** A new state of the configuration, with the tokens that were issued under it. */
  readonly withTokens: (snapshot: Snapshot) => Snapshot;
}

/** Puts OAuth for MCP clients together; nothing is loaded before the first request of it. */
export function composeOAuth(
  control: ControlPlane,
  fetch: OutboundFetch,
  logger: Logger,
  publicOrigin: () => string,
): OAuthServing {
  const { clock } = control;
  const own = new AccessTokens({ control, publicOrigin });
  const server = new AuthorizationServer({ control, fetch, logger, publicOrigin });
  let outside: { readonly rules: IssuerRules; readonly text: string; tokens: OutsideTokens | undefined } | undefined;

  const useRules = (rules: IssuerRules | undefined): void => {
    const text = JSON.stringify(rules, (_, value: unknown) => (value instanceof Map ? [...value] : value));
    if (outside?.text !== text) outside = rules === undefined ? undefined : { rules, text, tokens: undefined };
  };
  const introduceOutside = async (token: string, sha256: string): Promise<void> => {
    const current = outside;
    if (current === undefined) return;
    if (current.tokens === undefined) {
      const module = await import("../authorization-server/outside-tokens.ts");
      current.tokens ??= new module.OutsideTokens({
        rules: current.rules,
        publicOrigin,
        clock,
        logger,
        fetch,
      });
    }
    await current.tokens.introduce(token, sha256);
  };
  return {
    server,
    introduce: (token, sha256) => {
      if (outside === undefined) return own.introduce(token, sha256);
      if (!token.startsWith("ey")) return undefined;
      const { tokens } = outside;
      return tokens === undefined ? introduceOutside(token, sha256) : tokens.introduce(token, sha256);
    },
    withTokens: (snapshot) => {
      own.doubt();
      useRules(control.rules().oauth.issuer);
      const { tokens, grants } = snapshot;
      const current = outside;
      return {
        ...snapshot,
        tokens: { get: (sha256) => tokens.get(sha256) ?? (current === undefined ? own : current.tokens)?.get(sha256) },
        grants: { get: (id) => grants.get(id) ?? current?.tokens?.grant(id) },
      };
    },
  };
}
