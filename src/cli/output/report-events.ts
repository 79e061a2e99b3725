import pc from "picocolors";
import type { ComposeEvents } from "../../compose/running-gateway.ts";
import { countProblems, formatProblems } from "./problems.ts";

/** Tells the person at the terminal, on standard error, what a running gateway reports. */
export function reportEvents(): ComposeEvents {
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  return {
    onProblems: (problems, isKept) => {
      say(formatProblems(problems));
      const kept = isKept ? `: ${pc.bold("the last good one stays in force")}` : "";
      say(`${countProblems(problems)}${kept}`);
    },
    onReload: (what) => say(`callgate reloaded ${what}`),
    onServerStderr: (server, line) => say(`${pc.dim(`[${server}]`)} ${withoutControls(line)}`),
  };
}

/** A server's text cannot move the cursor or recolour the terminal. */
function withoutControls(line: string): string {
  return line.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "\uFFFD");
}
