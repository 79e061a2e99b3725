import { AppError } from "../errors.ts";
import { readKeyFromCommand } from "./key-command.ts";
import { readDefaultKeyFile, readKeyFile } from "./key-file.ts";
import type { KeyRing, VaultKey } from "./key-ring.ts";
import type { KeySource, VaultSettings } from "./key-source.ts";
import { howToMake, readKeyText } from "./key-text.ts";

/**
 * Reads every key, once, at the start. Variables that hold keys are deleted from `environment`, before any program is
 * asked for a key, so that no child and no crash report has them. Rejects with `VAULT_KEY_INVALID`.
 */
export async function loadKeys(
  { current, previous }: VaultSettings,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<KeyRing> {
  const variables = takeVariables([current, ...previous], environment);
  const currentKey = await readKey(current, variables, environment);
  const others = new Map<string, VaultKey>();
  for (const source of previous) {
    const key = await readKey(source, variables, environment);
    if (key.id !== currentKey.id) others.set(key.id, key);
  }
  return { current: currentKey, previous: [...others.values()] };
}

/** The texts of the variables that are named as sources, by name; they are no longer in the environment. */
function takeVariables(sources: readonly KeySource[], environment: NodeJS.ProcessEnv): ReadonlyMap<string, string> {
  const taken = new Map<string, string>();
  for (const source of sources) {
    if (source.kind !== "environment") continue;
    const text = environment[source.variable];
    if (text !== undefined) taken.set(source.variable, text);
    Reflect.deleteProperty(environment, source.variable);
  }
  return taken;
}

function readKey(
  source: KeySource,
  variables: ReadonlyMap<string, string>,
  environment: NodeJS.ProcessEnv,
): VaultKey | Promise<VaultKey> {
  switch (source.kind) {
    case "file":
      return readKeyFile(source.path);
    case "default":
      return readDefaultKeyFile(source.path);
    case "command":
      return readKeyFromCommand(source, environment);
    case "environment": {
      const from = `the environment variable \`${source.variable}\``;
      const text = variables.get(source.variable);
      if (text !== undefined && text !== "") return readKeyText(Buffer.from(text), from);
      throw new AppError(
        "VAULT_KEY_INVALID",
        `${from} is not set: ${howToMake} and set it where the gateway is started`,
      );
    }
  }
}
