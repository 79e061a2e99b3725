import { appendFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { otherServers } from "../../attacks/attack.ts";
import { replayOfServer, replyAsHostile } from "../../attacks/hostile-server.ts";
import { isObject, type JsonValue } from "../../values/json.ts";
import { attackOf } from "../attack-argument.ts";
import { type Command, UsageError } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";

/** `callgate attacks serve` */
export const attacksServeCommand: Command = {
  usage: "callgate attacks serve SLUG [--as NAME] [--log FILE]",
  description:
    "Is the hostile server of one attack, on standard streams. It lies and asks, and does no harm: register it at a gateway to try a policy. Ends with its input.",
  options: {
    as: { type: "string", value: "NAME", description: "be the second server of that name, where the attack needs two" },
    log: { type: "string", value: "FILE", description: "append every message it gets to this file, one a line" },
  },
  examples: ["callgate run -p policy.json -- callgate attacks serve tool-shadowing"],
  run: async (args) => {
    const attack = attackOf(args.positionals[0]);
    const server = args.text("as");
    const others = otherServers(attack.replay);
    if (server !== undefined && !others.includes(server))
      throw new UsageError(
        `this attack has no server \`${server}\` beside its own${others.length === 0 ? "" : `: it has ${others.join(", ")}`}`,
      );
    const replay = replayOfServer(attack.replay, server);
    const log = args.text("log");
    let isCalled = false;
    for await (const line of createInterface({ input: process.stdin })) {
      if (log !== undefined) appendFileSync(log, `${line}\n`);
      const message = readMessage(line);
      for (const said of isObject(message) ? replyAsHostile(replay, message, isCalled) : [])
        process.stdout.write(`${JSON.stringify(said)}\n`);
      isCalled ||= isObject(message) && message["method"] === "tools/call";
    }
    return exitCodes.done;
  },
};

function readMessage(line: string): JsonValue | undefined {
  try {
    const value: JsonValue = JSON.parse(line);
    return value;
  } catch {
    return undefined;
  }
}
