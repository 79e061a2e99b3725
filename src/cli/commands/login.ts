import { hostname } from "node:os";
import { createApiClient } from "../../admin-client/api-client.ts";
import { type KeptToken, readKeptTokens, writeKeptTokens } from "../../admin-client/credentials-file.ts";
import { originOf } from "../../admin-client/find-gateway.ts";
import { signIn } from "../../admin-client/sign-in.ts";
import { getWho } from "../../api/contract/account.ts";
import { credentialsFile } from "../../config/home.ts";
import { type Role, roles } from "../../values/roles.ts";
import { reportRefusal } from "../admin/admin-verb.ts";
import { type Arguments, type Command, UsageError } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { shown } from "../output/rows.ts";
import { ask, askHidden, readStdin } from "../prompt.ts";

/** `callgate login` */
export const loginCommand: Command = {
  usage: "callgate login [URL] [--email EMAIL] [--password-stdin | --token-stdin] [OPTION ...]",
  description:
    "Signs in to a gateway and keeps an API token for it in the data folder, for this user alone (mode 0600). Later commands ask that gateway.",
  options: {
    email: { type: "string", value: "EMAIL", description: "who signs in; asked for otherwise" },
    "password-stdin": { type: "boolean", description: "read the password from standard input" },
    "token-stdin": {
      type: "boolean",
      description: "keep an API token that was made on the account page, read from standard input",
    },
    role: { type: "string", value: "ROLE", description: `the most the token may do: ${roles.join(", ")}` },
    label: { type: "string", value: "TEXT", description: "what the token is called in the list of your tokens" },
  },
  examples: [
    "callgate login https://mcp.example.com",
    "callgate login --email ada@example.com --password-stdin < file",
  ],
  run: async (args) => {
    const origin = originOf(args.positionals[0] ?? process.env["CALLGATE_URL"] ?? "http://127.0.0.1:7777");
    if (args.positionals.length > 1) throw new UsageError("name one gateway: `callgate login URL`");
    try {
      const kept = args.flag("token-stdin") ? await takeToken(origin) : await makeToken(origin, args);
      const { gateways } = readKeptTokens(credentialsFile());
      writeKeptTokens(credentialsFile(), { current: origin, gateways: { ...gateways, [origin]: kept } });
      process.stdout.write(`signed in to ${origin} as ${shown(kept.name)}\n`);
      return exitCodes.done;
    } catch (error) {
      return reportRefusal(error);
    }
  },
};

async function takeToken(origin: string): Promise<KeptToken> {
  const token = await readStdin();
  if (!/^[\x21-\x7e]+$/.test(token)) throw new UsageError("standard input holds no API token");
  const { name } = await createApiClient(origin, { authorization: `Bearer ${token}` }).send(getWho);
  return { token, tokenId: null, name };
}

async function makeToken(origin: string, args: Arguments): Promise<KeptToken> {
  const role = readRole(args.text("role"));
  const label = args.text("label") ?? `command line on ${hostname()}`;
  const email = args.text("email") ?? (await ask(`E-mail address at ${origin}: `, "add `--email EMAIL`"));
  const password = args.flag("password-stdin")
    ? await readStdin()
    : await askHidden("Password: ", "add `--password-stdin`, or use `--token-stdin`");
  const { token, tokenId, name } = await signIn(origin, { email, password, label, role });
  return { token, tokenId, name };
}

function readRole(text: string | undefined): Role | undefined {
  const role = roles.find((known) => known === text);
  if (text !== undefined && role === undefined)
    throw new UsageError(`unknown role \`${text}\`: use ${roles.join(", ")}`);
  return role;
}
