import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openLineClient } from "./clients/line-client.ts";
import type { Target } from "./harness/load.ts";
import { makeScratch, programPath } from "./harness/paths.ts";
import { type Program, startProgram } from "./harness/program.ts";
import { checked } from "./http-targets.ts";
import { policyText } from "./workload.ts";

const serverCommand = [process.execPath, "--disable-warning=ExperimentalWarning", programPath("quiet-server")];

/** The server itself: nothing between. */
export function directStdio(): Target {
  return open("direct", startProgram([programPath("quiet-server")]), false);
}

/** The blind pass-through. */
export function forwarderStdio(): Target {
  return open("blind forwarder", startProgram([programPath("stdio-forwarder"), ...serverCommand]), true);
}

/** `callgate run` with a policy and a store in a file. */
export async function gatewayStdio(command: string): Promise<Target> {
  const folder = makeScratch();
  const policy = join(folder, "policy.json");
  writeFileSync(policy, policyText());
  const args = ["run", "-p", policy, "--store", join(folder, "store.sqlite"), "--", ...serverCommand];
  return checked(open("Callgate", startProgram([command, ...args], { CALLGATE_HOME: folder }), true));
}

function open(name: string, program: Program, isMiddle: boolean): Target {
  const lane = openLineClient(program.child.stdin, program.child.stdout);
  return { name, middle: isMiddle ? program : undefined, lanes: [lane], close: () => program.end() };
}
