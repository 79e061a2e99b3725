/** What a client is to be led through. */
export type SnippetTarget =
  /** A server of `callgate serve`; the token is in the environment variable `CALLGATE_TOKEN`. */
  | { readonly kind: "gateway"; readonly name: string; readonly url: string }
  /** `callgate run` before a server's own command. */
  | { readonly kind: "run"; readonly name: string; readonly command: string; readonly args: readonly string[] };

/** What to paste where. */
export interface Snippet {
  /** As in `callgate stack`. */
  readonly client: "claude-code" | "claude-desktop" | "cursor" | "vs-code" | "gemini-cli" | "codex";
  readonly title: string;
  /** Where it goes, for people. */
  readonly file: string;
  readonly text: string;
}

const variable = "CALLGATE_TOKEN";
const placeholder = "the token of your grant";

/** Pure. A snippet for each of the main clients, in the shape that its maker documents (docs/guides/clients.md). */
export function clientSnippets(target: SnippetTarget): readonly Snippet[] {
  const { name } = target;
  const desktopFolder = "claude_desktop_config.json in Claude's folder";
  return [
    {
      client: "claude-code",
      title: "Claude Code",
      file: ".mcp.json of the project",
      text: inKey(
        "mcpServers",
        name,
        target.kind === "run" ? started(target) : { type: "http", ...reached(target, `\${${variable}}`) },
      ),
    },
    {
      client: "claude-desktop",
      title: "Claude Desktop",
      file: desktopFolder,
      text: inKey("mcpServers", name, target.kind === "run" ? started(target) : bridged(target)),
    },
    {
      client: "cursor",
      title: "Cursor",
      file: ".cursor/mcp.json of the project, or ~/.cursor/mcp.json",
      text: inKey("mcpServers", name, target.kind === "run" ? started(target) : reached(target, placeholder)),
    },
    {
      client: "vs-code",
      title: "VS Code",
      file: ".vscode/mcp.json of the workspace",
      text: target.kind === "run" ? inKey("servers", name, { type: "stdio", ...started(target) }) : askedFor(target),
    },
    {
      client: "gemini-cli",
      title: "Gemini CLI",
      file: ".gemini/settings.json of the project, or ~/.gemini/settings.json",
      text: inKey(
        "mcpServers",
        name,
        target.kind === "run" ? started(target) : { httpUrl: target.url, headers: bearer(placeholder) },
      ),
    },
    { client: "codex", title: "Codex", file: "~/.codex/config.toml", text: asToml(target) },
  ];
}

type Gateway = SnippetTarget & { readonly kind: "gateway" };
type Run = SnippetTarget & { readonly kind: "run" };

function started({ command, args }: Run): object {
  return { command, args };
}

function reached({ url }: Gateway, token: string): object {
  return { url, headers: bearer(token) };
}

function bearer(token: string): object {
  return { Authorization: `Bearer ${token}` };
}

/** For a client that only starts commands. Callgate replaces the variable itself, so that no list of processes shows it. */
function bridged({ url }: Gateway): object {
  const args = ["run", "--gateway", url, "--header", `Authorization: Bearer \${${variable}}`];
  return { command: "callgate", args, env: { [variable]: placeholder } };
}

/** VS Code asks for the token once and keeps it. */
function askedFor(target: Gateway): string {
  const id = "callgate-token";
  return json({
    inputs: [{ type: "promptString", id, description: "Callgate token", password: true }],
    servers: { [target.name]: { type: "http", ...reached(target, `\${input:${id}}`) } },
  });
}

function inKey(key: string, name: string, entry: object): string {
  return json({ [key]: { [name]: entry } });
}

function json(value: object): string {
  return JSON.stringify(value, undefined, 2);
}

/** Strings of TOML and of JSON are written alike, but for the deleted character. */
function asToml(target: SnippetTarget): string {
  const key = /^[A-Za-z0-9_-]+$/u.test(target.name) ? target.name : tomlText(target.name);
  const lines =
    target.kind === "run"
      ? [`command = ${tomlText(target.command)}`, `args = [${target.args.map(tomlText).join(", ")}]`]
      : [`url = ${tomlText(target.url)}`, `bearer_token_env_var = ${tomlText(variable)}`];
  return [`[mcp_servers.${key}]`, ...lines].join("\n");
}

function tomlText(text: string): string {
  return JSON.stringify(text).replaceAll("\u007F", String.raw`\u007f`);
}
