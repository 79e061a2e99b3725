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
  /** What was said last of a state that could not be taken in; it is tried again often. */
  #fault = "";

  /** Reads what is stored, and follows it. Rejects with the database's errors. */
  static async open(parts: ControlPlaneParts): Promise<ControlPlane> {
    const plane = new ControlPlane(parts);
    plane.#stored = await plane.#load();
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

  /** As of one moment: a grant without its own credentials of a moment before would be given those of all grants. */
  #load(): Promise<ControlState> {
    return this.database.readAtOnce((read) => loadState(read, this.vault, this.#policies));
  }

  /** Rejects when it cannot be done; then it is tried again, and what was in force stays so until then. */
  async #reload(): Promise<void> {
    try {
      this.#stored = await this.#load();
      this.#merge();
      this.#fault = "";
    } catch (error) {
      const fault = String(error);
      if (fault !== this.#fault)
        this.#logger.error({ error: fault }, "the configuration in the database cannot be used");
      this.#fault = fault;
      throw error;
    }
  }

  #merge(): void {
    this.#state = mergeState(this.#stored, this.#files);
    for (const listener of this.#listeners) listener(this.#state);
  }
}
