import { describe, expect, it } from "vitest";
import { entryOf, type Imported } from "./imported-server.ts";
import { readImport } from "./read-import.ts";

const context = { name: "notes", importedAt: "2026-11-26T12:00:00.000Z", areNamesChecked: false };
const read = (value: unknown): Imported => readImport(JSON.stringify(value), context);

const serverJson = {
  $schema: "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json",
  name: "io.github.acme/notes",
  title: "Notes",
  description: "Keeps notes.",
  version: "1.4.0",
  repository: { url: "https://github.com/acme/notes", source: "github" },
  packages: [
    {
      registryType: "npm",
      identifier: "@acme/notes",
      version: "1.4.0",
      transport: { type: "stdio" },
      environmentVariables: [{ name: "NOTES_KEY", isRequired: true, isSecret: true, value: "should-not-be-kept" }],
    },
    {
      registryType: "oci",
      identifier: "ghcr.io/acme/notes:1.4.0",
      transport: { type: "streamable-http", url: "http://127.0.0.1" },
    },
  ],
  remotes: [{ type: "streamable-http", url: "https://user:pass@notes.example.com/mcp?key=secret" }],
};
const official = (more: object): object => ({
  "io.modelcontextprotocol.registry/official": { status: "active", ...more },
});

describe("importing", () => {
  it("reads a server.json, whose name nobody has checked", () => {
    const { format, servers } = read(serverJson);
    expect(format).toBe("server.json");
    const { record, isExamined } = entryOf(servers[0] ?? expect.unreachable());
    expect(isExamined).toBe(false);
    expect(record).toMatchObject({
      slug: "io-github-acme-notes",
      name: "Notes",
      description: "Keeps notes.",
      packages: [
        { registry: "npm", name: "@acme/notes", version: "1.4.0" },
        { registry: "oci", name: "ghcr.io/acme/notes", version: "1.4.0" },
      ],
      remotes: ["https://notes.example.com/mcp"],
      repository: "https://github.com/acme/notes",
      transport: ["stdio", "streamable-http"],
      identity: { level: "community" },
      posture: { auth: "gated" },
      source: "registry",
    });
    expect(JSON.stringify(record)).not.toMatch(/secret|pass@|should-not/u);
  });

  it("reads a page of the registry's list, the latest version of each, with the owner where somebody says that the registry checks names", () => {
    const list = {
      servers: [
        { server: serverJson, _meta: official({ isLatest: true }) },
        {
          server: { ...serverJson, name: "com.acme/notes", repository: undefined },
          _meta: official({ isLatest: true }),
        },
        { server: { ...serverJson, version: "1.0.0" }, _meta: official({ isLatest: false }) },
        {
          server: { ...serverJson, name: "io.github.acme/gone" },
          _meta: official({ isLatest: true, status: "deleted" }),
        },
      ],
      metadata: { count: 4, nextCursor: "com.acme/notes:1.4.0" },
    };
    const levels = ({ servers }: Imported) => servers.map(({ facts }) => [facts.registryName, facts.identity.level]);
    const { format, nextCursor } = read(list);
    expect(format).toBe("registry list");
    expect(nextCursor).toBe("com.acme/notes:1.4.0");
    expect(levels(read(list))).toEqual([
      ["io.github.acme/notes", "community"],
      ["com.acme/notes", "community"],
    ]);
    expect(levels(readImport(JSON.stringify(list), { ...context, areNamesChecked: true }))).toEqual([
      ["io.github.acme/notes", "verified"],
      ["com.acme/notes", "official"],
    ]);
  });

  it("reads the older list, without wrapping and with underscores", () => {
    const { servers } = read({
      servers: [
        { name: "io.github.acme/old", version: "1", packages: [{ registry_type: "pypi", identifier: "acme-old" }] },
      ],
      metadata: { next_cursor: "x" },
    });
    expect(servers[0]?.facts.packages).toEqual([{ registry: "pypi", name: "acme-old", version: "1" }]);
  });

  it("reads Docker's tools.json, and classifies what it tells of", () => {
    const { format, servers } = read([
      { name: "list_notes", description: "Lists.", arguments: [] },
      {
        name: "delete_note",
        arguments: [
          { name: "id", type: "string", desc: "which", required: true },
          { name: "tags", type: "array", items: { type: "string" } },
        ],
      },
      { name: "setup" },
    ]);
    expect(format).toBe("docker tools.json");
    const { record, isExamined } = entryOf(servers[0] ?? expect.unreachable());
    expect(isExamined).toBe(true);
    expect(record.slug).toBe("notes");
    expect(record.tools[0]).toMatchObject({
      name: "delete_note",
      category: "Destructive",
      parameters: [
        { name: "id", type: "string", required: true },
        { name: "tags", type: "array", required: false },
      ],
    });
  });

  it("reads ToolHive's registry: containers and remote servers, tools by name", () => {
    const { format, servers } = read({
      version: "1.0.0",
      last_updated: "2026-01-12T00:00:00Z",
      servers: {
        notes: {
          image: "ghcr.io/acme/notes:2.0",
          description: "n",
          tier: "Community",
          transport: "stdio",
          tools: ["list_notes", "delete_note"],
          repository_url: "https://github.com/acme/notes",
        },
      },
      remote_servers: {
        mail: {
          url: "https://mail.example.com/mcp?t=1",
          tier: "Official",
          transport: "sse",
          tools: [],
          oauth_config: { issuer: "https://i.example.com" },
        },
      },
    });
    expect(format).toBe("toolhive");
    expect(
      servers
        .map((server) => entryOf(server))
        .map(({ record, isExamined }) => [
          record.slug,
          isExamined,
          record.packages,
          record.remotes,
          record.posture.auth,
        ]),
    ).toEqual([
      ["acme-notes", true, [{ registry: "oci", name: "ghcr.io/acme/notes", version: "2.0" }], [], "unknown"],
      ["mail-example-com-mcp", false, [], ["https://mail.example.com/mcp"], "gated"],
    ]);
  });

  it("reads ToolHive's newer registry, with tools in what it adds to an entry of the MCP registry", () => {
    const { servers } = read({
      data: {
        servers: [
          {
            ...serverJson,
            _meta: {
              "io.modelcontextprotocol.registry/publisher-provided": {
                "io.github.stacklok": { x: { tools: ["delete_note"] } },
              },
            },
          },
        ],
      },
    });
    expect(servers[0]?.tools).toEqual([{ name: "delete_note" }]);
    const definition = { name: "delete_note", inputSchema: { type: "object" } };
    const whole = read({
      ...serverJson,
      _meta: { publisher: { image: { tools: ["x"], tool_definitions: [definition] } } },
    });
    expect(whole.servers[0]?.tools).toEqual([definition]);
  });

  it.each([
    ["the whole message", (tools: unknown) => ({ jsonrpc: "2.0", id: 1, result: { tools } })],
    ["its result", (tools: unknown) => ({ tools })],
    ["the bare list", (tools: unknown) => tools],
  ])("reads a saved tools/list answer: %s", (_, wrap) => {
    const { format, servers } = read(wrap([{ name: "read_note", inputSchema: { type: "object" } }]));
    expect(format).toBe("tools/list");
    expect(servers[0]?.facts.name).toBe("notes");
    expect(servers[0]?.tools).toHaveLength(1);
  });

  const entries = {
    notes: { command: "npx", args: ["-y", "@acme/notes@1.0.0", "--token", "s3cret"], env: { KEY: "s3cret" } },
    mail: { type: "http", url: "https://mail.example.com/mcp?key=s3cret", headers: { Authorization: "Bearer s3cret" } },
  };
  it.each([
    [".mcp.json", JSON.stringify({ mcpServers: entries })],
    ["VS Code, with comments", `// mine\n${JSON.stringify({ servers: entries, inputs: [] })}`],
    ["VS Code's settings", JSON.stringify({ mcp: { servers: entries } })],
    [
      "Codex",
      '[mcp_servers.notes]\ncommand = "npx"\nargs = ["-y", "@acme/notes@1.0.0", "s3cret"]\n[mcp_servers.mail]\nurl = "https://mail.example.com/mcp?key=s3cret"\n',
    ],
  ])("reads a client's configuration and keeps none of its values: %s", (_, text) => {
    const { format, servers } = readImport(text, context);
    expect(format).toBe("client");
    expect(servers.map(({ facts, tools }) => [facts.name, facts.packages, facts.remotes, tools])).toEqual([
      ["notes", [{ registry: "npm", name: "@acme/notes", version: "1.0.0" }], [], undefined],
      ["mail", [], ["https://mail.example.com/mcp"], undefined],
    ]);
    expect(JSON.stringify(servers)).not.toContain("s3cret");
  });

  it.each([
    "",
    "null",
    "[]",
    "{}",
    "12",
    '{"servers":[]}',
    '{"servers":{}}',
    '{"tools":[]}',
    "<html>",
    '{"name":"x"}',
    "[1,2]",
  ])("refuses what is none of them: %s", (text) => {
    expect(() => readImport(text, context)).toThrow(expect.objectContaining({ code: "INPUT_INVALID" }));
  });
});
