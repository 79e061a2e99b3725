import { startCallgate } from "./process.ts";

/** What a command printed, and its exit code. */
export interface CommandResult {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs one `callgate` command to its end, with `input` on its standard input. */
export async function runCommand(
  args: readonly string[],
  home: string,
  options: { readonly env?: Readonly<Record<string, string>>; readonly input?: string } = {},
): Promise<CommandResult> {
  const started = startCallgate(args, home, options.env ?? {});
  let out = "";
  started.child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString("utf8")));
  started.child.stdin.end(options.input ?? "");
  const { code } = await started.exit;
  return { code, out, err: started.stderr() };
}
