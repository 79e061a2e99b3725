import { dirname, resolve } from "node:path";
import type { Problem } from "../errors.ts";
import { sha256Hex } from "../identity/token.ts";
import { parseDuration } from "../documents/durations.ts";
import { ProblemList } from "../documents/problem-list.ts";
import { alikeNames, looseName, splitsOneWay } from "../protocol/exposed-name.ts";
import { toPointer } from "../values/pointer.ts";
import { instantMs, parseRfc3339 } from "../values/rfc3339.ts";
import { nearestWord } from "../values/suggest.ts";
import { defaultStoreFile } from "./home.ts";
import { readConfigDocument } from "./config-document.ts";
import { readCatalogueWebhooks } from "./catalogue-webhooks.ts";
import { type Environment, expand, report } from "./config-problems.ts";
import { readFile, type SeenFile } from "./read-text-file.ts";
import { readPublicOrigin, readRules } from "./administration-settings.ts";
import { readListen, readProxies, readTls } from "./listen-settings.ts";
import { readPin } from "./pin-settings.ts";
import { readAccess } from "./server-access.ts";
import type { ConfigDocument, GrantDocument, ServerDocument } from "./schema.ts";
import { readVault } from "./vault-settings.ts";
import { defaults, type GrantSettings, type PolicySource, type ServerSettings, type Settings } from "./settings.ts";

/** A configuration, or why there is none. `files` are all files it was read from, to watch. */
export interface LoadedConfig {
  readonly settings: Settings | undefined;
  readonly problems: readonly Problem[];
  readonly files: readonly SeenFile[];
}

/**
 * Reads and checks `callgate.yaml` and the policy files it names (not their contents). All problems at once. Without a
 * file everything has its default.
 */
export function loadConfig(file: string | undefined, environment: Environment = process.env): LoadedConfig {
  if (file === undefined) return complete({}, undefined, new ProblemList("", undefined), environment);
  const read = readConfigDocument(file);
  if ("problem" in read) return { settings: undefined, problems: [read.problem], files: [read.seen] };
  const { seen, problems, document } = read;
  if (document === undefined) return { settings: undefined, problems: problems.sorted(), files: [seen] };
  return complete(document, seen, problems, environment);
}

function complete(
  document: ConfigDocument,
  seen: SeenFile | undefined,
  problems: ProblemList,
  environment: Environment,
): LoadedConfig {
  const folder = seen === undefined ? process.cwd() : dirname(seen.path);
  const files: SeenFile[] = seen === undefined ? [] : [seen];
  const servers = Object.entries(document.servers ?? {}).map(([name, server]) =>
    completeServer(name, server, folder, problems, environment, files),
  );
  refuseAlikeServers(Object.keys(document.servers ?? {}), problems);
  const policies = Object.entries(document.policies ?? {}).flatMap(([id, shownFile]) => {
    const source = readPolicyFile(id, shownFile, folder, problems, files);
    return source === undefined ? [] : [source];
  });
  const grants = Object.entries(document.grants ?? {}).map(([id, grant]) =>
    completeGrant(id, grant, document, problems, environment),
  );
  refuseSharedTokens(grants, problems);
  const tls = readTls(document.tls, folder, problems, files);
  const proxies = readProxies(document.behind_proxy, problems);
  const isOpen = document.tls !== undefined || document.behind_proxy !== undefined;
  const listen = readListen(document.listen, isOpen, problems);
  const storeFile = document.store === undefined ? defaultStoreFile() : resolve(folder, document.store);
  const vault = readVault(document, folder, storeFile, problems);
  const publicOrigin = readPublicOrigin(document.public_url, problems);
  const rules = readRules(document, folder, problems, environment);
  const catalogueWebhooks = readCatalogueWebhooks(document, problems, environment);
  return {
    settings: problems.hasError
      ? undefined
      : {
          listen,
          allowedHosts: (document.allowed_hosts ?? []).map((host) => host.toLowerCase()),
          bodyBytesMax: document.max_body_bytes ?? defaults.bodyBytesMax,
          storeFile,
          durability: document.audit_durability ?? "power-loss",
          vault,
          tls,
          proxies,
          publicOrigin,
          catalogueWebhooks,
          rules,
          servers,
          policies,
          grants,
        },
    problems: problems.sorted(),
    files,
  };
}

function completeServer(
  name: string,
  server: ServerDocument,
  folder: string,
  problems: ProblemList,
  environment: Environment,
  files: SeenFile[],
): ServerSettings {
  const at = (...steps: string[]): string => toPointer(["servers", name, ...steps]);
  // Where servers share one address, `<server>__<tool>` must split in one way, also for clients that read it loosely.
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name) || !splitsOneWay(name) || name === "catalogue") {
    report(
      problems,
      at(),
      `\`${name.slice(0, 80)}\` cannot name a server`,
      "use letters, digits, `.`, and single `-` and `_` between them (no `__` or `--`, not `catalogue`)",
    );
  }
  return {
    name,
    access: readAccess(server, at, folder, problems, environment),
    startTimeoutMs: readTimeout(server.start_timeout, at("start_timeout"), problems) ?? defaults.startTimeoutMs,
    callTimeoutMs: readTimeout(server.call_timeout, at("call_timeout"), problems) ?? defaults.callTimeoutMs,
    callDeadlineMs: readTimeout(server.call_deadline, at("call_deadline"), problems) ?? defaults.callDeadlineMs,
    idleTimeoutMs: readTimeout(server.idle_timeout, at("idle_timeout"), problems) ?? defaults.idleTimeoutMs,
    showDenied: server.show_denied ?? false,
    pin: readPin(name, server, folder, at, problems, files),
  };
}

