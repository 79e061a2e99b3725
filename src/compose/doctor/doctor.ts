import { randomBytes } from "node:crypto";
import { systemClock } from "../../clock.ts";
import { loadConfig } from "../../config/load-config.ts";
import { PolicyShelf } from "../../config/policy-shelf.ts";
import type { Settings } from "../../config/settings.ts";
import { fileState } from "../../control/file-state.ts";
import { loadState } from "../../control/load-state.ts";
import { type ControlState, emptyFileState, emptyState, mergeState } from "../../control/state.ts";
import { AppError, type Problem } from "../../errors.ts";
import { openSqliteControlDatabase } from "../../store/sqlite/sqlite-control-database.ts";
import { createVaultKey, type KeyRing } from "../../vault/key-ring.ts";
import { createVault } from "../../vault/vault.ts";
import { presentKeys } from "../check-secrets.ts";
import { checkGrants, checkToolNames } from "./check-grants.ts";
import { checkMachine, checkPort } from "./check-machine.ts";
import { checkServers } from "./check-servers.ts";
import { checkStore } from "./check-store.ts";
import { type Check, ok, problem, warning } from "./check.ts";

/** What `callgate doctor` looks at. */
export interface DoctorOptions {
  /** `callgate.yaml`; undefined for the defaults. */
  readonly configFile: string | undefined;
  /** Whether servers are started or connected to. */
  readonly withServers: boolean;
}

/** Looks at everything a gateway needs, changes nothing and calls no tool. */
export async function examine({ configFile, withServers }: DoctorOptions): Promise<readonly Check[]> {
  const machine = await checkMachine();
  const { settings, problems } = loadConfig(configFile);
  const shownFile = configFile ?? "";
  if (settings === undefined) return [...machine, ...problems.map((one) => checkOf(one, shownFile))];
  const { policies, problems: ofPolicies } = new PolicyShelf().load(settings.policies, "serve");
  const configuration = [...problems, ...ofPolicies].map((one) => checkOf(one, shownFile));
  const isGood = configuration.every(({ status }) => status === "ok");
  if (isGood) {
    const counts = `${settings.servers.length} servers, ${settings.policies.length} policies, ${settings.grants.length} grants`;
    configuration.push(ok("configuration", configFile === undefined ? "no file is named" : `${configFile}: ${counts}`));
  }
  const { checks: store, isReadable } = await checkStore(settings);
  const before = [...machine, ...configuration, ...store, ...(await checkPort(settings))];
  const files = policies === undefined ? emptyFileState : fileState(settings, policies);
  const stored = isReadable ? await readStored(settings) : undefined;
  const state = mergeState(stored ?? emptyState, files);
  const { checks: servers, tools } = withServers
    ? await checkServers(state, settings.rules)
    : { checks: [warning("servers", "not looked at", "leave out `--no-servers`")], tools: new Map() };
  return [...before, ...servers, ...checkGrants(state, systemClock.wallMs()), ...checkToolNames(state, tools)];
}

function checkOf({ severity, code, message, file, line, column, path, hint }: Problem, shownFile: string): Check {
  const place = `${file ?? shownFile}:${line}:${column}`;
  const found = `${code} ${path === "" ? "" : `${path} `}${message}`;
  return severity === "error" ? problem(place, found, hint) : warning(place, found, hint);
}

/** What the database says. A key that is missing was told of already: its secrets are then unreadable. */
async function readStored({ storeFile, vault: keySource }: Settings): Promise<ControlState> {
  const database = await openSqliteControlDatabase({ path: storeFile, clock: systemClock });
  try {
    const keys = await keysOrNone(keySource);
    const vault = createVault({ installId: database.installId, keys });
    return await loadState(database.read, vault, new Map());
  } finally {
    await database.close();
  }
}

async function keysOrNone(keySource: Settings["vault"]): Promise<KeyRing> {
  const none = (): KeyRing => ({ current: createVaultKey(randomBytes(32)), previous: [] });
  try {
    return (await presentKeys(keySource)) ?? none();
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "VAULT_KEY_INVALID") throw error;
    return none();
  }
}
