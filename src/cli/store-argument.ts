import { dirname, join, resolve } from "node:path";
import type { StorePlace } from "../compose/backup.ts";
import { loadConfig } from "../config/load-config.ts";
import { type Arguments, type Option, UsageError } from "./command.ts";

/** `--config` and `--store`: which store a command is about. */
export const storeOptions: Readonly<Record<"config" | "store", Option>> = {
  config: { type: "string", short: "c", value: "FILE", description: "the configuration that names the store" },
  store: {
    type: "string",
    value: "FILE",
    description: "the store, default callgate.sqlite in the data folder (CALLGATE_HOME)",
  },
};

/** The store that a command line names, with where its key comes from. Throws {@link UsageError}. */
export function readStorePlace(args: Arguments): StorePlace {
  const config = args.text("config");
  const store = args.text("store");
  if (config !== undefined && store !== undefined) throw new UsageError("name the store or a configuration, not both");
  if (store !== undefined) {
    const storeFile = resolve(store);
    const path = join(dirname(storeFile), "callgate.key");
    return { storeFile, vault: { current: { kind: "default", path }, previous: [] } };
  }
  const { settings, problems } = loadConfig(config);
  if (settings === undefined)
    throw new UsageError(
      `\`${config ?? ""}\` has problems (${problems[0]?.message ?? ""}): see \`callgate validate --config ${config ?? ""}\``,
    );
  return settings;
}
