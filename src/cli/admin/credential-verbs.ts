import {
  connectServer,
  deleteCredential,
  disconnectServer,
  getCredentials,
  putCredential,
  putOAuthClient,
} from "../../api/contract/credentials.ts";
import { getServer } from "../../api/contract/servers.ts";
import type { ApiClient } from "../../admin-client/api-client.ts";
import { type Arguments, type Option, UsageError } from "../command.ts";
import { shown } from "../output/rows.ts";
import { formatTable } from "../output/table.ts";
import { askHidden, readStdin } from "../prompt.ts";
import { type AdminVerb, word } from "./admin-verb.ts";

const grantOption: Readonly<Record<string, Option>> = {
  grant: { type: "string", value: "ID", description: "for this grant alone, instead of all" },
};

/** `callgate credentials ...` */
export const credentialVerbs: Readonly<Record<string, AdminVerb>> = {
  list: {
    takes: "SERVER",
    description: "Lists how the gateway is known at a server: credentials without their values, OAuth connections.",
    options: grantOption,
    example: "callgate credentials list notes",
    run: async (client, args) => {
      const value = await client.send(getCredentials, { params: { serverId: word(args, 0) }, query: grantOf(args) });
      const entered = value.credentials.map(({ kind, name, grantId, status, setBy, setAt }) => [
        `${kind} ${name}`,
        grantId ?? "all grants",
        status.replaceAll("_", " "),
        `${setBy} ${setAt}`,
      ]);
      const connected = value.connections.map(({ issuer, grantId, status, problem, connectedBy, updatedAt }) => [
        `OAuth ${issuer}`,
        grantId ?? "all grants",
        [status.replaceAll("_", " "), problem ?? ""].join(" ").trim(),
        `${connectedBy} ${updatedAt}`,
      ]);
      return { value, lines: formatTable(["CREDENTIAL", "FOR", "STATE", "BY"], [...entered, ...connected]) };
    },
  },
  set: {
    takes: "SERVER NAME",
    description:
      "Enters or replaces a credential: a header of a server at an address, a variable of a command. The value is asked for, or read from standard input; it is never shown again.",
    options: { "value-stdin": { type: "boolean", description: "read the value from standard input" }, ...grantOption },
    example: "callgate credentials set notes x-api-key --value-stdin < key.txt",
    run: async (client, args) => {
      const params = { serverId: word(args, 0), kind: await kindOf(client, word(args, 0)), name: word(args, 1) };
      const value = args.flag("value-stdin") ? await readStdin() : await askHidden("Value: ", "add `--value-stdin`");
      if (value === "") throw new UsageError("the value is empty");
      await client.send(putCredential, { params, query: grantOf(args), body: { value } });
      return { value: params, lines: [`the ${params.kind} ${shown(params.name)} is kept, sealed`] };
    },
  },
  remove: {
    takes: "SERVER NAME",
    description: "Removes a credential.",
    options: grantOption,
    example: "callgate credentials remove notes x-api-key",
    run: async (client, args) => {
      const params = { serverId: word(args, 0), kind: await kindOf(client, word(args, 0)), name: word(args, 1) };
      await client.send(deleteCredential, { params, query: grantOf(args) });
      return { value: params, lines: [`removed the ${params.kind} ${shown(params.name)}`] };
    },
  },
  connect: {
    takes: "SERVER",
    description: "Begins to connect a server by OAuth: open the address in a browser where you are signed in.",
    options: grantOption,
    example: "callgate credentials connect notes",
    run: async (client, args) => {
      const value = await client.send(connectServer, { params: { serverId: word(args, 0) }, query: grantOf(args) });
      return { value, lines: [`open ${shown(value.url)}`, `before ${value.expiresAt}, as the same member`] };
    },
  },
  disconnect: {
    takes: "SERVER",
    description: "Ends an OAuth connection.",
    options: grantOption,
    example: "callgate credentials disconnect notes",
    run: async (client, args) => {
      const value = await client.send(disconnectServer, { params: { serverId: word(args, 0) }, query: grantOf(args) });
      const there = value.isRevoked ? "its tokens are revoked there too" : "its tokens could not be revoked there";
      return { value, lines: [`disconnected; ${there}`] };
    },
  },
  client: {
    takes: "SERVER CLIENT_ID",
    description: "Enters the OAuth client that was made by hand at a server's authorization server.",
    options: { "secret-stdin": { type: "boolean", description: "read the client's secret from standard input" } },
    example: "callgate credentials client notes my-client --secret-stdin < secret.txt",
    run: async (client, args) => {
      const clientSecret = args.flag("secret-stdin") ? await readStdin() : "";
      const body = { clientId: word(args, 1), ...(clientSecret === "" ? {} : { clientSecret }) };
      await client.send(putOAuthClient, { params: { serverId: word(args, 0) }, body });
      return { value: { clientId: body.clientId }, lines: [`the client ${shown(body.clientId)} is used from now on`] };
    },
  },
};

async function kindOf(client: ApiClient, serverId: string): Promise<"header" | "environment"> {
  const { access } = await client.send(getServer, { params: { serverId } });
  return access.kind === "url" ? "header" : "environment";
}

function grantOf(args: Arguments): { readonly grantId?: string } {
  const grantId = args.text("grant");
  return grantId === undefined ? {} : { grantId };
}
