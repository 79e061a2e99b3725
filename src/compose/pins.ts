import type { PinSettings } from "../config/settings.ts";
import { createDefinitionDigest, type DefinitionDigest } from "../definitions/definition-digest.ts";
import type { Reviews } from "../definitions/pinning.ts";
import type { ServerRecord } from "../gateway/snapshot.ts";

/** Holds servers' definitions against what was reviewed, over all changes of the configuration. */
export class Pins {
  readonly #digests = new Map<string, DefinitionDigest>();
  readonly #quarantines = new Map<string, { readonly reviews: string; readonly tools: Set<string> }>();

  /**
   * The record with what was reviewed of the server: in its lock file, if it has one, else in the database. `changed`
   * are tools that are known to have changed since.
   */
  pin(
    record: ServerRecord,
    { mode, volatile, locked }: PinSettings,
    stored?: Reviews,
    changed: Iterable<string> = [],
  ): ServerRecord {
    const reviews = locked ?? stored;
    const quarantined = this.#quarantineOf(record.name, reviews, changed);
    return { ...record, pinning: { mode, digest: this.#digestOf(volatile), reviews, quarantined } };
  }

  /** One digest for each set of patterns, which remembers definitions. */
  #digestOf(volatile: readonly string[]): DefinitionDigest {
    const key = JSON.stringify(volatile);
    const digest = this.#digests.get(key) ?? createDefinitionDigest(volatile);
    this.#digests.set(key, digest);
    return digest;
  }

  /** The tools of a server that stay blocked for as long as nobody reviews anything of it. */
  #quarantineOf(server: string, reviews: Reviews | undefined, changed: Iterable<string>): Set<string> {
    const text = JSON.stringify([...(reviews ?? [])].map(([tool, digests]) => [tool, ...digests]));
    const known = this.#quarantines.get(server);
    const tools = known?.reviews === text ? known.tools : new Set<string>();
    for (const tool of changed) tools.add(tool);
    this.#quarantines.set(server, { reviews: text, tools });
    return tools;
  }
}
