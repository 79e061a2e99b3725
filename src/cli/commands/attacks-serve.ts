import { appendFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { type HostileServer, otherServers } from "../../attacks/attack.ts";
import { replayOfServer, replyAsHostile } from "../../attacks/hostile-server.ts";
import { loadAttacks } from "../../attacks/load-entries.ts";
import { mergeReplays } from "../../attacks/merge-replays.ts";
import { isObject, type JsonValue } from "../../values/json.ts";
import { attackOf } from "../attack-argument.ts";
import { type Command, UsageError } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";

/** `callgate attacks serve` */
export const attacksServeCommand: Command = {
  usage: "callgate attacks serve [SLUG [--as NAME]] [--log FILE]",
  description:
    "Is the hostile server of one attack, or without a slug of all of them, on standard streams. It lies and asks, and does no harm: register it at a gateway to try a policy. Ends with its input.",
  options: {
    as: { type: "string", value: "NAME", description: "be the second server of that name, where the attack needs two" },
    log: { type: "string", value: "FILE", description: "append every message it gets to this file, one a line" },
  },
  examples: ["callgate attacks serve", "callgate run -p policy.json -- callgate attacks serve tool-shadowing"],
  run: async (args) => {
    const server = serverOf(args.positionals[0], args.text("as"));
    const log = args.text("log");
    let isCalled = false;
    for await (const line of createInterface({ input: process.stdin })) {
      if (log !== undefined) appendFileSync(log, `${line}\n`);
      const message = readMessage(line);
      for (const said of isObject(message) ? replyAsHostile(server, message, isCalled) : [])
        process.stdout.write(`${JSON.stringify(said)}\n`);
      isCalled ||= isObject(message) && message["method"] === "tools/call";
    }
    return exitCodes.done;
  },
};

function serverOf(slug: string | undefined, name: string | undefined): HostileServer {
  if (slug === undefined && name !== undefined)
    throw new UsageError("`--as` goes with an attack: `attacks serve SLUG`");
  if (slug === undefined) return mergeReplays(loadAttacks().attacks.map(({ replay }) => replay));
  const { replay } = attackOf(slug);
  const others = otherServers(replay);
  if (name !== undefined && !others.includes(name))
    throw new UsageError(
      `this attack has no server \`${name}\` beside its own${others.length === 0 ? "" : `: it has ${others.join(", ")}`}`,
    );
  return replayOfServer(replay, name);
}

function readMessage(line: string): JsonValue | undefined {
  try {
    const value: JsonValue = JSON.parse(line);
    return value;
  } catch {
    return undefined;
  }
}
