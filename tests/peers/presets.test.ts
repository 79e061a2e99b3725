import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { openHttpLegacy } from "../kit/clients.ts";
import { makeFolder } from "../kit/folder.ts";
import { startServe } from "../kit/gateway.ts";
import { closeAll } from "../kit/opened.ts";
import { runCommand } from "../kit/run-command.ts";
import { ensurePackage, type PeerPackage } from "./packages.ts";

// What somebody does with a server that is new to them: scan it, take the policy to start from, put it in front.

afterEach(closeAll);

interface Row {
  readonly peer: PeerPackage;
  readonly args: (folder: string) => readonly string[];
  /** A call that only reads. */
  readonly read: { readonly tool: string; readonly args: (folder: string) => Readonly<Record<string, unknown>> };
  /** A call that destroys, where the server has such a tool. */
  readonly destroy?: { readonly tool: string; readonly args: (folder: string) => Readonly<Record<string, unknown>> };
}

const rows: readonly Row[] = [
  {
    peer: "memory",
    args: () => [],
    read: { tool: "read_graph", args: () => ({}) },
    destroy: { tool: "delete_entities", args: () => ({ entityNames: ["Ada"] }) },
  },
  {
    peer: "filesystem",
    args: (folder) => [folder],
    read: { tool: "list_directory", args: (path) => ({ path }) },
  },
  { peer: "everything", args: () => [], read: { tool: "echo", args: () => ({ message: "hello" }) } },
];

const scanned = z.object({
  servers: z.array(
    z.object({ record: z.object({ tools: z.array(z.object({ name: z.string(), category: z.string() })) }) }),
  ),
});

describe("the balanced policy that a scan writes, in front of the real server", () => {
  it.each(rows)("lets a read call of $peer through and stops what destroys", async ({ peer, args, read, destroy }) => {
    const home = makeFolder();
    const data = join(home, "data");
    mkdirSync(data);
    const command = [process.execPath, ensurePackage(peer), ...args(data)];
    const file = join(home, "start.yaml");
    const env = { MEMORY_FILE_PATH: join(home, "memory.json") };
    const flags = [
      "--json",
      "--preset",
      "balanced",
      "--policy",
      file,
      "--env",
      "MEMORY_FILE_PATH",
      "--fail-on",
      "critical",
    ];
    const scan = await runCommand(["scan", ...flags, "--", ...command], home, { env });
    expect([scan.code, scan.err]).toEqual([0, expect.stringContaining("wrote")]);
    const tools = scanned.parse(JSON.parse(scan.out)).servers[0]?.record.tools ?? [];
    const destructive = tools.filter(({ category }) => category === "Destructive").map(({ name }) => name);

    const [program = "", ...rest] = command;
    const gateway = await startServe({
      policies: { p: { version: "1", default: "deny" } },
      settings: { policies: { p: file } },
      servers: { peer: { command: program, args: rest, env } },
    });
    const client = await openHttpLegacy(gateway.url(), gateway.token());
    const listed = await client.list();
    expect(listed).toContain(read.tool);
    expect(listed.filter((name) => destructive.includes(name))).toEqual([]);
    const answer = await client.call(read.tool, read.args(data));
    expect([answer.isError, answer.decision]).toEqual([false, undefined]);
    if (destroy === undefined) return;
    expect(destructive).toContain(destroy.tool);
    const refused = await client.call(destroy.tool, destroy.args(data));
    expect(refused.error?.message).toBe(`Unknown tool: ${destroy.tool}`);
    expect(gateway.rows.calls().map(({ tool, outcome, code }) => [tool, outcome, code])).toEqual([
      [read.tool, "allow", "allowed"],
      [destroy.tool, "deny", "hidden"],
    ]);
  });
});
