import type { ProblemList } from "../documents/problem-list.ts";

/** Variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Replaces `${NAME}` by the gateway's environment variable. One that is not set is a problem, never an empty text. */
export function expand(text: string, path: string, problems: ProblemList, environment: Environment): string {
  return text.replaceAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, name: string) => {
    const value = environment[name];
    if (value === undefined || value === "") {
      report(
        problems,
        path,
        `the environment variable \`${name}\` is not set`,
        `set it where the gateway is started: \`${name}=... callgate serve ...\``,
      );
    }
    return value ?? "";
  });
}

/** Adds an error of the configuration. */
export function report(problems: ProblemList, path: string, message: string, hint: string): void {
  problems.add({ severity: "error", code: "CONFIG_INVALID", message, path, hint });
}
