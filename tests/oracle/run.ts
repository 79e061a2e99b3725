import * as fc from "fast-check";
import { differenceOn, explainDifference } from "./compare.ts";
import type { Coverage } from "./coverage.ts";
import { call, facts } from "./generators/calls.ts";
import { policyDocument } from "./generators/policies.ts";
import { load } from "./real.ts";

/** How much to compare, from which seed. */
export interface Amount {
  readonly policies: number;
  readonly callsPerPolicy: number;
  readonly seed: number;
}

/**
 * Judges random calls by random policies with both and throws on the first difference, made as small as it gets.
 * Returns how many pairs were compared.
 */
export function compareAtRandom({ policies, callsPerPolicy, seed }: Amount, coverage: Coverage): number {
  let pairs = 0;
  const calls = fc.array(fc.tuple(call, facts), { minLength: callsPerPolicy, maxLength: callsPerPolicy });
  const property = fc.property(policyDocument, calls, (document, judged) => {
    const policy = load(document);
    for (const [oneCall, oneTime] of judged) {
      const found = { document, call: oneCall, facts: oneTime };
      pairs += 1;
      if (differenceOn(policy, found, coverage) !== undefined) throw new Error(explainDifference(found));
    }
  });
  fc.assert(property, { numRuns: policies, seed, endOnFailure: true });
  return pairs;
}
