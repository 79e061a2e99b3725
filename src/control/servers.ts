import type { Actor } from "../audit/admin-event.ts";
import type { ServerAccess } from "../config/settings.ts";
import { volatileFault, volatileHint } from "../definitions/definition-digest.ts";
import { AppError } from "../errors.ts";
import type { Change } from "../store/control-database.ts";
import type { JsonObject } from "../values/json.ts";
import { outboundUrlFault } from "../values/public-address.ts";
import { approvedCommand } from "./approved-command.ts";
import {
  type ControlContext,
  demand,
  demandRevision,
  type ExpectedRevision,
  type InputProblem,
  invalid,
  notFound,
  readOnly,
} from "./control-context.ts";
import { readServers, type StoredServerSettings } from "./load-state.ts";
import { alikeName, serverNameProblem } from "./names.ts";
import type { ServerEntry } from "./state.ts";

/** How a registered server is reached: an address, or a command that the operator's files approve. No secret. */
export type AccessInput =
  | { readonly kind: "url"; readonly url: string; readonly transport: "streamable-http" | "sse" }
  | { readonly kind: "command"; readonly command: string; readonly args: readonly string[] };

/** What a server is registered with. */
export interface ServerInput {
  readonly title: string;
  readonly access: AccessInput;
  readonly settings: StoredServerSettings;
}

/**
 * Registers a server under a name, which is its address at the gateway: `/mcp/<id>`. Nothing is connected yet. Throws
 * `FORBIDDEN`, `NAME_TAKEN`, `INPUT_INVALID`, and `OPERATOR_ONLY` for a command that the files do not allow.
 */
export async function registerServer(
  context: ControlContext,
  actor: Actor,
  id: string,
  input: ServerInput,
): Promise<void> {
  demand(actor, "servers.write");
  const problem = serverNameProblem(id);
  if (problem !== undefined) throw invalid([{ path: "/id", ...problem }]);
  checkVolatile(input.settings);
  const access = checkAccess(context, input.access);
  await context.database.change(actor, async (change) => {
    const { tx, nowMs } = change;
    const rows = await tx.selectFrom("servers").select("id").execute();
    const other = alikeName(id, [...context.state().servers.keys(), ...rows.map((row) => row.id)]);
    if (other !== undefined) throw new AppError("NAME_TAKEN", `\`${id}\` is too like the server \`${other}\``);
    await tx
      .insertInto("servers")
      .values({
        id,
        title: input.title,
        access: JSON.stringify(access),
        settings: JSON.stringify(input.settings),
        is_disabled: 0,
        created_ms: nowMs,
        updated_ms: nowMs,
        revision: 1,
      })
      .execute();
    change.record({
      action: "server.create",
      objectId: id,
      after: shown({ title: input.title, access, ...input.settings }),
    });
  });
}

/** What of a server can be changed; members left out stay. */
export interface ServerEdit {
  readonly title?: string;
  readonly access?: AccessInput;
  readonly settings?: StoredServerSettings;
  readonly isDisabled?: boolean;
}

/**
 * Changes a server, from the next call on. Credentials that were entered for another address stay behind. Throws as
 * {@link registerServer}, and `NOT_FOUND`, `READ_ONLY`, `REVISION_STALE`.
 */
export async function editServer(
  context: ControlContext,
  actor: Actor,
  id: string,
  edit: ServerEdit,
  expected: ExpectedRevision,
): Promise<void> {
  demand(actor, "servers.write");
  if (edit.settings !== undefined) checkVolatile(edit.settings);
  const access = edit.access === undefined ? undefined : checkAccess(context, edit.access);
  await context.database.change(actor, async (change) => {
    const server = await storedServer(context, change, id);
    demandRevision(server.revision, expected);
    const stored = await storedSettings(change, id);
    const next = {
      title: edit.title ?? server.title,
      access: access ?? server.settings.access,
      isDisabled: edit.isDisabled ?? server.isDisabled,
    };
    await change.tx
      .updateTable("servers")
      .set({
        title: next.title,
        access: JSON.stringify(next.access),
        settings: JSON.stringify({ ...stored, ...edit.settings }),
        is_disabled: next.isDisabled ? 1 : 0,
        updated_ms: change.nowMs,
        revision: server.revision + 1,
      })
      .where("id", "=", id)
      .execute();
    const before = { title: server.title, access: server.settings.access, isDisabled: server.isDisabled };
    change.record({
      action: "server.edit",
      objectId: id,
      before: shown(before),
      after: shown({ ...next, ...edit.settings }),
    });
  });
}

