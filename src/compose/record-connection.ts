import { recordEvent } from "../gateway/events.ts";
import type { ConnectionAlert } from "../upstream-oauth/oauth-context.ts";

/** Writes into the audit that an OAuth connection to a server does not work any more, or works again. */
export function recordConnection(parts: Parameters<typeof recordEvent>[0], alert: ConnectionAlert): void {
  const { server, grantId, status, problem } = alert;
  const event = status === "connected" ? "upstream_started" : "upstream_failed";
  recordEvent(parts, {
    event,
    transport: "http",
    server,
    grant: grantId ?? null,
    reason: `oauth_${status}`,
    message: problem ?? "the server's tokens are renewed again",
  });
}
