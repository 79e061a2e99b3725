import type { Effort } from "./harness/effort.ts";
import { measureCpu } from "./harness/cpu-rounds.ts";
import { microsEach, rate, ratio } from "./harness/figures.ts";
import { installPeers } from "./harness/peers.ts";
import type { Report } from "./harness/report.ts";
import { medianRatio } from "./harness/statistics.ts";
import { callgateEngine, checkVerdicts, compile, type Engine } from "./engines.ts";
import { loadPeerEngines, peerEngines } from "./peer-engines.ts";
import { allowedCalls, deniedCalls, policyText, type SampleCall, verdicts } from "./workload.ts";

const toolCount = 40;
const manyRules = 1_000;

/** Pure judging: Callgate's `decide()` beside Cedar and two CEL engines on the same rule. */
export async function benchDecide(effort: Effort): Promise<Report> {
  installPeers(peerEngines.map(({ peer }) => peer));
  const { found, missing } = await loadPeerEngines();
  const policy = compile(policyText({ toolCount }));
  const large = compile(policyText({ toolCount: manyRules, hasRuleForEach: true }));

  checkVerdicts(callgateEngine("Callgate", policy, verdicts), verdicts);
  for (const { engine, module } of found) {
    checkVerdicts({ name: engine.label, judge: engine.prepare(module, verdicts, toolCount) }, verdicts);
  }
  const peersOn = (calls: readonly SampleCall[], tools: number, suffix: string): Engine[] =>
    found.map(({ engine, module }) => ({
      name: `${engine.label}${suffix}`,
      judge: engine.prepare(module, calls, tools),
    }));

  const main = [callgateEngine("Callgate", policy, allowedCalls), ...peersOn(allowedCalls, toolCount, "")];
  const denied = [callgateEngine("Callgate", policy, deniedCalls), ...peersOn(deniedCalls, toolCount, "")];
  const many = [callgateEngine("Callgate", large, allowedCalls), ...peersOn(allowedCalls, manyRules, "")];
  return {
    name: "decide",
    about:
      "Decisions per second of CPU time. One policy: 40 tools, on the called one four predicates (number, list, regular " +
      "expression, substring) and one limit. Sixteen different calls take turns. Before timing, every engine gave the " +
      `expected verdict on ${verdicts.length} calls. \`Callgate / engine\` is how many times faster Callgate is, the median of the rounds' ratios.`,
    tables: [
      compare("An allowed call, 40 tools", main, effort),
      compare("A denied call (the first predicate)", denied, effort),
      compare("An allowed call, 1,000 rules on 1,000 tools", many, effort),
    ],
    notes: [
      "Callgate's `decide()` also computes what the limit asks of the store; the other engines know no limits.",
      "Callgate's pattern runs on a linear-time engine, and so does that of `@bufbuild/cel`; cel-js uses the backtracking engine of JavaScript, which a caller can make slow, so it is measured a second time with Callgate's engine; Cedar has no regular expressions, its `like` stands in.",
      "Only judging is timed: each engine got the calls in its own form beforehand. CEL evaluates one tool's expression, looked up in a map.",
      ...(missing.length === 0 ? [] : [`Not installed, so not compared: ${missing.join(", ")}.`]),
    ],
  };
}

function compare(caption: string, engines: readonly Engine[], effort: Effort): Report["tables"][number] {
  const rates = measureCpu(
    engines.map(({ name, judge }) => ({ name, run: judge })),
    effort,
  );
  const own = rates[0]?.perCpuSecond ?? [];
  return {
    caption,
    head: ["engine", "decisions/CPU-s", "each", "Callgate / engine"],
    rows: rates.map(({ name, median, perCpuSecond }, at) => [
      name,
      rate(median),
      microsEach(median),
      at === 0 ? "1" : ratio(medianRatio(own, perCpuSecond)),
    ]),
  };
}