/**
 * Removes a server with its credentials and its tool list; no grant opens it any more, also not one of the same name
 * that is registered later. Throws `FORBIDDEN`, `NOT_FOUND`, `READ_ONLY` and `REVISION_STALE`.
 */
export async function removeServer(
  context: ControlContext,
  actor: Actor,
  id: string,
  expected: ExpectedRevision,
): Promise<void> {
  demand(actor, "servers.write");
  await context.database.change(actor, async (change) => {
    const server = await storedServer(context, change, id);
    demandRevision(server.revision, expected);
    const { tx } = change;
    const closed = await tx.selectFrom("grant_servers").select("grant_id").where("server", "=", id).execute();
    for (const table of [
      "grant_servers",
      "secrets",
      "upstream_connections",
      "tool_lists",
      "tool_definitions",
      "tool_reviews",
    ] as const) {
      await tx.deleteFrom(table).where("server", "=", id).execute();
    }
    await tx.deleteFrom("servers").where("id", "=", id).execute();
    change.record({
      action: "server.remove",
      objectId: id,
      before: {
        ...shown({ title: server.title, access: server.settings.access }),
        grants: closed.map((row) => row.grant_id),
      },
    });
  });
}

/** What is stored of a server's settings, without the defaults that stand in for the rest. */
async function storedSettings({ tx }: Change, id: string): Promise<JsonObject> {
  const row = await tx.selectFrom("servers").select("settings").where("id", "=", id).executeTakeFirstOrThrow();
  const settings: JsonObject = JSON.parse(row.settings);
  return settings;
}

/** The server as the database has it now: another process may have changed it a moment ago. */
async function storedServer({ state }: ControlContext, { tx }: Change, id: string): Promise<ServerEntry> {
  if (state().servers.get(id)?.source === "file") throw readOnly("server", id);
  const [server] = await readServers(tx, id);
  if (server === undefined) throw notFound("server", id);
  return server;
}

/**
 * What may be reached by who administers over HTTP. Throws `INPUT_INVALID` for an address that may not, and
 * `OPERATOR_ONLY` for a command that the operator's files do not allow.
 */
export function checkAccess(context: ControlContext, access: AccessInput): ServerAccess {
  if (access.kind === "command") return checkCommand(context, access);
  const { allowPrivateAddresses } = context.rules();
  const fault = outboundUrlFault(access.url, allowPrivateAddresses);
  if (fault === undefined) return { ...access, headers: {} };
  const isPrivate = !allowPrivateAddresses && outboundUrlFault(access.url, true) === undefined;
  const problem: InputProblem = {
    path: "/access/url",
    message: fault,
    hint: isPrivate
      ? "the operator can allow it: `allow: { private_addresses: true }` in callgate.yaml"
      : "write `https://host/mcp`, without user or fragment",
  };
  throw invalid([problem]);
}

/** A command is code on the gateway's machine: nothing but what the operator wrote down, word for word. */
function checkCommand(context: ControlContext, { command, args }: AccessInput & { kind: "command" }): ServerAccess {
  if (approvedCommand(context.rules(), { command, args }) !== undefined)
    return { kind: "command", command, args, env: {}, cwd: undefined };
  const message =
    "a command runs on the gateway's machine, and the operator's files do not allow this one: have it put word for word " +
    "under `allow: { commands: [{ command: ..., args: [...] }] }` in callgate.yaml";
  throw new AppError("OPERATOR_ONLY", message);
}

function shown(server: Readonly<Record<string, unknown>>): JsonObject {
  const copy: JsonObject = JSON.parse(JSON.stringify(server));
  return copy;
}

function checkVolatile({ volatileText = [] }: StoredServerSettings): void {
  const problems = volatileText.flatMap((pattern, index): InputProblem[] => {
    const fault = volatileFault(pattern);
    const path = `/settings/volatileText/${index}`;
    return fault === undefined ? [] : [{ path, message: fault, hint: volatileHint }];
  });
  if (problems.length > 0) throw invalid(problems);
}
