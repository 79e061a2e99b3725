import { isAbsolute, resolve } from "node:path";
import type { ProblemList } from "../documents/problem-list.ts";
import { outboundUrlFault } from "../values/public-address.ts";
import { type Environment, expand, report } from "./config-problems.ts";
import type { ServerDocument } from "./schema.ts";
import type { ServerAccess } from "./settings.ts";

/** How a server of the file is reached: a command, or an address. Problems are added at the pointer that `at` makes. */
export function readAccess(
  server: ServerDocument,
  at: (...steps: string[]) => string,
  folder: string,
  problems: ProblemList,
  environment: Environment,
): ServerAccess {
  const { command, url } = server;
  if ((command === undefined) === (url === undefined)) {
    report(problems, at(), "a server has either `command` or `url`", "write one of the two");
  }
  return url === undefined
    ? readCommand(server, command ?? "", at, folder, problems, environment)
    : readUrl(server, url, at, problems, environment);
}

function readCommand(
  server: ServerDocument,
  command: string,
  at: (...steps: string[]) => string,
  folder: string,
  problems: ProblemList,
  environment: Environment,
): ServerAccess {
  if (/\.(bat|cmd)$/i.test(command)) {
    const hint = "name the program itself, e.g. `node` with the script as its first argument";
    report(problems, at("command"), "batch files are not started: they need a shell", hint);
  }
  for (const key of ["transport", "headers"] as const) {
    if (server[key] !== undefined) report(problems, at(key), `\`${key}\` goes with \`url\``, "remove it");
  }
  const env = Object.entries(server.env ?? {}).map(([key, value]): [string, string] => [
    key,
    expand(value, at("env", key), problems, environment),
  ]);
  return {
    kind: "command",
    command: command.includes("/") && !isAbsolute(command) ? resolve(folder, command) : command,
    args: server.args ?? [],
    env: Object.fromEntries(env),
    cwd: server.cwd === undefined ? folder : resolve(folder, server.cwd),
  };
}

/** Headers that the transport itself writes. */
const ownHeaders =
  /^(?:accept|accept-encoding|connection|content-.*|host|mcp-.*|last-event-id|transfer-encoding|te|upgrade|via)$/;

function readUrl(
  server: ServerDocument,
  url: string,
  at: (...steps: string[]) => string,
  problems: ProblemList,
  environment: Environment,
): ServerAccess {
  for (const key of ["args", "env", "cwd"] as const) {
    if (server[key] !== undefined) report(problems, at(key), `\`${key}\` goes with \`command\``, "remove it");
  }
  // The operator's files may name the operator's own machines.
  const fault = outboundUrlFault(url, true);
  if (fault !== undefined) report(problems, at("url"), fault, "write `https://host/mcp`, without user or fragment");
  const headers: Record<string, string> = {};
  for (const [key, value] of Object.entries(server.headers ?? {})) {
    const name = key.toLowerCase();
    const text = expand(value, at("headers", key), problems, environment);
    if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name) || ownHeaders.test(name)) {
      report(problems, at("headers", key), `the header \`${key.slice(0, 80)}\` cannot be set`, "remove it");
    } else if (!/^[\t\x20-\x7e]*$/.test(text)) {
      report(problems, at("headers", key), "the value has a character that a header cannot carry", "use plain ASCII");
    }
    headers[name] = text;
  }
  return { kind: "url", url, transport: server.transport ?? "streamable-http", headers };
}
