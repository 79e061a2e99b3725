import { fetchTools, getTools, testServer, type ToolListView } from "../../api/contract/server-tools.ts";
import {
  createServer,
  deleteServer,
  editServer,
  getServer,
  listServers,
  type ServerAccessView,
  type ServerSettingsView,
  type ServerToEdit,
  type ServerView,
} from "../../api/contract/servers.ts";
import type { ToolFindingView } from "../../api/contract/findings.ts";
import type { ApiClient } from "../../admin-client/api-client.ts";
import { parseDuration } from "../../documents/durations.ts";
import { type Arguments, type Option, UsageError } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { formatFinding } from "../output/record.ts";
import { formatFields, formatTable } from "../output/table.ts";
import { type AdminVerb, type Shown, word } from "./admin-verb.ts";

const settingOptions: Readonly<Record<string, Option>> = {
  title: { type: "string", value: "TEXT", description: "what people see" },
  address: { type: "string", value: "URL", description: "where the server is, `https://host/mcp`" },
  sse: { type: "boolean", description: "it speaks the older HTTP+SSE transport" },
  "start-timeout": { type: "string", value: "TIME", description: "how long it may take to its first answer" },
  "call-timeout": { type: "string", value: "TIME", description: "how long a call may stay without answer or progress" },
  "call-deadline": { type: "string", value: "TIME", description: "how long a call may take in all" },
  "idle-timeout": { type: "string", value: "TIME", description: "how long a connection may stay unused" },
  "show-denied": {
    type: "string",
    value: "yes|no",
    description: "keep tools that a grant can never call in its lists",
  },
};

/** `callgate servers ...` */
export const serverVerbs: Readonly<Record<string, AdminVerb>> = {
  list: {
    takes: "",
    description: "Lists the servers.",
    example: "callgate servers list --json",
    run: async (client) => {
      const servers = await client.all(listServers);
      const rows = servers.map((server) => [server.id, stateOf(server), server.source, accessText(server.access)]);
      return { value: servers, lines: formatTable(["ID", "STATE", "FROM", "REACHED BY"], rows) };
    },
  },
  show: {
    takes: "ID",
    description: "Shows a server, how agents reach it, and what is still to be done.",
    example: "callgate servers show notes",
    run: async (client, args) => show(await client.send(getServer, { params: { serverId: word(args, 0) } })),
  },
  add: {
    takes: "ID [COMMAND ...]",
    description:
      "Registers a server: an address, or after `--` a command that the operator's files allow word for word. Nothing is connected yet.",
    options: settingOptions,
    example: "callgate servers add notes --address https://notes.example.com/mcp",
    run: async (client, args) => {
      const access = readAccess(args);
      if (access === undefined) throw new UsageError("name the server's `--address`, or its command after `--`");
      const title = args.text("title");
      const body = {
        id: word(args, 0),
        ...(title === undefined ? {} : { title }),
        access,
        settings: readSettings(args),
      };
      return show(await client.send(createServer, { body }));
    },
  },
  edit: {
    takes: "ID [COMMAND ...]",
    description: "Changes a server, from the next call on; what is left out stays.",
    options: settingOptions,
    example: "callgate servers edit notes --call-timeout 30s",
    run: async (client, args) => {
      const title = args.text("title");
      const access = readAccess(args);
      const settings = readSettings(args);
      const hasSettings = Object.keys(settings).length > 0;
      return edit(client, word(args, 0), {
        ...(title === undefined ? {} : { title }),
        ...(access === undefined ? {} : { access }),
        ...(hasSettings ? { settings } : {}),
      });
    },
  },
  remove: {
    takes: "ID",
    description: "Removes a server with its credentials; no grant opens it any more.",
    example: "callgate servers remove notes",
    run: async (client, args) => {
      const params = { serverId: word(args, 0) };
      const { revision } = await client.send(getServer, { params });
      await client.send(deleteServer, { params, revision });
      return { value: { removed: params.serverId }, lines: [`removed the server ${params.serverId}`] };
    },
  },
  enable: {
    takes: "ID",
    description: "Lets a disabled server be reached again.",
    example: "callgate servers enable notes",
    run: (client, args) => edit(client, word(args, 0), { isDisabled: false }),
  },
  disable: {
    takes: "ID",
    description: "Closes a server for every grant, from the next call on.",
    example: "callgate servers disable notes",
    run: (client, args) => edit(client, word(args, 0), { isDisabled: true }),
  },
  tools: {
    takes: "ID",
    description: "Shows the list of tools that was last fetched from a server.",
    example: "callgate servers tools notes",
    run: async (client, args) => showTools(await client.send(getTools, { params: { serverId: word(args, 0) } })),
  },
  refresh: {
    takes: "ID",
    description: "Asks a server for its tools now, keeps the list, and shows what in it should be looked at.",
    example: "callgate servers refresh notes",
    run: async (client, args) => showTools(await client.send(fetchTools, { params: { serverId: word(args, 0) } })),
  },
  test: {
    takes: "ID",
    description:
      "Connects to a server as the gateway would and says how it went, and what in its tools should be looked at; no tool is called. Exit code 1 when it cannot be reached.",
    example: "callgate servers test notes",
    run: async (client, args) => {
      const value = await client.send(testServer, { params: { serverId: word(args, 0) } });
      const { isReachable, protocolVersion, toolCount, findings, problem } = value;
      const line = isReachable
        ? `reached: ${toolCount ?? 0} tools, protocol ${protocolVersion ?? "unknown"}`
        : `not reached: ${problem?.code ?? ""} ${problem?.message ?? ""}`;
      return {
        value,
        lines: [...formatFields({ [word(args, 0)]: line }), ...formatFindings(findings)],
        exitCode: isReachable ? exitCodes.done : exitCodes.refused,
      };
    },
  },
};

