import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";

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

/** How long a child may take to end after SIGTERM before its group is killed, milliseconds. */
const terminationGraceMs = 5_000;

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

/** Ends the child's whole process group: SIGTERM, and SIGKILL after five seconds. Resolves when the child is gone. */
export async function endChild(child: ChildProcessWithoutNullStreams): Promise<void> {
  if (child.pid === undefined) return;
  const exited = new Promise<void>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once("exit", () => resolve());
  });
  child.stdin.destroy();
  signalGroup(child, "SIGTERM");
  const timer = setTimeout(() => signalGroup(child, "SIGKILL"), terminationGraceMs);
  await exited;
  clearTimeout(timer);
  // The leader is gone; descendants that ignored SIGTERM are not.
  signalGroup(child, "SIGKILL");
  child.stdout.destroy();
  child.stderr.destroy();
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
