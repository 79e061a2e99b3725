import type { ControlContext } from "../control/control-context.ts";
import type { Logger } from "../logger.ts";
import type { OutboundFetch } from "../transports/transport.ts";
import type { EndpointRules } from "./endpoint-fault.ts";

/** What connecting to servers by OAuth works with. */
export interface OAuthContext {
  readonly control: ControlContext;
  readonly fetch: OutboundFetch;
  /** Scheme, host and port that browsers and authorization servers know the gateway by. */
  readonly publicOrigin: () => string;
  readonly logger: Logger;
  /** Tells people of a connection that does not work any more, or works again. */
  readonly alert: (alert: ConnectionAlert) => void;
}

/** A connection: of all grants at a server, or of one that has its own. */
export interface ConnectionPlace {
  readonly server: string;
  readonly grantId: string | undefined;
}

/** What became of a connection. */
export interface ConnectionAlert extends ConnectionPlace {
  readonly status: "connected" | "failing" | "consent_needed";
  readonly problem: string | undefined;
}

/** Where the authorization server sends the browser back to; compared by it to the letter. */
export function redirectUriOf(publicOrigin: string): string {
  return `${publicOrigin}/oauth/upstream/callback`;
}

/** What URLs may lead to that a server of this origin, or its authorization server, names. */
export function endpointRulesOf(
  { control }: Pick<OAuthContext, "control">,
  server: string,
  origin: string,
): EndpointRules {
  const isOperators = control.state().servers.get(server)?.source === "file";
  return { allowPrivate: control.rules().allowPrivateAddresses, operatorsOrigin: isOperators ? origin : undefined };
}
