import type { HttpBindings } from "@hono/node-server";
import type { Actor } from "../audit/admin-event.ts";
import type { Session } from "../identity/sessions.ts";

/** What handlers find in a request's context. */
export interface WebEnvironment {
  readonly Bindings: HttpBindings;
  readonly Variables: {
    /** Joins the answer with what was logged about it. */
    readonly requestId: string;
    /** The network address that the request comes from. */
    readonly address: string | undefined;
    /** Who sends the request; undefined for a stranger. */
    readonly actor: Actor | undefined;
    /** The browser's session, when the request comes by one. */
    readonly session: Session | undefined;
  };
}
