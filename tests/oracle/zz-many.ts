import * as fc from "fast-check";
import { differenceOn, explainDifference } from "./compare.ts";
import { call, facts } from "./generators/calls.ts";
import { policyDocument } from "./generators/policies.ts";
import { load } from "./real.ts";
const seed = Number(process.argv[2] ?? 1),
  n = Number(process.argv[3] ?? 300),
  max = Number(process.argv[4] ?? 10);
const docs = fc.sample(policyDocument, { numRuns: n, seed });
const calls = fc.sample(fc.tuple(call, facts), { numRuns: n * 10, seed });
const seen = new Set<string>();
let k = 0;
let tries = 0;
let total = 0;
let bad = 0;
for (const document of docs) {
  let policy;
  try {
    policy = load(document);
  } catch (e) {
    console.log("LOAD", String(e).slice(0, 500), JSON.stringify(document).slice(0, 800));
    continue;
  }
  for (let i = 0; i < 50; i++) {
    const [c, f] = calls[k++ % calls.length]!;
    total++;
    let d: string | undefined;
    const found = { document, call: c, facts: f };
    try {
      d = differenceOn(policy, found);
    } catch (e) {
      console.log("THROW", e, JSON.stringify(found).slice(0, 1500));
      process.exit(1);
    }
    if (d === undefined) continue;
    bad++;
    if (seen.size >= max || tries > 150) continue;
    tries++;
    const why = explainDifference(found);
    const key =
      why
        .split("\n")[0]!
        .replace(/"rule":"[^"]*"/g, "")
        .replace(/"(condition|holds)":("[^"]*"|\[[^\]]*\])/g, "") +
      (why.match(/"op":"\w+"|"value_from"|"valid_until"/g) ?? []).join();
    if (seen.has(key)) continue;
    seen.add(key);
    console.log(why, "\n");
  }
}
console.log({ total, bad });
