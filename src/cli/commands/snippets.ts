import { resolve } from "node:path";
import pc from "picocolors";
import { clientSnippets, type SnippetTarget } from "../../clients/snippets.ts";
import { type Arguments, type Command, UsageError } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { formatJson } from "../output/json.ts";
import { commandServer, urlServer } from "../server-argument.ts";

/** `callgate snippets` */
export const snippetsCommand: Command = {
  usage: "callgate snippets URL [--name NAME], or callgate snippets -p POLICY [--name NAME] -- COMMAND [ARGUMENT ...]",
  description:
    "Prints what to paste into Claude Code, Claude Desktop, Cursor, VS Code, Gemini CLI and Codex: for a server of `callgate serve` at its address, or for a command with `callgate run` before it. Nothing is written, and no token is printed.",
  options: {
    policy: { type: "string", short: "p", value: "FILE", description: "the policy for `callgate run`" },
    env: {
      type: "string",
      multiple: true,
      value: "NAME",
      description: "an environment variable that the command is to get",
    },
    name: { type: "string", value: "NAME", description: "what the client is to call the server" },
    client: { type: "string", value: "NAME", description: "one client only, e.g. claude-code" },
    json: { type: "boolean", description: "print as JSON" },
  },
  examples: [
    "callgate snippets http://127.0.0.1:7777/mcp/files",
    "callgate snippets -p policy.json -- npx -y camoufox-mcp@1.0.0",
  ],
  run: (args) => {
    const all = clientSnippets(readTarget(args));
    const client = args.text("client");
    const snippets = all.filter((snippet) => client === undefined || snippet.client === client);
    if (snippets.length === 0)
      throw new UsageError(
        `unknown client \`${client ?? ""}\`: use ${all.map((snippet) => snippet.client).join(", ")}`,
      );
    if (args.flag("json")) process.stdout.write(`${formatJson({ snippets })}\n`);
    else {
      const texts = snippets.map(({ title, file, text }) => `${pc.bold(title)}, ${file}:\n\n${text}\n`);
      process.stdout.write(texts.join("\n"));
    }
    return Promise.resolve(exitCodes.done);
  },
};

function readTarget(args: Arguments): SnippetTarget {
  const [command, ...rest] = args.behindSeparator ?? [];
  const policy = args.text("policy");
  if (command !== undefined) {
    if (policy === undefined) throw new UsageError("name the policy: `callgate snippets -p policy.json -- COMMAND`");
    const environment = args.texts("env").flatMap((name) => ["--env", name]);
    const { name } = commandServer(command, rest, []);
    // Clients start programs from folders of their own.
    const words = ["run", "-p", resolve(policy), ...environment, "--", command, ...rest];
    return { kind: "run", name: args.text("name") ?? name, command: "callgate", args: words };
  }
  const [url] = args.positionals;
  if (url === undefined)
    throw new UsageError("name an address, or a command: `callgate snippets http://127.0.0.1:7777/mcp/files`");
  const { name } = urlServer(url, [], false);
  const last = new URL(url).pathname.split("/").at(-1) ?? "";
  const own = last === "" || last === "mcp" ? name : last;
  return { kind: "gateway", name: args.text("name") ?? own, url };
}
