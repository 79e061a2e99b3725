import { caseOf } from "./compare.ts";
import { oracleJudge } from "./decide.ts";
import { load } from "./real.ts";
import { decide } from "../../src/policy/index.ts";
for (const line of process.argv.slice(2)) {
  const c = caseOf(JSON.parse(line), () => []);
  console.log(oracleJudge(c.document, c.call, c.facts).decision, decide(load(c.document), c.call, c.facts));
}
