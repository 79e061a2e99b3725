import type { Category } from "../../src/policy/index.ts";
import type { JsonObject } from "../kit/messages.ts";
import type { ToolCall } from "./servers.ts";

/** A real server, ready to be scanned and put behind the balanced policy that the scan writes. */
export interface PresetServer {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** A call that only reads, and a piece of what the server answers to it. */
  readonly read: ToolCall & { readonly answer: string };
  /** The strongest call that the policy stops; undefined for a server whose every tool only reads. */
  readonly strongest: StrongestCall | undefined;
}

/** The strongest call that a server takes. */
export interface StrongestCall extends ToolCall {
  /**
   * What the scan says of the tool, and so how the policy stops the call: `Destructive` hides the tool, of `Execute` the
   * eleventh call in a minute is stopped, of `Write` the thirty-first.
   */
  readonly category: Exclude<Category, "Read" | "Financial">;
  /** The same tool's arguments for the calls that come before where only the rate is limited. */
  readonly harmless: JsonObject;
  /** Where an effect would be seen, for people; what reaches the server is looked at in any case. */
  readonly place: string;
  /** Whether the call took effect, looked at there; undefined where it can have none on this machine. */
  readonly isHarmed: (() => boolean) | undefined;
}

/** This machine has not what a server needs: nothing is proved about it here. */
export class NotHere extends Error {}

/** How a server is made ready; `folder` is empty, its own, and its HOME. Throws {@link NotHere}. */
export type Prepare = (folder: string) => Promise<PresetServer>;
