import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import type { ControlDatabase } from "../store/control-database.ts";
import type { Vault } from "../vault/vault.ts";
import type { ControlContext } from "./control-context.ts";
import { loadState, type PolicyCache } from "./load-state.ts";
import { type OperatorRules, operatorRulesDefault } from "../config/operator-rules.ts";
import { type ControlState, emptyFileState, emptyState, type FileState, mergeState } from "./state.ts";

/** What a {@link ControlPlane} is made of. It closes none of them. */
export interface ControlPlaneParts {
  readonly database: ControlDatabase;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * What the gateway is told, from files and from the database, as one state that is replaced whole. A name that both use
 * is the file's.
 */
export class ControlPlane implements ControlContext {
  readonly database: ControlDatabase;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly #logger: Logger;
  readonly #policies: PolicyCache = new Map();
  readonly #listeners = new Set<(state: ControlState) => void>();
  readonly #stop: () => void;
  #files: FileState = emptyFileState;
  #rules: OperatorRules = operatorRulesDefault;
  #stored: ControlState = emptyState;
  #state: ControlState = this.#stored;

  /** Reads what is stored, and follows it. Rejects with the database's errors. */
  static async open(parts: ControlPlaneParts): Promise<ControlPlane> {
    const plane = new ControlPlane(parts);
    plane.#stored = await loadState(plane.database.read, plane.vault, plane.#policies);
    plane.#merge();
    return plane;
  }

  private constructor({ database, vault, clock, logger }: ControlPlaneParts) {
    this.database = database;
    this.vault = vault;
    this.clock = clock;
    this.#logger = logger;
    this.#stop = database.subscribe(() => this.#reload());
  }

  readonly state = (): ControlState => this.#state;

  readonly rules = (): OperatorRules => this.#rules;

  /** Puts what the operator's files say into force, in place of what they said before. */
  applyFiles(files: FileState, rules: OperatorRules): void {
    this.#files = files;
    this.#rules = rules;
    this.#merge();
  }

  /** Calls back with each state that comes into force. */
  follow(listener: (state: ControlState) => void): void {
    this.#listeners.add(listener);
  }

  close(): void {
    this.#stop();
    this.#listeners.clear();
  }

  async #reload(): Promise<void> {
    try {
      this.#stored = await loadState(this.database.read, this.vault, this.#policies);
    } catch (error) {
      // What was in force stays so: the database will be read again with the next change.
      this.#logger.error({ error: String(error) }, "the configuration in the database cannot be read");
      return;
    }
    this.#merge();
  }

  #merge(): void {
    this.#state = mergeState(this.#stored, this.#files);
    for (const listener of this.#listeners) listener(this.#state);
  }
}
