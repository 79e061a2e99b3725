import type { Problem } from "../errors.ts";
import { sha256Hex } from "../identity/token.ts";
import { type CompiledPolicy, loadPolicy } from "../policy/index.ts";
import type { PolicySource } from "./settings.ts";

/** Remembers which version of each policy is in force: 1 for the first text, one more for each other text after it. */
export class PolicyShelf {
  readonly #known = new Map<
    string,
    { readonly sha256: string; readonly version: number; readonly policy: CompiledPolicy }
  >();

  /** Compiles the sources; a policy whose text did not change is taken as it is. */
  load(
    sources: readonly PolicySource[],
    profile: "run" | "serve",
  ): {
    readonly policies: ReadonlyMap<string, CompiledPolicy> | undefined;
    readonly problems: readonly Problem[];
  } {
    const policies = new Map<string, CompiledPolicy>();
    const problems: Problem[] = [];
    let isComplete = true;
    for (const { id, text, shownFile } of sources) {
      const sha256 = sha256Hex(text);
      const known = this.#known.get(id);
      if (known?.sha256 === sha256) {
        policies.set(id, known.policy);
        continue;
      }
      const version = (known?.version ?? 0) + 1;
      const loaded = loadPolicy(text, { identity: { id, version, sha256 }, file: shownFile, profile });
      problems.push(...loaded.problems);
      if (loaded.policy === undefined) isComplete = false;
      else policies.set(id, loaded.policy);
    }
    return { policies: isComplete ? policies : undefined, problems };
  }

  /** Makes loaded policies the ones in force. */
  keep(policies: ReadonlyMap<string, CompiledPolicy>): void {
    for (const [id, policy] of policies) {
      this.#known.set(id, { sha256: policy.identity.sha256, version: policy.identity.version, policy });
    }
  }
}
