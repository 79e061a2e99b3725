import { systemClock } from "../../clock.ts";
import { commandFault } from "../../control/approved-command.ts";
import { accessWithCredentials, credentialsAt, credentialsByPlace } from "../../control/credentials.ts";
import type { OperatorRules } from "../../config/operator-rules.ts";
import type { ControlState, ServerEntry } from "../../control/state.ts";
import { AppError } from "../../errors.ts";
import { createLogger } from "../../logger.ts";
import { composeScan, type ScannedServer } from "../scan.ts";
import { type Check, ok, problem, warning } from "./check.ts";

/** The longest that a server is waited for, milliseconds. */
const timeoutMsMax = 30_000;

/** A server's tools as it lists them, by server; without those that could not be read. */
export type ListedTools = ReadonlyMap<string, Extract<ScannedServer, { status: "scanned" }>["tools"]>;

/** Starts or connects to each server, reads its lists and ends it. No tool is called. */
export async function checkServers(
  state: ControlState,
  rules: OperatorRules,
): Promise<{ readonly checks: readonly Check[]; readonly tools: ListedTools }> {
  const tools = new Map<string, Extract<ScannedServer, { status: "scanned" }>["tools"]>();
  const checks: Check[] = [];
  for (const server of state.servers.values()) {
    if (server.isDisabled) {
      checks.push(ok(`server ${server.id}`, "disabled: nobody reaches it"));
      continue;
    }
    const { check, found } = await lookAt(server, state, rules);
    checks.push(check);
    if (found?.status === "scanned") tools.set(server.id, found.tools);
  }
  if (state.servers.size === 0) {
    const hint = "name some in callgate.yaml, or register them: `callgate servers add`";
    checks.push(warning("servers", "there are none", hint));
  }
  return { checks, tools };
}

async function lookAt(
  server: ServerEntry,
  { credentials }: ControlState,
  rules: OperatorRules,
): Promise<{ readonly check: Check; readonly found: ScannedServer | undefined }> {
  const about = `server ${server.id}`;
  const startedMs = systemClock.monotonicMs();
  try {
    const entries = credentialsAt(credentialsByPlace(credentials), server.id, undefined);
    const refusal = commandFault(rules, server, entries);
    if (refusal !== undefined) {
      const hint = "if it is to run, name it in callgate.yaml: `allow: { commands: [{ command, args, env }] }`";
      return { check: problem(about, refusal, hint), found: undefined };
    }
    const { access, oauth, fault } = accessWithCredentials(server, entries);
    if (fault !== undefined) {
      const hint = "put the vault's key back, or enter the credentials again: `callgate credentials set`";
      return { check: problem(about, fault, hint), found: undefined };
    }
    if (oauth !== undefined) {
      const hint = "`callgate credentials list` says how the connection stands";
      return {
        check: warning(about, "it is connected by OAuth, so only the gateway can look", hint),
        found: undefined,
      };
    }
    const timeoutMs = Math.min(server.settings.startTimeoutMs, timeoutMsMax);
    const allowPrivate = server.source === "file" || rules.allowPrivateAddresses;
    const signal = new AbortController().signal;
    const [found] = await composeScan(
      [{ name: server.id, access }],
      { timeoutMs, allowPrivate, signal },
      createLogger("silent"),
      { onServerStderr: () => {} },
    );
    const tookMs = Math.round(systemClock.monotonicMs() - startedMs);
    if (found?.status === "scanned") {
      const message = `${found.tools.length} tools in ${tookMs} ms, protocol ${found.protocolVersion}`;
      return { check: ok(about, message), found };
    }
    const message = found === undefined ? "it was not looked at" : `${found.code}: ${found.message}`;
    return { check: problem(about, message, hintFor(server)), found };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { check: problem(about, `${error.code}: ${error.message}`, hintFor(server)), found: undefined };
  }
}

function hintFor({ settings: { access } }: ServerEntry): string {
  return access.kind === "command"
    ? `run \`${[access.command, ...access.args].join(" ")}\` by hand and see what it writes`
    : `see whether \`${access.url}\` can be reached from here, and whether its credentials are still good`;
}
