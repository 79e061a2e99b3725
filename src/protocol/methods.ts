import type { Era } from "./eras/era.ts";
import { foldCase } from "./fold.ts";

/** Who sends a message. */
export type Direction = "client_to_server" | "server_to_client";

/**
 * What the gateway does with a message:
 * - `handshake`: passed on; its answer opens a session, or tells what the server can do
 * - `answer`: answered by the gateway itself, with an empty result
 * - `call`: judged by the policy's rules, recorded, forwarded
 * - `door`: judged by the policy's section for what it names (resources, prompts, sampling, elicitation, roots)
 * - `list`: forwarded, entries cut out of the answer
 * - `listen`: judged, then a stream that stays open
 * - `task`: passed on when the task is one that this grant's calls made
 * - `pass`: passed on
 * - `refuse`: answered with -32601, or dropped when it is a notification
 */
export type Treatment = "handshake" | "answer" | "call" | "door" | "list" | "listen" | "task" | "pass" | "refuse";

/** One method of the protocol, one direction, one kind. */
export interface Method {
  readonly name: string;
  readonly direction: Direction;
  readonly kind: "request" | "notification";
  /** The eras whose wire has it. */
  readonly eras: readonly Era[];
  readonly treatment: Treatment;
}

const both: readonly Era[] = ["legacy", "modern"];
const legacy: readonly Era[] = ["legacy"];
const modern: readonly Era[] = ["modern"];

type Entry = readonly [name: string, eras: readonly Era[], treatment: Treatment];

const clientRequests: readonly Entry[] = [
  ["initialize", legacy, "handshake"],
  ["server/discover", modern, "handshake"],
  ["ping", legacy, "answer"],
  ["tools/list", both, "list"],
  ["tools/call", both, "call"],
  ["resources/list", both, "list"],
  ["resources/templates/list", both, "list"],
  ["resources/read", both, "door"],
  ["resources/subscribe", legacy, "door"],
  ["resources/unsubscribe", legacy, "door"],
  ["prompts/list", both, "list"],
  ["prompts/get", both, "door"],
  ["completion/complete", both, "door"],
  ["subscriptions/listen", modern, "listen"],
  ["logging/setLevel", legacy, "pass"],
  ["tasks/get", both, "task"],
  ["tasks/result", legacy, "task"],
  ["tasks/update", modern, "task"],
  ["tasks/cancel", both, "task"],
  ["tasks/list", legacy, "list"],
  // Files handed to the model by an extension whose text is not final: refused until it is.
  ["skills/list", modern, "refuse"],
  ["skills/get", modern, "refuse"],
  ["resources/directory/read", modern, "refuse"],
];

const clientNotifications: readonly Entry[] = [
  ["notifications/initialized", legacy, "pass"],
  ["notifications/cancelled", both, "pass"],
  ["notifications/progress", legacy, "pass"],
  ["notifications/roots/list_changed", legacy, "door"],
  ["notifications/tasks/status", legacy, "refuse"],
];

const serverRequests: readonly Entry[] = [
  ["ping", legacy, "answer"],
  ["sampling/createMessage", legacy, "door"],
  ["elicitation/create", legacy, "door"],
  ["roots/list", legacy, "door"],
  // Tasks that live in the client: no client is known to have them.
  ["tasks/get", legacy, "refuse"],
  ["tasks/result", legacy, "refuse"],
  ["tasks/list", legacy, "refuse"],
  ["tasks/cancel", legacy, "refuse"],
];

const serverNotifications: readonly Entry[] = [
  ["notifications/progress", both, "pass"],
  ["notifications/message", both, "pass"],
  ["notifications/cancelled", both, "pass"],
  ["notifications/tools/list_changed", both, "pass"],
  ["notifications/prompts/list_changed", both, "door"],
  ["notifications/resources/list_changed", both, "door"],
  ["notifications/resources/updated", both, "door"],
  ["notifications/elicitation/complete", legacy, "door"],
  ["notifications/tasks/status", legacy, "task"],
  ["notifications/tasks", modern, "task"],
  ["notifications/subscriptions/acknowledged", modern, "pass"],
];

function fromEntries(direction: Direction, kind: Method["kind"], entries: readonly Entry[]): readonly Method[] {
  return entries.map(([name, eras, treatment]) => ({ name, direction, kind, eras, treatment }));
}

/** Every method of the protocol, both directions, both eras, with what the gateway does with it. */
export const methods: readonly Method[] = [
  ...fromEntries("client_to_server", "request", clientRequests),
  ...fromEntries("client_to_server", "notification", clientNotifications),
  ...fromEntries("server_to_client", "request", serverRequests),
  ...fromEntries("server_to_client", "notification", serverNotifications),
];

function keyOf(direction: Direction, kind: Method["kind"], name: string): string {
  return `${direction} ${kind} ${name}`;
}

const byKey: ReadonlyMap<string, Method> = new Map(
  methods.map((method) => [keyOf(method.direction, method.kind, method.name), method]),
);

/** Pure. The method's entry, whether served or not; undefined for a method the protocol does not have. Names are exact. */
export function findMethod(direction: Direction, kind: Method["kind"], name: string): Method | undefined {
  return byKey.get(keyOf(direction, kind, name));
}

const names: ReadonlySet<string> = new Set(methods.map((method) => method.name));
const skeletons: ReadonlySet<string> = new Set(methods.map((method) => skeletonOf(method.name)));

/** Letters only, in the widest reading: what a careless server could take the name for. */
function skeletonOf(name: string): string {
  return foldCase(name.normalize("NFKC")).replaceAll(/[^a-z]/g, "");
}

/**
 * Pure. Whether the name is not a method of the protocol but could be read as one by trimming, folding case or
 * repeating a separator: `Tools/Call`, `tools//call`, `tools/call `.
 */
export function isMethodVariant(name: string): boolean {
  return !names.has(name) && skeletons.has(skeletonOf(name));
}

/** Pure. What the gateway does with a client's request or notification; `refuse` for what the era does not have. */
export function clientTreatment(method: string, era: Era): Treatment {
  const kind = method.startsWith("notifications/") ? "notification" : "request";
  const entry = findMethod("client_to_server", kind, method);
  return entry !== undefined && entry.eras.includes(era) ? entry.treatment : "refuse";
}

/** Pure. What the gateway does with a server's request or notification; `refuse` for what the protocol does not have. */
export function serverTreatment(kind: Method["kind"], method: string): Treatment {
  return findMethod("server_to_client", kind, method)?.treatment ?? "refuse";
}
