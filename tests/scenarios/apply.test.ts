import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AdminGateway, startAdmin } from "../kit/admin.ts";
import { openHttpModern } from "../kit/clients.ts";
import { makeFolder } from "../kit/folder.ts";
import { closeAll } from "../kit/opened.ts";
import { runCommand } from "../kit/run-command.ts";
import { echoServer } from "../kit/spy.ts";

let admin: AdminGateway;
let home = "";
beforeAll(async () => {
  home = makeFolder();
  const commands = [{ command: process.execPath, args: [echoServer] }];
  admin = await startAdmin({
    servers: { filed: [] },
    policies: { filed: '{"version":"1","default":"deny"}' },
    settings: { allow: { private_addresses: true, commands } },
  });
});
afterAll(closeAll);

function callgate(role: keyof AdminGateway["tokens"], ...args: readonly string[]) {
  return runCommand(args, home, { env: { CALLGATE_URL: admin.gateway.origin, CALLGATE_TOKEN: admin.tokens[role] } });
}

/** Writes a folder for `apply`; its path. */
function folderOf(name: string, config: unknown, policies: Readonly<Record<string, string>> = {}): string {
  const folder = join(home, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "callgate.yaml"), JSON.stringify(config, undefined, 2));
  for (const [file, text] of Object.entries(policies)) writeFileSync(join(folder, file), text);
  return folder;
}

const safe = '{\n  "version": "1",\n  "default": "deny",\n  "tools": { "safe": {} }\n}\n';
const wider = '{\n  "version": "1",\n  "default": "deny",\n  "tools": { "safe": {}, "evil": {} }\n}\n';
const echo = { command: process.execPath, args: [echoServer], call_timeout: "7s" };
const notes = { url: "http://127.0.0.1:9/mcp", headers: { "X-Api-Key": "${NOTES_KEY}" } };
const config = {
  listen: "127.0.0.1:1",
  servers: { echo, notes },
  policies: { careful: "careful.json" },
  grants: {
    alice: { owner: "alice@example.com", tags: { team: "a" }, servers: { echo: "careful", notes: null } },
    bob: { label: "bob's laptop", servers: { echo: "careful" }, expires: "2027-01-31T00:00:00Z" },
  },
};

