import pc from "picocolors";
import type { Check } from "../../compose/doctor/check.ts";
import { examine } from "../../compose/doctor/doctor.ts";
import { type Command, UsageError } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { shown } from "../output/rows.ts";

/** `callgate doctor` */
export const doctorCommand: Command = {
  usage: "callgate doctor [--config FILE] [--no-servers] [--json]",
  description:
    "Looks at everything a gateway needs: Node.js, clock, configuration, store and key, the address to listen at, each server (started or connected to, its tools listed), grants and policies. Changes nothing and calls no tool. Exit code 1 when something is a problem.",
  options: {
    config: { type: "string", short: "c", value: "FILE", description: "the configuration, e.g. callgate.yaml" },
    "no-servers": { type: "boolean", description: "start no server and connect to none" },
    json: { type: "boolean", description: "print what was found as JSON" },
  },
  examples: ["callgate doctor", "callgate doctor --config callgate.yaml --json"],
  run: async (args) => {
    if (args.positionals.length > 0)
      throw new UsageError(`name the configuration as \`callgate doctor --config ${args.positionals[0] ?? ""}\``);
    const checks = await examine({ configFile: args.text("config"), withServers: !args.flag("no-servers") });
    const count = (status: Check["status"]): number => checks.filter((check) => check.status === status).length;
    const problems = count("problem");
    const warnings = count("warning");
    if (args.flag("json")) process.stdout.write(`${JSON.stringify({ problems, warnings, checks }, undefined, 2)}\n`);
    else {
      const summary = `${problems} problems, ${warnings} warnings, ${count("ok")} ok`;
      process.stdout.write(`${[...checks.map(formatCheck), summary].join("\n")}\n`);
    }
    return problems === 0 ? exitCodes.done : exitCodes.refused;
  },
};

const colours = { ok: pc.green, warning: pc.yellow, problem: pc.red } as const;

function formatCheck({ about, status, message, hint }: Check): string {
  const line = `${colours[status](status.padEnd(7))} ${pc.bold(shown(about))}: ${shown(message)}`;
  return hint === "" ? line : `${line}\n          ${pc.cyan("hint")}: ${shown(hint)}`;
}
