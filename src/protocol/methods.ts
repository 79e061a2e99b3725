import type { Era } from "./eras/era.ts";
import { foldCase } from "./fold.ts";

/** Who sends a message. */
export type Direction = "client_to_server" | "server_to_client";

/**
 * What the gateway does with a method: `pass` it on and log it; `inspect` and remember; `filter` entries out of the
 * answer; `decide` before it goes on; `rewrite` ids or members; `refuse`.
 */
export type Treatment = "pass" | "inspect" | "filter" | "decide" | "rewrite" | "refuse";

/**
 * What the gateway does with a message today: `answer` it with an empty result of its own, pass it on in a
 * `handshake`, or as {@link Treatment} says. `refuse`: answered with -32601, or dropped when it is a notification.
 */
export type ClientTreatment = "answer" | "handshake" | "filter" | "decide" | "pass" | "refuse";

/** One method of the protocol, one direction, one kind. */
export interface Method {
  readonly name: string;
  readonly direction: Direction;
  readonly kind: "request" | "notification";
  /** The eras whose wire has it. */
  readonly eras: readonly Era[];
  readonly treatment: Treatment;
  /** What is done today, in the eras that have the method. */
  readonly now: ClientTreatment;
  /** Whether that is more than refusing it. */
  readonly servedNow: boolean;
}

const both: readonly Era[] = ["legacy", "modern"];
const legacy: readonly Era[] = ["legacy"];
const modern: readonly Era[] = ["modern"];

type Entry = readonly [name: string, eras: readonly Era[], treatment: Treatment, now?: ClientTreatment];

const clientRequests: readonly Entry[] = [
  ["initialize", legacy, "inspect", "handshake"],
  ["ping", legacy, "pass", "answer"],
  ["server/discover", modern, "inspect", "handshake"],
  ["tools/list", both, "filter", "filter"],
  ["tools/call", both, "decide", "decide"],
  ["resources/list", both, "filter"],
  ["resources/templates/list", both, "filter"],
  ["resources/read", both, "decide"],
  ["resources/subscribe", legacy, "decide"],
  ["resources/unsubscribe", legacy, "decide"],
  ["resources/directory/read", modern, "decide"],
  ["subscriptions/listen", modern, "rewrite"],
  ["prompts/list", both, "filter"],
  ["prompts/get", both, "decide"],
  ["completion/complete", both, "inspect"],
  ["logging/setLevel", legacy, "pass"],
  ["tasks/get", both, "inspect"],
  ["tasks/result", legacy, "inspect"],
  ["tasks/update", modern, "decide"],
  ["tasks/list", legacy, "filter"],
  ["tasks/cancel", both, "decide"],
  ["skills/list", modern, "filter"],
  ["skills/get", modern, "decide"],
];

const clientNotifications: readonly Entry[] = [
  ["notifications/initialized", legacy, "pass", "pass"],
  ["notifications/cancelled", both, "rewrite", "pass"],
  ["notifications/progress", legacy, "rewrite"],
  ["notifications/roots/list_changed", legacy, "pass"],
  ["notifications/tasks/status", legacy, "pass"],
];

const serverRequests: readonly Entry[] = [
  ["ping", legacy, "pass", "answer"],
  ["sampling/createMessage", legacy, "decide"],
  ["elicitation/create", legacy, "decide"],
  ["roots/list", legacy, "decide"],
  ["tasks/get", legacy, "refuse"],
  ["tasks/result", legacy, "refuse"],
  ["tasks/list", legacy, "refuse"],
  ["tasks/cancel", legacy, "refuse"],
];

const serverNotifications: readonly Entry[] = [
  ["notifications/progress", both, "rewrite", "pass"],
  ["notifications/tools/list_changed", both, "inspect", "pass"],
  ["notifications/prompts/list_changed", both, "pass"],
  ["notifications/resources/list_changed", both, "pass"],
  ["notifications/resources/updated", both, "decide"],
  ["notifications/message", both, "pass"],
  ["notifications/cancelled", both, "rewrite"],
  ["notifications/elicitation/complete", legacy, "pass"],
  ["notifications/tasks/status", legacy, "inspect"],
  ["notifications/tasks", modern, "inspect"],
  ["notifications/subscriptions/acknowledged", modern, "rewrite"],
];

function fromEntries(direction: Direction, kind: Method["kind"], entries: readonly Entry[]): readonly Method[] {
  return entries.map(([name, eras, treatment, now = "refuse"]) => ({
    name,
    direction,
    kind,
    eras,
    treatment,
    now,
    servedNow: now !== "refuse",
  }));
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

/** Pure. Whether the gateway handles the method today, in that era. */
export function isServed(direction: Direction, kind: Method["kind"], name: string, era: Era): boolean {
  const method = findMethod(direction, kind, name);
  return method !== undefined && method.servedNow && method.eras.includes(era);
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

/**
 * Pure. What the gateway does today with a client's request or notification of that method and era; `refuse` for all
 * it does not serve.
 */
export function clientTreatment(method: string, era: Era): ClientTreatment {
  const kind = method.startsWith("notifications/") ? "notification" : "request";
  const entry = findMethod("client_to_server", kind, method);
  return entry !== undefined && entry.eras.includes(era) ? entry.now : "refuse";
}
