import type { IncomingMessage } from "node:http";
import type { AuthorizationServer } from "../authorization-server/authorization-server.ts";
import type { CatalogueParts } from "../catalogue-store/views.ts";
import type { Clock } from "../clock.ts";
import type { ControlContext } from "../control/control-context.ts";
import type { Lookout } from "../control/tool-lists.ts";
import type { SimulateCalls } from "../gateway/simulate.ts";
import type { ProviderFetch } from "../identity/openid-client.ts";
import type { Logger } from "../logger.ts";
import type { UpstreamOAuth } from "../upstream-oauth/upstream-oauth.ts";
import type { Store } from "../store/store.ts";

/** What the HTTP API and the pages work with. */
export interface WebParts {
  readonly control: ControlContext;
  readonly upstreamOAuth: UpstreamOAuth;
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly lookout: Lookout;
  readonly simulate: SimulateCalls;
  /** What is known of a token of a grant, by its SHA-256: whether it opens something now. */
  readonly grantToken: (tokenSha256: string) => { readonly isLive: boolean } | undefined;
  /** Issues tokens to MCP clients. */
  readonly oauth: AuthorizationServer;
  /** The catalogue, opened by who asks first. */
  readonly catalogue: () => CatalogueParts;
  /** Scheme, host and port that clients and browsers know the gateway by, such as `https://mcp.example.com`. */
  readonly publicOrigin: () => string;
  /** Requests to addresses that an OpenID provider names. */
  readonly outboundFetch: ProviderFetch;
  /** The network address that a request comes from. */
  readonly addressOf: (request: IncomingMessage) => string | undefined;
  /** Whether who sends a request may use the setup link. */
  readonly mayClaim: (request: IncomingMessage) => boolean;
}
