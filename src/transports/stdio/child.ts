import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";

/** How to start a server process. Nothing is expanded, no shell is involved. */
export interface ChildCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** The child's environment besides {@link inheritedVariables}. */
  readonly env: Readonly<Record<string, string>>;
  /** Working folder, default the gateway's own. */
  readonly cwd: string | undefined;
}

/** What a child inherits without being named: what a program needs to start at all, and no secret. */
export const inheritedVariables: readonly string[] = [
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "SHELL",
  "LANG",
  "LC_ALL",
  "TERM",
  "TMPDIR",
  "TZ",
  // Windows
  "APPDATA",
  "COMSPEC",
  "HOMEDRIVE",
  "HOMEPATH",
  "LOCALAPPDATA",
  "PATHEXT",
  "PROGRAMFILES",
  "SYSTEMDRIVE",
  "SYSTEMROOT",
  "TEMP",
  "TMP",
  "USERPROFILE",
];

const isWindows = process.platform === "win32";

/** How long a child may take to end by itself after its input has ended, milliseconds. */
const inputGraceMs = 500;

/** How long a child may take to end after SIGTERM before its group is killed, milliseconds. */
const terminationGraceMs = 5_000;

/** How long descendants may take after the child itself has ended, milliseconds. */
const descendantGraceMs = 1_000;

/** Starts the process in a group of its own with piped standard streams. Errors come as the child's `error` event. */
export function startChild(command: ChildCommand): ChildProcessWithoutNullStreams {
  const env: Record<string, string> = {};
  for (const name of inheritedVariables) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return spawn(command.command, [...command.args], {
    cwd: command.cwd,
    env: { ...env, ...command.env },
    stdio: "pipe",
    shell: false,
    detached: !isWindows,
    windowsHide: true,
  });
}

/**
 * Ends the child's whole process group as the protocol says: the end of its input, then SIGTERM, and SIGKILL after five
 * seconds. Resolves when the child is gone.
 */
export async function endChild(child: ChildProcessWithoutNullStreams): Promise<void> {
  if (child.pid === undefined) return;
  const exited = new Promise<void>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once("exit", () => resolve());
  });
  child.stdin.destroy();
  await settled(exited, inputGraceMs);
  signalGroup(child, "SIGTERM");
  if (!(await settled(exited, terminationGraceMs))) signalGroup(child, "SIGKILL");
  await exited;
  // The leader, which may be no more than a wrapper, is gone; what it started may still be ending.
  if (!(await groupEnded(child, descendantGraceMs))) {
    signalGroup(child, "SIGKILL");
    await groupEnded(child, killedMs);
  }
  child.stdout.destroy();
  child.stderr.destroy();
}

/** How long what was killed may take to be gone, milliseconds: somebody else has to take note of its end. */
const killedMs = 200;

const pollMs = 20;

async function groupEnded(child: ChildProcessWithoutNullStreams, timeoutMs: number): Promise<boolean> {
  for (let waitedMs = 0; isGroupLeft(child); waitedMs += pollMs) {
    if (waitedMs >= timeoutMs) return false;
    await wait(pollMs);
  }
  return true;
}

/** Whether something is settled before the time is over. */
async function settled(event: Promise<void>, timeoutMs: number): Promise<boolean> {
  const over = new AbortController();
  const late = wait(timeoutMs, false, { signal: over.signal }).catch(() => false);
  const isSettled = await Promise.race([event.then(() => true), late]);
  over.abort();
  return isSettled;
}

/** Whether processes of the child's group are left. */
function isGroupLeft({ pid }: ChildProcessWithoutNullStreams): boolean {
  if (pid === undefined || isWindows) return false;
  try {
    return process.kill(-pid, 0);
  } catch {
    return false;
  }
}

/** Kills the child's group at once, for the gateway's own exit, when nothing can be awaited any more. */
export function killGroup(child: ChildProcessWithoutNullStreams): void {
  signalGroup(child, "SIGKILL");
}

function signalGroup(child: ChildProcessWithoutNullStreams, signal: "SIGTERM" | "SIGKILL"): void {
  if (child.pid === undefined) return;
  try {
    if (isWindows) child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // The group is already empty.
  }
}
