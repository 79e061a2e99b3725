import type { GrantSettings, Settings } from "../config/settings.ts";
import type { CompiledPolicy } from "../policy/index.ts";
import type { FileState, GrantEntry, PolicyEntry, ServerEntry } from "./state.ts";

/** Pure. What the operator's files say, as a part of the state. Every policy that they name is among `policies`. */
export function fileState(settings: Settings, policies: ReadonlyMap<string, CompiledPolicy>): FileState {
  return {
    servers: new Map(settings.servers.map((server) => [server.name, serverEntry(server)])),
    policies: new Map(settings.policies.map(({ id, text }) => [id, policyEntry(id, text, policies.get(id))])),
    grants: new Map(settings.grants.map((grant) => [grant.id, grantEntry(grant)])),
  };
}

/** Files have no history of their own. */
const fromFile = { source: "file", createdMs: undefined, updatedMs: undefined, revision: 0 } as const;

function serverEntry(settings: ServerEntry["settings"]): ServerEntry {
  return { ...fromFile, id: settings.name, title: settings.name, settings, isDisabled: false };
}

function policyEntry(id: string, document: string, compiled: CompiledPolicy | undefined): PolicyEntry {
  const { version = 0, sha256 = "" } = compiled?.identity ?? {};
  return { ...fromFile, id, title: id, version, sha256, document, compiled };
}

function grantEntry({ tokenSha256, expiresAtMs, ...grant }: GrantSettings): GrantEntry {
  return {
    ...fromFile,
    ...grant,
    tokens: [{ sha256: tokenSha256, expiresMs: undefined }],
    expiresMs: expiresAtMs,
    revokedMs: undefined,
    client: undefined,
    createdBy: undefined,
  };
}
