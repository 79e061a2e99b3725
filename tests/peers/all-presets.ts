/**
 * The balanced preset in front of every real server that can be run: `node scripts/run.js tests/peers/all-presets.ts
 * [--server=NAME]`. Scans each, puts the policy in front that the scan wrote, makes a call that reads and the strongest
 * call that the policy stops, and makes that one again with nothing between. Fetches what it needs from npm. Exit code 0:
 * every read call was answered, no stopped call arrived, and each takes effect without Callgate where it can have one.
 */
import { parseArgs } from "node:util";
import { closeAll } from "../kit/opened.ts";
import { presetServers } from "./preset-servers.ts";
import { NotHere, type Prepare } from "./preset-server.ts";
import { isHarmedDirectly, presetFaults, visitPreset } from "./preset-visit.ts";

type Verdict = "ok" | "FAIL" | "skip";

/** One line of the table; `skip` when the machine lacks what the server needs. */
async function show(name: string, prepare: Prepare): Promise<Verdict> {
  const started = performance.now();
  const [faults, told]: [string[], string[]] = [[], []];
  let verdict: Verdict | undefined;
  try {
    const visit = await visitPreset(prepare);
    const { read, strongest } = visit.server;
    faults.push(...presetFaults(visit));
    told.push(`read ${read.tool}`);
    if (strongest === undefined) told.push("no call to stop");
    else {
      told.push(`stopped ${strongest.tool} (${strongest.category})`, `looked at ${strongest.place}`);
      await closeAll();
      if (strongest.isHarmed !== undefined && (await isHarmedDirectly(prepare)) !== true)
        faults.push("without Callgate the call has no effect either");
    }
  } catch (error) {
    if (error instanceof NotHere) verdict = "skip";
    (verdict === "skip" ? told : faults).push(error instanceof Error ? error.message : String(error));
  } finally {
    await closeAll();
  }
  verdict ??= faults.length === 0 ? "ok" : "FAIL";
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`${verdict.padEnd(6)}${name.padEnd(22)}${seconds.padStart(5)} s  ${told.join(", ")}\n`);
  for (const fault of faults) process.stdout.write(`      ${fault.slice(0, 2000)}\n`);
  return verdict;
}

const { values: options } = parseArgs({ options: { server: { type: "string", default: "" } } });
const verdicts: Verdict[] = [];
for (const [name, prepare] of presetServers)
  if (name.includes(options.server)) verdicts.push(await show(name, prepare));
const count = (verdict: Verdict): number => verdicts.filter((each) => each === verdict).length;
process.stdout.write(`\n${count("ok")} of ${verdicts.length} as the preset says, ${count("skip")} skipped\n`);
process.exitCode = count("FAIL") === 0 && count("ok") > 0 ? 0 : 1;
