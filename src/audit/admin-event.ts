import type { JsonObject } from "../values/json.ts";
import type { Role } from "../values/roles.ts";

/** Who does something that is administered. */
export interface Actor {
  readonly kind:
    /** A signed-in member. */
    | "member"
    /** A member by one of their API tokens. */
    | "api_token"
    /** Who holds the one-time setup link or an invitation. */
    | "invitation"
    /** Who may run commands on the gateway's own machine. */
    | "operator"
    /** The gateway itself: something ran out, or was noticed. */
    | "gateway";
  /** The member's id; undefined where there is no member. */
  readonly memberId: string | undefined;
  /** For people: an e-mail address, a token's label. */
  readonly name: string;
  readonly role: Role;
  /** The network address that the request came from. */
  readonly address: string | undefined;
}

/** The gateway itself as an actor. */
export const gatewayActor: Actor = {
  kind: "gateway",
  memberId: undefined,
  name: "callgate",
  role: "admin",
  address: undefined,
};

/** One change of something that is administered, as it is said by who makes it. No secret in `before` and `after`. */
export interface AdminChange {
  /** Object and verb: `grant.revoke`. */
  readonly action: `${ObjectKind}.${string}`;
  readonly objectId: string;
  readonly before?: JsonObject;
  readonly after?: JsonObject;
}

/** What can be changed. */
export type ObjectKind =
  | "organisation"
  | "member"
  | "invitation"
  | "session"
  | "api_token"
  | "server"
  | "credential"
  | "connection"
  | "tool_list"
  | "tool"
  | "policy"
  | "grant"
  | "counter"
  | "client"
  | "vault";

/** Objects that no call is judged by: people and what they sign in with are read anew for each request. */
const ofPeople: ReadonlySet<string> = new Set(["organisation", "member", "invitation", "session", "api_token"]);

/** Pure. Whether a change can make a difference to what calls are judged by. */
export function concernsCalls({ action }: AdminChange): boolean {
  return !ofPeople.has(action.slice(0, action.indexOf(".")));
}
