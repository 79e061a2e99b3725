import pc from "picocolors";
import { createSimulation } from "../../compose/simulation.ts";
import { type CaseCall, type PolicyCase, type PolicyCases, readPolicyCases } from "../../config/policy-cases.ts";
import { readTextFile } from "../../config/read-text-file.ts";
import type { Problem } from "../../errors.ts";
import type { SimulatedCall } from "../../gateway/simulate.ts";
import { sha256Hex } from "../../identity/token.ts";
import { parseDuration } from "../../documents/durations.ts";
import { type CompiledPolicy, type Decision, loadPolicy } from "../../policy/index.ts";
import { type Command, UsageError } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { formatProblems } from "../output/problems.ts";

/** What came of one case. `faults` is empty when it passed. */
interface CaseResult {
  readonly name: string;
  readonly passed: boolean;
  readonly faults: readonly string[];
  readonly decision: Pick<Decision, "outcome" | "code" | "rule" | "message">;
}

/** When a case says nothing of the time, its first call is made now. */
const stepMs = 1;

/** `callgate policy test` */
export const policyTestCommand: Command = {
  usage: "callgate policy test [-p POLICY] CASES [--json]",
  description:
    "Runs test cases (YAML) against a policy, with the gateway's own engine, counters and clock. Exit code 1 when one fails.",
  options: {
    policy: {
      type: "string",
      short: "p",
      value: "FILE",
      description: "the policy, default the one that the cases name",
    },
    json: { type: "boolean", description: "print the results as JSON" },
  },
  examples: ["callgate policy test policy-cases.yaml", "callgate policy test -p policy.json cases.yaml --json"],
  run: async (args) => {
    const [file] = args.positionals;
    if (file === undefined) throw new UsageError("name the file of cases: `callgate policy test cases.yaml`");
    const { cases, problems } = readPolicyCases(file);
    if (cases === undefined) return refuse(problems);
    const policyFile = args.text("policy") ?? cases.policyFile;
    if (policyFile === undefined)
      throw new UsageError("name the policy: `-p policy.json`, or `policy:` in the file of cases");
    const policy = readPolicy(policyFile, cases);
    if (!("decided" in policy)) return refuse(policy.problems);
    const results: CaseResult[] = [];
    for (const one of cases.cases) results.push(await runCase(policy.decided, cases, one));
    print(results, args.flag("json"));
    return results.every(({ passed }) => passed) ? exitCodes.done : exitCodes.refused;
  },
};

function readPolicy(
  file: string,
  cases: PolicyCases,
): { readonly decided: CompiledPolicy } | { readonly problems: readonly Problem[] } {
  const text = readTextFile(file);
  if (typeof text !== "string") return { problems: [text] };
  const tools = cases.tools?.map(({ name, inputSchema }) => ({
    name,
    ...(inputSchema === undefined ? {} : { inputSchema }),
  }));
  const loaded = loadPolicy(text, {
    identity: { id: file, version: 1, sha256: sha256Hex(text) },
    file,
    ...(tools === undefined ? {} : { tools }),
  });
  return loaded.policy === undefined ? { problems: loaded.problems } : { decided: loaded.policy };
}

async function runCase(policy: CompiledPolicy, cases: PolicyCases, one: PolicyCase): Promise<CaseResult> {
  const tools = cases.tools?.map(({ name, inputSchema, category, signals }) => ({
    name,
    inputSchema,
    review: category === undefined ? undefined : { category, signals: signals ?? [] },
  }));
  const simulation = createSimulation(policy, tools, startOf(one.calls[0]));
  try {
    let last: Decision | undefined;
    let nowMs = startOf(one.calls[0]);
    for (const call of one.calls) {
      nowMs = call.at === undefined ? nowMs + (parseDuration(call.after ?? 0) ?? stepMs) : Date.parse(call.at);
      for (let i = 0; i < (call.repeat ?? 1); i += 1) last = await simulation.judge(toCall(call), nowMs);
    }
    if (last === undefined) throw new UsageError(`the case \`${one.name}\` has no call`);
    const faults = faultsOf(one, last);
    const { outcome, code, rule, message } = last;
    return { name: one.name, passed: faults.length === 0, faults, decision: { outcome, code, rule, message } };
  } finally {
    await simulation.close();
  }
}

function startOf(call: CaseCall | undefined): number {
  return call?.at === undefined ? Date.now() : Date.parse(call.at);
}

function toCall(call: CaseCall): SimulatedCall {
  const { grant, client } = call;
  return {
    tool: call.tool,
    args: call.arguments ?? {},
    server: call.server ?? "server",
    grant: {
      id: grant?.id ?? "grant",
      label: grant?.label ?? grant?.id ?? "grant",
      owner: grant?.owner,
      tags: grant?.tags ?? {},
    },
    client: { ip: client?.ip, name: client?.name, version: client?.version },
    session: call.session,
  };
}

function faultsOf({ expect }: PolicyCase, decision: Decision): readonly string[] {
  const faults: string[] = [];
  for (const field of ["outcome", "code", "rule"] as const) {
    const expected = expect[field];
    if (expected !== undefined && expected !== decision[field]) {
      faults.push(`${field}: expected \`${expected}\`, got \`${decision[field]}\``);
    }
  }
  if (expect.message !== undefined && !decision.message.includes(expect.message)) {
    faults.push(`message: expected it to contain \`${expect.message}\`, got \`${decision.message}\``);
  }
  return faults;
}

function refuse(problems: readonly Problem[]): number {
  process.stderr.write(`${formatProblems(problems)}\n`);
  return exitCodes.refused;
}

function print(results: readonly CaseResult[], isJson: boolean): void {
  const failed = results.filter(({ passed }) => !passed);
  if (isJson) {
    const counts = { passed: results.length - failed.length, failed: failed.length };
    process.stdout.write(`${JSON.stringify({ ...counts, cases: results }, undefined, 2)}\n`);
    return;
  }
  for (const { name, passed, faults, decision } of results) {
    process.stdout.write(
      `${passed ? pc.green("passed") : pc.red("failed")} ${name} ${pc.dim(`${decision.outcome} ${decision.rule}`)}\n`,
    );
    for (const fault of faults) process.stdout.write(`       ${fault}\n`);
  }
  process.stdout.write(`${results.length - failed.length} passed, ${failed.length} failed\n`);
}
