import { join } from "node:path";

/** Where this machine keeps things. */
export interface Places {
  readonly home: string;
  /** The project's folder. */
  readonly project: string;
  readonly platform: NodeJS.Platform;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** One file that a client reads its servers from. */
export interface ClientFile {
  /** Stable, kebab-case. */
  readonly client: string;
  readonly scope: "project" | "user";
  /** A file, or for a folder of files `FOLDER/*`. */
  readonly file: string;
  readonly format: "json" | "toml" | "yaml";
  /** The steps to the servers in it. */
  readonly key: readonly string[];
}

type Format = ClientFile["format"];

/** What a client reads, without its places: `project` below the project's folder, `user` where the platform has it. */
interface ClientRow {
  readonly client: string;
  readonly key: readonly string[];
  readonly format?: Format;
  readonly project?: readonly string[];
  readonly user: (places: Places) => readonly string[];
}

const mcpServers = ["mcpServers"] as const;

/** Every client with its files; from the clients' own documentation, November 2026. */
const rows: readonly ClientRow[] = [
  {
    client: "claude-code",
    key: mcpServers,
    project: [".mcp.json"],
    user: ({ home }) => [join(home, ".claude.json")],
  },
  {
    client: "claude-desktop",
    key: mcpServers,
    user: (places) => [join(applicationFolder(places), "Claude", "claude_desktop_config.json")],
  },
  {
    client: "cursor",
    key: mcpServers,
    project: [".cursor/mcp.json"],
    user: ({ home }) => [join(home, ".cursor", "mcp.json")],
  },
  {
    client: "vs-code",
    key: ["servers"],
    project: [".vscode/mcp.json"],
    user: (places) => [join(applicationFolder(places), "Code", "User", "mcp.json")],
  },
  { client: "copilot-cli", key: mcpServers, user: ({ home }) => [join(home, ".copilot", "mcp-config.json")] },
  {
    client: "windsurf",
    key: mcpServers,
    user: ({ home }) => [
      join(home, ".codeium", "windsurf", "mcp_config.json"),
      join(home, ".codeium", "mcp_config.json"),
    ],
  },
  {
    client: "codex",
    key: ["mcp_servers"],
    format: "toml",
    project: [".codex/config.toml"],
    user: ({ home, environment }) => [join(environment["CODEX_HOME"] ?? join(home, ".codex"), "config.toml")],
  },
  {
    client: "gemini-cli",
    key: mcpServers,
    project: [".gemini/settings.json"],
    user: ({ home }) => [join(home, ".gemini", "settings.json")],
  },
  {
    client: "zed",
    key: ["context_servers"],
    project: [".zed/settings.json"],
    user: (places) => [
      places.platform === "win32"
        ? join(applicationFolder(places), "Zed", "settings.json")
        : join(places.home, ".config", "zed", "settings.json"),
    ],
  },
  {
    client: "goose",
    key: ["extensions"],
    format: "yaml",
    user: (places) => [
      places.platform === "win32"
        ? join(applicationFolder(places), "Block", "goose", "config", "config.yaml")
        : join(places.home, ".config", "goose", "config.yaml"),
    ],
  },
  {
    client: "continue",
    key: mcpServers,
    format: "yaml",
    project: [".continue/mcpServers/*"],
    user: ({ home }) => [join(home, ".continue", "config.yaml")],
  },
  {
    client: "junie",
    key: mcpServers,
    project: [".junie/mcp/mcp.json"],
    user: ({ home }) => [join(home, ".junie", "mcp", "mcp.json")],
  },
  {
    client: "amazon-q",
    key: mcpServers,
    project: [".amazonq/default.json", ".amazonq/mcp.json"],
    user: ({ home }) =>
      ["default.json", "agents/default.json", "mcp.json", "cli-agents/*"].map((file) =>
        join(home, ".aws", "amazonq", file),
      ),
  },
  {
    client: "kiro",
    key: mcpServers,
    project: [".kiro/settings/mcp.json"],
    user: ({ home }) => [join(home, ".kiro", "settings", "mcp.json")],
  },
  {
    client: "opencode",
    key: ["mcp"],
    project: ["opencode.json", "opencode.jsonc"],
    user: ({ home }) => ["opencode.json", "opencode.jsonc"].map((file) => join(home, ".config", "opencode", file)),
  },
  { client: "callgate", key: ["servers"], format: "yaml", project: ["callgate.yaml", "callgate.yml"], user: () => [] },
];

/** Pure. Every file that a client known to us may read servers from; most of them are not there. */
export function clientFiles(places: Places): readonly ClientFile[] {
  return rows.flatMap(({ client, key, format = "json", project = [], user }) => [
    ...project.map((file): ClientFile => ({ client, key, format, scope: "project", file: join(places.project, file) })),
    ...user(places).map((file): ClientFile => ({ client, key, format, scope: "user", file })),
  ]);
}

function applicationFolder({ home, platform, environment }: Places): string {
  if (platform === "darwin") return join(home, "Library", "Application Support");
  if (platform === "win32") return environment["APPDATA"] ?? join(home, "AppData", "Roaming");
  return environment["XDG_CONFIG_HOME"] ?? join(home, ".config");
}
