import type { ControlState, GrantEntry, PolicyEntry } from "../../control/state.ts";
import { loadPolicy } from "../../policy/index.ts";
import { isObject } from "../../values/json.ts";
import { type Check, ok, problem, warning } from "./check.ts";
import type { ListedTools } from "./check-servers.ts";

const dayMs = 86_400_000;

/** A grant that ends sooner is told of, milliseconds. */
const soonMs = 7 * dayMs;

/** Pure. Grants that open nothing, or soon will not; and policies that cannot be loaded. */
export function checkGrants({ grants, servers, policies }: ControlState, nowMs: number): readonly Check[] {
  const live = [...grants.values()].filter(({ revokedMs }) => revokedMs === undefined);
  const found = live.flatMap((grant) => {
    const { id, label, expiresMs } = grant;
    const about = `grant ${id}${label === id ? "" : ` (${label})`}`;
    const expiry = expiresMs === undefined ? [] : checkExpiry(about, expiresMs, nowMs);
    return [...expiry, ...checkOpened(about, grant, servers, policies)];
  });
  const broken = [...policies.values()]
    .filter(({ compiled }) => compiled === undefined)
    .map(({ id }) =>
      problem(`policy ${id}`, "it cannot be loaded: it denies everything", "save it anew, or restore a version"),
    );
  if (live.length === 0) broken.push(warning("grants", "there are none: nobody can call anything", "mint one"));
  if (found.length + broken.length > 0) return [...broken, ...found];
  return [ok("grants", `${live.length}, each with a policy on every server that it opens`)];
}

function checkExpiry(about: string, expiresMs: number, nowMs: number): readonly Check[] {
  const at = new Date(expiresMs).toISOString();
  if (expiresMs <= nowMs) return [warning(about, `it expired at ${at}`, "mint another, or revoke it for good")];
  return expiresMs - nowMs < soonMs ? [warning(about, `it expires at ${at}`, "mint another in time")] : [];
}

function checkOpened(
  about: string,
  { servers: opened, tokens, client }: GrantEntry,
  servers: ControlState["servers"],
  policies: ControlState["policies"],
): readonly Check[] {
  const checks: Check[] = [];
  if (opened.size === 0) checks.push(warning(about, "it opens no server", "give it one, or revoke it"));
  if (tokens.length === 0 && client === undefined)
    checks.push(warning(about, "it has no token", "rotate it, or revoke it"));
  for (const [server, policy] of opened) {
    const entry = servers.get(server);
    if (entry === undefined)
      checks.push(problem(about, `there is no server \`${server}\``, "register it, or take it from the grant"));
    else if (entry.isDisabled) checks.push(warning(about, `the server \`${server}\` is disabled`, "enable it"));
    if (policy === undefined) {
      const hint = "attach one: `callgate policies attach`, or name it in callgate.yaml";
      checks.push(warning(about, `it has no policy on \`${server}\`: everything is denied there`, hint));
    } else if (!policies.has(policy)) {
      checks.push(
        problem(about, `there is no policy \`${policy}\`: everything is denied on \`${server}\``, "attach another"),
      );
    }
  }
  return checks;
}

/** Pure. Policies that name tools which none of the servers they are used on lists. */
export function checkToolNames({ grants, policies }: ControlState, tools: ListedTools): readonly Check[] {
  const used = new Map<string, Set<string>>();
  for (const { servers, revokedMs } of grants.values()) {
    if (revokedMs !== undefined) continue;
    for (const [server, policy] of servers) {
      if (policy === undefined || !tools.has(server)) continue;
      used.set(policy, (used.get(policy) ?? new Set()).add(server));
    }
  }
  return [...used].flatMap(([id, servers]) => {
    const policy = policies.get(id);
    return policy === undefined ? [] : absentTools(policy, servers, tools);
  });
}

/** A policy may serve several servers: a name is absent when none of them has it. */
function absentTools(policy: PolicyEntry, servers: ReadonlySet<string>, tools: ListedTools): readonly Check[] {
  const { id, version, sha256, document } = policy;
  const known = [...servers].flatMap((server) =>
    (tools.get(server) ?? []).map(({ name, inputSchema }) => ({
      name,
      ...(isObject(inputSchema) ? { inputSchema } : {}),
    })),
  );
  const { problems } = loadPolicy(document, { identity: { id, version, sha256 }, tools: known });
  return problems
    .filter(({ code }) => code === "TOOL_UNKNOWN")
    .map(({ message, hint }) => warning(`policy ${id}`, `${message} (on ${[...servers].join(", ")})`, hint));
}
