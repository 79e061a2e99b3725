import { homedir } from "node:os";
import { join } from "node:path";

/**
 * The folder of Callgate's data: `CALLGATE_HOME`, else the user's data folder (XDG on Linux, Application Support on
 * macOS, LOCALAPPDATA on Windows). It may not exist yet.
 */
export function dataFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const own = environment["CALLGATE_HOME"];
  if (own !== undefined && own !== "") return own;
  if (process.platform === "darwin") return join(homedir(), "Library", "Application Support", "callgate");
  if (process.platform === "win32") {
    return join(environment["LOCALAPPDATA"] ?? join(homedir(), "AppData", "Local"), "callgate");
  }
  const xdg = environment["XDG_DATA_HOME"];
  return join(xdg === undefined || xdg === "" ? join(homedir(), ".local", "share") : xdg, "callgate");
}

/** The embedded store's file in the data folder. */
export function defaultStoreFile(): string {
  return join(dataFolder(), "callgate.sqlite");
}

/** The catalogue's file in the data folder. */
export function defaultCatalogueFile(): string {
  return join(dataFolder(), "catalogue.sqlite");
}

/** Where the records of scanned servers are kept, one file each, in the data folder. */
export function recordFolder(): string {
  return join(dataFolder(), "records");
}

/** Where `precheck` keeps what it saw last of each server, in the data folder. */
export function precheckFolder(): string {
  return join(dataFolder(), "precheck");
}

/** What the hook has said in which session, in the data folder. */
export function hookMemoryFile(): string {
  return join(dataFolder(), "hook-said.json");
}

/** What settings files were before a hook was put into them, in the data folder. */
export function hookBackupFolder(): string {
  return join(dataFolder(), "hook-backups");
}

/** The tokens of the command line for gateways, in the data folder. */
export function credentialsFile(): string {
  return join(dataFolder(), "credentials.json");
}
