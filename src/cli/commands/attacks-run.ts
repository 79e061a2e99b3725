import pc from "picocolors";
import { type Attack, otherServers } from "../../attacks/attack.ts";
import { createLiveStage, hiddenOrUnknown, type LiveGateway } from "../../attacks/live-stage.ts";
import { loadAttacks } from "../../attacks/load-entries.ts";
import { onOneServer } from "../../attacks/merge-replays.ts";
import { judgeLive, liveSteps, type PlayedAttack, type PlayedStep, playSteps } from "../../attacks/play.ts";
import { playOnEngine } from "../../compose/attack-stage.ts";
import { attackOf } from "../attack-argument.ts";
import { type Arguments, type Command, UsageError } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { formatJson } from "../output/json.ts";
import { shown } from "../output/rows.ts";

/** `callgate attacks run` */
export const attacksRunCommand: Command = {
  usage: "callgate attacks run [SLUG ... | --all] [--json] [--against URL --server NAME --token-env NAME]",
  description:
    "Plays attacks and says which rule stopped which step, what was not stopped, and whether the label holds. Without --against each is played on the engine, with its policy and once more without, and nothing is sent. With it the attack's calls go to a gateway that runs: what it does not deny RUNS on the server you name.",
  options: {
    all: {
      type: "boolean",
      description: "with --against: send every attack; `callgate attacks serve` is the server that they are all for",
    },
    against: { type: "string", value: "URL", description: "a gateway that runs, e.g. http://127.0.0.1:7777" },
    server: { type: "string", value: "NAME", description: "the server at that gateway which the calls are for" },
    "token-env": {
      type: "string",
      value: "NAME",
      description: "the environment variable that holds the agent's token",
    },
    json: { type: "boolean", description: "print the results as JSON" },
  },
  examples: [
    "callgate attacks run",
    "callgate attacks run tool-ssrf agent-wallet-drain --json",
    "callgate attacks run --all --against http://127.0.0.1:7777 --server hostile --token-env AGENT_TOKEN",
    "callgate attacks run tool-ssrf --against http://127.0.0.1:7777 --server hostile --token-env AGENT_TOKEN",
  ],
  run: async (args) => {
    const chosen = chosenBy(args);
    const gateway = liveGatewayOf(args, chosen);
    const played: PlayedAttack[] = [];
    for (const attack of chosen)
      played.push(gateway === undefined ? await playOnEngine(attack) : await playLive(attack, gateway));
    print(played, args.flag("json"));
    return played.every(({ holds }) => holds) ? exitCodes.done : exitCodes.refused;
  },
};

/** The attacks that are named, or all. Those that go to one server together have their second servers' tools there. */
function chosenBy(args: Arguments): readonly Attack[] {
  if (args.positionals.length > 0) return args.positionals.map(attackOf);
  const { attacks } = loadAttacks();
  return args.flag("all") ? attacks.map((attack) => ({ ...attack, replay: onOneServer(attack.replay) })) : attacks;
}

function liveGatewayOf(args: Arguments, chosen: readonly Attack[]): LiveGateway | undefined {
  const [against, server, variable] = ["against", "server", "token-env"].map((option) => args.text(option));
  if (against === undefined) {
    if (server !== undefined || variable !== undefined || args.flag("all"))
      throw new UsageError("`--server`, `--token-env` and `--all` go with `--against URL`");
    return undefined;
  }
  if (!URL.canParse(against) || !/^https?:$/.test(new URL(against).protocol))
    throw new UsageError(`\`${against}\` is no address: write http://HOST:PORT or https://HOST`);
  if (server === undefined) throw new UsageError("name the server that may be harmed: `--server NAME`");
  if (variable === undefined) throw new UsageError("name the variable that holds the token: `--token-env NAME`");
  if ((args.positionals.length === 0) !== args.flag("all"))
    throw new UsageError("name the attacks that are to be sent, `attacks run SLUG ...`, or send all with `--all`");
  const token = process.env[variable];
  if (token === undefined || token === "") throw new UsageError(`the environment variable \`${variable}\` is not set`);
  const servers = [server, ...chosen.flatMap(({ replay }) => otherServers(replay))];
  const harmless = `callgate attacks serve${args.flag("all") ? "" : " SLUG"}`;
  process.stderr.write(
    `${pc.yellow("warning")} calls that ${shown(against)} does not deny RUN on its servers: ${servers.map(shown).join(", ")}; \`${harmless}\` is a server that comes to no harm\n`,
  );
  return { origin: against.endsWith("/") ? against : `${against}/`, server, token };
}

async function playLive(attack: Attack, gateway: LiveGateway): Promise<PlayedAttack> {
  const stage = createLiveStage(gateway, attack.replay);
  try {
    return judgeLive(attack, await playSteps(liveSteps(attack.replay.steps), stage));
  } finally {
    await stage.close();
  }
}

function print(played: readonly PlayedAttack[], isJson: boolean): void {
  const failed = played.filter(({ holds }) => !holds).length;
  if (isJson) {
    const counts = { held: played.length - failed, failed };
    process.stdout.write(`${formatJson({ ...counts, attacks: played })}\n`);
    return;
  }
  for (const attack of played) process.stdout.write(`${lines(attack).join("\n")}\n`);
  const counts = (["full", "partial", "none"] as const).map(
    (label) => `${label} ${played.filter((attack) => attack.shown === label).length}`,
  );
  process.stdout.write(
    `${played.length} attacks: ${counts.join(", ")}; ${played.length - failed} labels hold, ${failed} do not\n`,
  );
  const unseen = played.filter(({ steps }) => steps.some(({ outcome }) => outcome === hiddenOrUnknown)).length;
  if (unseen > 0)
    process.stdout.write(
      `${pc.yellow("note")} hidden_or_unknown, in ${unseen} of them: the policy hides the tool, or the server has none of that name, which says nothing of the policy\n`,
    );
}

function lines({ slug, label, shown: found, holds, steps }: PlayedAttack): readonly string[] {
  const verdict = holds ? pc.green("holds") : pc.red(`does not hold: it is ${found}`);
  const told = steps.filter(({ role, isAsExpected }) => role === "attack" || !isAsExpected);
  return [`${pc.bold(slug)} ${label}: ${verdict}`, ...told.map(stepLine)];
}

function stepLine({ role, says, outcome, because, isAsExpected }: PlayedStep): string {
  const odd = isAsExpected
    ? ""
    : pc.red(role === "attack" ? " (not as the entry says)" : ` (${role}, which should pass)`);
  if (outcome.kind === "passed")
    return `  ${pc.yellow("passes ")}  ${shown(says)}${because === "" ? "" : pc.dim(`: ${shown(because)}`)}${odd}`;
  if (outcome.kind === "failed")
    return `  ${pc.red("failed ")}  ${shown(says)}: nothing stopped it, but the server says: ${shown(outcome.message)}`;
  return `  ${pc.green("stopped")}  ${shown(says)}  ${shown(outcome.code)} ${pc.dim(shown(outcome.rule))}${odd}`;
}