/** Two names that differ by case or by `-` and `_` alone cannot be told apart by every client. */
function refuseAlikeServers(names: readonly string[], problems: ProblemList): void {
  for (const name of alikeNames(names)) {
    const other = names.find((candidate) => candidate !== name && looseName(candidate) === looseName(name)) ?? "";
    const message = `\`${name.slice(0, 80)}\` is too like the server \`${other.slice(0, 80)}\``;
    report(
      problems,
      toPointer(["servers", name]),
      message,
      "give them names that differ by more than case, `-` and `_`",
    );
  }
}

function completeGrant(
  id: string,
  grant: GrantDocument,
  document: ConfigDocument,
  problems: ProblemList,
  environment: Environment,
): GrantSettings {
  const at = (...steps: string[]): string => toPointer(["grants", id, ...steps]);
  if (!/^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/.test(id)) {
    report(problems, at(), `\`${id.slice(0, 80)}\` cannot name a grant`, "use letters, digits, `.`, `-`, `_` and `@`");
  }
  for (const [server, policy] of Object.entries(grant.servers)) {
    checkName(server, Object.keys(document.servers ?? {}), "server", at("servers", server), problems);
    if (policy !== null) {
      checkName(policy, Object.keys(document.policies ?? {}), "policy", at("servers", server), problems);
    }
  }
  const expires = grant.expires === undefined ? undefined : parseRfc3339(grant.expires);
  if (grant.expires !== undefined && expires === undefined) {
    report(problems, at("expires"), "the time cannot be read", "write RFC 3339, e.g. `2027-01-31T00:00:00Z`");
  }
  return {
    id,
    label: grant.label ?? id,
    owner: grant.owner,
    tags: grant.tags ?? {},
    tokenSha256: readToken(grant, at, problems, environment),
    servers: new Map(Object.entries(grant.servers).map(([server, policy]) => [server, policy ?? undefined])),
    showDenied: grant.show_denied ?? false,
    expiresAtMs: expires === undefined ? undefined : instantMs(expires),
  };
}

function readToken(
  grant: GrantDocument,
  at: (...steps: string[]) => string,
  problems: ProblemList,
  environment: Environment,
): string {
  if ((grant.token === undefined) === (grant.tokenSha256 === undefined)) {
    report(
      problems,
      at(),
      "a grant has either `token` or `tokenSha256`",
      "keep the token out of the file: `token: ${ALICE_TOKEN}`, or write its SHA-256",
    );
    return "";
  }
  if (grant.tokenSha256 !== undefined) {
    if (!/^[0-9a-f]{64}$/i.test(grant.tokenSha256)) {
      report(
        problems,
        at("tokenSha256"),
        "this is not a SHA-256 in hex",
        "write the 64 hex digits of `printf %s TOKEN | sha256sum`",
      );
    }
    return grant.tokenSha256.toLowerCase();
  }
  const token = expand(grant.token ?? "", at("token"), problems, environment);
  if (token.length > 0 && token.length < 16) {
    report(
      problems,
      at("token"),
      "the token is too short to be secret",
      "use 16 characters or more: `openssl rand -base64 32`",
    );
  }
  if (!/^[\x21-\x7e]*$/.test(token)) {
    report(
      problems,
      at("token"),
      "the token has a character that a header cannot carry",
      "use visible ASCII characters without spaces",
    );
  }
  return sha256Hex(token);
}

function refuseSharedTokens(grants: readonly GrantSettings[], problems: ProblemList): void {
  const owners = new Map<string, string>();
  for (const grant of grants) {
    const other = owners.get(grant.tokenSha256);
    if (grant.tokenSha256 !== "" && other !== undefined) {
      report(
        problems,
        toPointer(["grants", grant.id]),
        `\`${grant.id}\` has the same token as \`${other}\``,
        "give every grant a token of its own",
      );
    }
    owners.set(grant.tokenSha256, grant.id);
  }
}

function readPolicyFile(
  id: string,
  shownFile: string,
  folder: string,
  problems: ProblemList,
  files: SeenFile[],
): PolicySource | undefined {
  const read = readFile(resolve(folder, shownFile));
  files.push(read);
  const { path: file, text } = read;
  if (typeof text === "string") return { id, file, shownFile, text };
  report(problems, toPointer(["policies", id]), text.message, "name a readable file, relative to callgate.yaml");
  return undefined;
}

function readTimeout(source: number | string | undefined, path: string, problems: ProblemList): number | undefined {
  if (source === undefined) return undefined;
  const timeoutMs = parseDuration(source);
  if (timeoutMs === undefined || timeoutMs > 24 * 3_600_000) {
    report(problems, path, "the length of time cannot be read", "write seconds or `90s`, `5m`, at most `24h`");
    return undefined;
  }
  return timeoutMs;
}

function checkName(name: string, known: readonly string[], kind: string, path: string, problems: ProblemList): void {
  if (known.includes(name)) return;
  const near = nearestWord(name, known);
  report(
    problems,
    path,
    `there is no ${kind} \`${name.slice(0, 80)}\``,
    near === undefined ? `known: ${known.join(", ") || "none"}` : `did you mean \`${near}\`?`,
  );
}