describe("callgate apply", () => {
  it("shows what it would do and changes nothing, then does it, then has nothing to do [R46]", async () => {
    const folder = folderOf("first", config, { "careful.json": safe });
    const dry = await callgate("admin", "apply", "-f", folder, "--dry-run");
    expect(dry.code).toBe(1);
    for (const line of [
      "+ policy careful",
      "+ server echo",
      "+ server notes",
      "+ grant alice",
      "+ grant bob's laptop",
    ]) {
      expect(dry.out).toContain(`${line}\n`);
    }
    expect(dry.out).toContain("5 to add, 0 to change, 0 to remove\nnothing was changed (--dry-run)");
    expect(dry.err).toContain("`listen` is the gateway's own and is not applied");
    expect(dry.err).toContain("`X-Api-Key` of the server `notes` is not applied");
    expect((await callgate("admin", "policies", "show", "careful")).code).toBe(1);

    const tokens = join(home, "tokens.json");
    const done = await callgate("admin", "apply", "-f", folder, "--tokens-out", tokens);
    expect(done.code).toBe(0);
    expect(done.out).toContain("5 of 5 changes made");
    expect(done.out).not.toContain("cg_");
    expect(statSync(tokens).mode & 0o777).toBe(0o600);
    const minted: readonly { readonly label: string; readonly token: string }[] = JSON.parse(
      readFileSync(tokens, "utf8"),
    );
    expect(minted.map(({ label }) => label)).toEqual(["alice", "bob's laptop"]);
    const client = openHttpModern(`${admin.gateway.origin}/mcp/echo`, minted[0]?.token ?? "");
    expect((await client.call("safe")).isError).toBe(false);
    expect((await client.call("evil")).isError).toBe(true);

    for (const more of [["--dry-run"], [], ["--prune", "--dry-run"]]) {
      const again = await callgate("admin", "apply", "-f", folder, ...more);
      expect({ more, code: again.code, out: again.out }).toMatchObject({
        code: 0,
        out: expect.stringContaining("0 to add, 0 to change, 0 to remove"),
      });
    }
  });

  it("changes what differs, with a unified diff of a policy, in force for the next call [R46]", async () => {
    const minted = await callgate("admin", "grants", "list", "--json");
    const [alice] = [...JSON.parse(minted.out)].filter((grant: { label: string }) => grant.label === "alice");
    const rotated = await callgate("admin", "grants", "rotate", alice.id, "--json");
    const client = openHttpModern(`${admin.gateway.origin}/mcp/echo`, JSON.parse(rotated.out).token);
    const folder = folderOf(
      "second",
      {
        servers: { echo: { ...echo, call_timeout: "9s" }, notes },
        policies: { careful: "careful.json" },
        grants: {
          ...config.grants,
          alice: { ...config.grants.alice, owner: "ada@example.com", servers: { echo: "careful" } },
        },
      },
      { "careful.json": wider },
    );
    const { code, out } = await callgate("admin", "apply", "-f", folder);
    expect(code).toBe(0);
    expect(out).toContain("~ policy careful\n    @@ ");
    expect(out).toContain('    -  "tools": { "safe": {} }\n    +  "tools": { "safe": {}, "evil": {} }\n');
    expect(out).toContain("~ server echo\n    callTimeoutMs: 7000 -> 9000\n");
    expect(out).toContain('owner: "alice@example.com" -> "ada@example.com"');
    expect(out).toContain("3 of 3 changes made");
    expect((await client.call("evil")).isError).toBe(false);
    expect((await callgate("admin", "policies", "versions", "careful")).out).toMatch(/^2 /m);
  });

  it("exports what is applied again without a difference [R46]", async () => {
    const folder = join(home, "exported");
    const written = await callgate("admin", "export", folder);
    expect({ code: written.code, out: written.out }).toEqual({ code: 0, out: `wrote 2 files to ${folder}\n` });
    expect(readFileSync(join(folder, "policies/careful.json"), "utf8")).toBe(wider);
    const text = readFileSync(join(folder, "callgate.yaml"), "utf8");
    expect(text).toContain("call_timeout: 9s");
    expect(text).not.toMatch(/filed|cg_/);
    expect(await callgate("admin", "apply", "-f", folder, "--prune", "--dry-run")).toMatchObject({
      code: 0,
      out: expect.stringContaining("0 to add, 0 to change, 0 to remove"),
    });
    expect(await callgate("admin", "export", folder)).toMatchObject({
      code: 2,
      err: expect.stringContaining("--force"),
    });
    expect((await callgate("admin", "export", folder, "--force")).code).toBe(0);
    // A viewer exports too, and applies nothing.
    writeFileSync(join(folder, "policies/careful.json"), safe);
    expect(await callgate("viewer", "apply", "-f", folder)).toMatchObject({
      code: 1,
      out: expect.stringContaining("stopped at policy careful, which was refused"),
      err: expect.stringContaining("FORBIDDEN"),
    });
  });

  it("removes what the files do not name only when told to", async () => {
    const folder = folderOf(
      "third",
      { servers: { echo }, policies: { careful: "careful.json" } },
      { "careful.json": wider },
    );
    const kept = await callgate("admin", "apply", "-f", folder, "--json");
    expect(JSON.parse(kept.out).kept.toSorted()).toEqual([
      expect.stringMatching(/^grant alice \(/),
      expect.stringMatching(/^grant bob's laptop \(/),
      "server notes",
    ]);
    const { code, out } = await callgate("admin", "apply", "-f", folder, "--prune");
    expect(code).toBe(0);
    expect(out).toContain("- server notes");
    const empty = folderOf("fourth", { servers: {} });
    expect((await callgate("admin", "apply", "-f", empty, "--prune")).code).toBe(0);
    const left = JSON.parse((await callgate("admin", "servers", "list", "--json")).out);
    expect(left.map((server: { id: string }) => server.id)).toEqual(["filed"]);
    expect(JSON.parse((await callgate("admin", "policies", "list", "--json")).out)).toMatchObject([{ id: "filed" }]);
  });

  it("does nothing when anything in the files is wrong, and says all of it", async () => {
    const bad = folderOf(
      "bad",
      {
        servers: { s: { command: "x", cwd: "/" } },
        policies: { p: "p.json", gone: "gone.json" },
        grants: { a: { token: "a-token-of-some-length", servers: {} } },
      },
      { "p.json": '{"version":"1","default":"maybe"}' },
    );
    const { code, out, err } = await callgate("admin", "apply", "-f", bad);
    expect({ code, out }).toEqual({ code: 1, out: "" });
    for (const says of ["/servers/s/cwd", "/policies/gone", "/grants/a/token", "p.json:1:"])
      expect(err).toContain(says);
    const unknown = folderOf("unknown", { servers: { filed: echo }, grants: { a: { servers: { no: "none" } } } });
    const refused = await callgate("admin", "apply", "-f", unknown);
    expect(refused.code).toBe(1);
    expect(refused.out).toContain("the server `filed` comes from the gateway's own files");
    expect(refused.out).toContain("names the server `no`, which is not there");
    expect(refused.out).toContain("names the policy `none`, which is not there");
    expect(refused.out).toContain("nothing was changed\n");
  });

  it("says what was done when the gateway refuses a change on the way", async () => {
    const folder = folderOf(
      "halfway",
      { servers: { other: { command: "not-allowed" } }, policies: { p: "p.json" } },
      { "p.json": safe },
    );
    const { code, out, err } = await callgate("admin", "apply", "-f", folder);
    expect(code).toBe(1);
    expect(out).toContain("stopped at server other, which was refused");
    expect(out).toContain("1 of 2 changes made");
    expect(err).toMatch(/OPERATOR_ONLY.*`allow: \{ commands: /);
  });
});
