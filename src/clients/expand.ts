import type { ConfiguredAccess } from "./configured-server.ts";

/** An access with its references replaced, or why that cannot be done. */
export type Expanded =
  | { readonly ok: true; readonly access: ConfiguredAccess }
  | { readonly ok: false; readonly message: string };

class Unknown extends Error {}

/**
 * Pure. Replaces references as clients do: `${NAME}`, `${NAME:-default}`, `${env:NAME}`, `{env:NAME}`, and
 * `${workspaceFolder}`. What only the client can know (`${input:...}`) or what is not set makes it fail: half a command
 * is not started.
 */
export function expandAccess(
  access: ConfiguredAccess,
  environment: Readonly<Record<string, string | undefined>>,
  project: string,
): Expanded {
  const text = (source: string): string =>
    source.replaceAll(
      /\$\{(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}|\{env:([A-Za-z_][A-Za-z0-9_]*)\}|\$\{([^}]*)\}/gu,
      (
        _,
        name: string | undefined,
        fallback: string | undefined,
        braced: string | undefined,
        other: string | undefined,
      ) => {
        if (other !== undefined) throw new Unknown(`only the client knows \`\${${other.slice(0, 60)}}\``);
        const variable = name ?? braced ?? "";
        if (variable === "workspaceFolder") return project;
        const value = environment[variable] ?? fallback;
        if (value === undefined) throw new Unknown(`the environment variable \`${variable}\` is not set`);
        return value;
      },
    );
  const record = (values: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, text(value)]));
  try {
    if (access.kind === "url")
      return { ok: true, access: { ...access, url: text(access.url), headers: record(access.headers) } };
    const { command, args, env, cwd } = access;
    const whole = {
      command: text(command),
      args: args.map(text),
      env: record(env),
      cwd: cwd === undefined ? cwd : text(cwd),
    };
    return { ok: true, access: { ...access, ...whole } };
  } catch (error) {
    if (error instanceof Unknown) return { ok: false, message: error.message };
    throw error;
  }
}
