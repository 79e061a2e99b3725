import { basename } from "node:path";
import type { PackageReference } from "../catalogue/server-record.ts";
import type { ConfiguredAccess } from "./configured-server.ts";
import type { FoundServer } from "./find-servers.ts";
import { packageOfAccess } from "./package-of-command.ts";
import { plainAddress } from "./plain-address.ts";

/** What may be shown of a configured server: no value of the environment or of a header, no argument. */
export interface ServerDescription {
  readonly client: string;
  readonly scope: FoundServer["scope"];
  readonly file: string;
  readonly name: string;
  readonly transport: "stdio" | "streamable-http" | "sse";
  /** The program's name. */
  readonly command?: string;
  readonly package?: PackageReference;
  /** Scheme, host and a path without anything that looks like a secret. */
  readonly remote?: string;
  /** Names only. */
  readonly environment: readonly string[];
  /** Names only. */
  readonly headers: readonly string[];
  readonly disabled: boolean;
  readonly behindCallgate: boolean;
  /** What in the entry should be looked at. */
  readonly cautions: readonly string[];
}

/** Pure. What may be shown of a configured server. */
export function describeServer(server: FoundServer): ServerDescription {
  const { client, scope, file, name, access, passedVariables, isDisabled, isBehindCallgate } = server;
  const found = server.doubt === undefined ? packageOfAccess(access) : undefined;
  return {
    client,
    scope,
    file,
    name,
    transport: access.kind === "command" ? "stdio" : access.transport,
    ...(access.kind === "command" ? { command: basename(access.command) } : {}),
    ...(found === undefined ? {} : { package: found }),
    ...(access.kind === "url" ? { remote: plainAddress(access.url) ?? "no address" } : {}),
    environment: [...new Set([...(access.kind === "command" ? Object.keys(access.env) : []), ...passedVariables])],
    headers: access.kind === "url" ? Object.keys(access.headers) : [],
    disabled: isDisabled,
    behindCallgate: isBehindCallgate,
    cautions: [...(server.doubt === undefined ? [] : [server.doubt]), ...cautionsOf(access, found)],
  };
}

const secretName = /auth|cookie|credential|key|passw|secret|signature|token/iu;
const isReference = /^(?:Bearer |Basic )?\$?\{[^}]+\}$|^\$[A-Za-z_]\w*$/u;

function cautionsOf(access: ConfiguredAccess, found: PackageReference | undefined): readonly string[] {
  const values = access.kind === "command" ? access.env : access.headers;
  const written = Object.entries(values)
    .filter(([name, value]) => secretName.test(name) && value.length >= 8 && !isReference.test(value))
    .map(([name]) => name);
  const cautions = written.map((name) => `the value of \`${name}\` stands in the file: anyone who reads it has it`);
  if (found !== undefined && found.registry !== "oci" && !isPinned(found.version))
    cautions.push(`\`${found.name}\` has no fixed version: what runs tomorrow may be another program`);
  if (access.kind === "command" && /^(?:ba|z|da)?sh$/u.test(basename(access.command)) && access.args.includes("-c"))
    cautions.push("it is started through a shell");
  const address = access.kind === "url" ? URL.parse(access.url) : null;
  if (address?.protocol === "http:" && !/^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/u.test(address.hostname))
    cautions.push("it is reached without TLS: who is between reads and changes everything");
  return cautions;
}

function isPinned(version: string | undefined): boolean {
  return version !== undefined && /^v?\d+(?:\.\d+)*[\w.+-]*$/u.test(version) && version !== "latest";
}
