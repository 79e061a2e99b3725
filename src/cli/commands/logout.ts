import { ApiRefusal, createApiClient } from "../../admin-client/api-client.ts";
import { readKeptTokens, writeKeptTokens } from "../../admin-client/credentials-file.ts";
import { originOf } from "../../admin-client/find-gateway.ts";
import { revokeApiToken } from "../../api/contract/account.ts";
import { credentialsFile } from "../../config/home.ts";
import { type Command, UsageError } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";

/** `callgate logout` */
export const logoutCommand: Command = {
  usage: "callgate logout [URL]",
  description:
    "Revokes the API token that `callgate login` made for a gateway, by default the one last signed in to, and forgets it. One that was given with `--token-stdin` is only forgotten.",
  options: {},
  examples: ["callgate logout", "callgate logout https://mcp.example.com"],
  run: async (args) => {
    const file = credentialsFile();
    const { current, gateways } = readKeptTokens(file);
    const url = args.positionals[0] ?? current;
    if (url === undefined) throw new UsageError("nobody is signed in to any gateway");
    const origin = originOf(url);
    const { [origin]: kept, ...others } = gateways;
    if (kept === undefined) throw new UsageError(`nobody is signed in to ${origin}`);
    const isRevoked = kept.tokenId !== null && (await revoke(origin, kept.token, kept.tokenId));
    const next = current === origin ? Object.keys(others).at(-1) : current;
    writeKeptTokens(file, { current: next, gateways: others });
    const done = isRevoked ? "the token is revoked" : "the token is forgotten here";
    process.stdout.write(`signed out of ${origin}: ${done}\n`);
    return exitCodes.done;
  },
};

/** Whether it was revoked now: a gateway that does not know it any more has done so before. Rejects when it cannot be asked. */
async function revoke(origin: string, token: string, tokenId: string): Promise<boolean> {
  try {
    await createApiClient(origin, { authorization: `Bearer ${token}` }).send(revokeApiToken, { params: { tokenId } });
    return true;
  } catch (error) {
    if (error instanceof ApiRefusal && error.problem.code === "UNAUTHENTICATED") return false;
    throw error;
  }
}
