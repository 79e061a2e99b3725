import { dirname, isAbsolute, join, resolve } from "node:path";
import type { ProblemList } from "../documents/problem-list.ts";
import { toPointer } from "../values/pointer.ts";
import type { NamedKeySource, VaultSettings } from "../vault/key-source.ts";
import { report } from "./config-problems.ts";
import type { ConfigDocument, KeyDocument } from "./schema.ts";

/** Where the keys of stored secrets come from: the section `vault`, else a file beside the store's. Reads no key. */
export function readVault(
  document: ConfigDocument,
  folder: string,
  storeFile: string,
  problems: ProblemList,
): VaultSettings {
  const { previous: older = [], ...own } = document.vault ?? {};
  const previous = older.flatMap((key, index) => readSource(key, ["vault", "previous", `${index}`], folder, problems));
  const [current] = Object.keys(own).length === 0 ? [] : readSource(own, ["vault"], folder, problems);
  const sources = current === undefined ? previous : [current, ...previous];
  for (const source of sources) {
    if (source.kind === "environment") refuseOtherUse(source.variable, document, problems);
  }
  return { current: current ?? { kind: "default", path: join(dirname(storeFile), "callgate.key") }, previous };
}

/** The source, or nothing and a problem. No problem says what the file has as a key. */
function readSource(
  { key_file, key, key_command }: KeyDocument,
  steps: readonly string[],
  folder: string,
  problems: ProblemList,
): readonly NamedKeySource[] {
  const given = [key_file, key, key_command].filter((value) => value !== undefined);
  if (given.length !== 1) {
    const hint = "write one of the three";
    report(problems, toPointer(steps), "a key has one of `key_file`, `key` and `key_command`", hint);
    return [];
  }
  if (key_file !== undefined) return [{ kind: "file", path: resolve(folder, key_file) }];
  const at = toPointer([...steps, key === undefined ? "key_command" : "key"]);
  return key === undefined ? readCommand(key_command ?? [], at, folder, problems) : readVariable(key, at, problems);
}

function readVariable(key: string, at: string, problems: ProblemList): readonly NamedKeySource[] {
  const [, variable] = /^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$/.exec(key) ?? [];
  if (variable !== undefined) return [{ kind: "environment", variable }];
  const hint = "write `key: ${CALLGATE_KEY}` and set that variable, or use `key_file`";
  report(problems, at, "a key itself may not stand in the configuration", hint);
  return [];
}

function readCommand(
  [command = "", ...args]: readonly string[],
  at: string,
  folder: string,
  problems: ProblemList,
): readonly NamedKeySource[] {
  if (/\.(bat|cmd)$/i.test(command)) {
    const hint = "name the program itself, e.g. `node` with the script as its first argument";
    report(problems, at, "batch files are not started: they need a shell", hint);
    return [];
  }
  const isPath = command.includes("/") && !isAbsolute(command);
  return [{ kind: "command", command: isPath ? resolve(folder, command) : command, args }];
}

/** A variable with a key is deleted once it was read, and what it held goes nowhere else. */
function refuseOtherUse(variable: string, { servers = {}, grants = {} }: ConfigDocument, problems: ProblemList): void {
  for (const [section, entries] of Object.entries({ servers, grants })) {
    for (const [name, entry] of Object.entries(entries)) {
      if (!JSON.stringify(entry).includes(`\${${variable}}`)) continue;
      const message = `\`\${${variable}}\` is the key of stored secrets and can be nothing else`;
      report(problems, toPointer([section, name]), message, "use another variable here");
    }
  }
}