async function edit(client: ApiClient, serverId: string, body: ServerToEdit): Promise<Shown> {
  const params = { serverId };
  const { revision } = await client.send(getServer, { params });
  return show(await client.send(editServer, { params, body, revision }));
}

function show(server: ServerView): Shown {
  const { settings, missingSteps } = server;
  const lines = formatFields({
    id: server.id,
    title: server.title,
    state: stateOf(server),
    from: server.source,
    "reached by": accessText(server.access),
    "agents use": server.proxyUrl,
    credentials: server.authMode,
    grants: server.grants.join(", ") || "none",
    policies: server.policies.join(", ") || "none",
    "time-outs": `start ${settings.startTimeoutMs / 1_000} s, call ${settings.callTimeoutMs / 1_000} s, in all ${settings.callDeadlineMs / 1_000} s, idle ${settings.idleTimeoutMs / 1_000} s`,
    "still to do": missingSteps.join(", ").replaceAll("_", " ") || "nothing",
  });
  return { value: server, lines };
}

function showTools(list: ToolListView): Shown {
  const fetched = list.fetchedAt === null ? "never fetched: `callgate servers refresh`" : `fetched ${list.fetchedAt}`;
  const rows = list.tools.map(({ name, definition }) => [name, firstLine(definition["description"])]);
  const table = formatTable(["TOOL", "IT SAYS"], rows);
  const head = `${list.tools.length} tools, ${fetched}`;
  return { value: list, lines: [head, ...table, ...formatFindings(list.findings)] };
}

function formatFindings(findings: readonly ToolFindingView[]): readonly string[] {
  return findings.map((finding) => formatFinding({ ...finding, subject: { kind: "tool", name: finding.tool } }));
}

const descriptionShown = 80;

function firstLine(text: unknown): string {
  const [line = ""] = typeof text === "string" ? text.split("\n") : [];
  return line.length > descriptionShown ? `${line.slice(0, descriptionShown)}...` : line;
}

function stateOf({ isDisabled, missingSteps }: ServerView): string {
  if (isDisabled) return "disabled";
  return missingSteps.length === 0 ? "ready" : "unfinished";
}

function accessText(access: ServerAccessView): string {
  return access.kind === "url" ? access.url : [access.command, ...access.args].join(" ");
}

function readAccess(args: Arguments): ServerAccessView | undefined {
  const url = args.text("address");
  const [, command, ...rest] = args.positionals;
  if (url !== undefined && command !== undefined)
    throw new UsageError("name either `--address` or a command, not both");
  if (url !== undefined) return { kind: "url", url, transport: args.flag("sse") ? "sse" : "streamable-http" };
  if (args.flag("sse")) throw new UsageError("`--sse` goes with `--address`");
  return command === undefined ? undefined : { kind: "command", command, args: rest };
}

function readSettings(args: Arguments): Partial<ServerSettingsView> {
  const times = {
    startTimeoutMs: readTime(args, "start-timeout"),
    callTimeoutMs: readTime(args, "call-timeout"),
    callDeadlineMs: readTime(args, "call-deadline"),
    idleTimeoutMs: readTime(args, "idle-timeout"),
  };
  const showDenied = args.text("show-denied");
  if (showDenied !== undefined && showDenied !== "yes" && showDenied !== "no")
    throw new UsageError("`--show-denied` takes yes or no");
  return {
    ...Object.fromEntries(Object.entries(times).filter(([, value]) => value !== undefined)),
    ...(showDenied === undefined ? {} : { showDenied: showDenied === "yes" }),
  };
}

function readTime(args: Arguments, name: string): number | undefined {
  const text = args.text(name);
  if (text === undefined) return undefined;
  const timeMs = parseDuration(/^\d+$/.test(text) ? Number(text) : text);
  if (timeMs === undefined) throw new UsageError(`\`--${name}\` takes a length of time: write \`90s\` or \`5m\``);
  return timeMs;
}
