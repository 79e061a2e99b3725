import { composeServe } from "../../compose/serve.ts";
import { createLogger } from "../../logger.ts";
import { type Command, UsageError } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { reportEvents } from "../output/report-events.ts";
import { untilSignal } from "../until-signal.ts";

const drainMs = 10_000;

/** `callgate serve` */
export const serveCommand: Command = {
  usage: "callgate serve [--config FILE]",
  description:
    "Serves the servers of a configuration file, and those registered by the HTTP API, each at /mcp/<server> and all at /mcp, each call judged by its grant's policy.",
  options: {
    config: { type: "string", short: "c", value: "FILE", description: "the configuration, e.g. callgate.yaml" },
    "log-level": { type: "string", value: "LEVEL", description: "debug, info, warn (default), error or silent" },
  },
  examples: ["callgate serve", "callgate serve --config callgate.yaml"],
  run: async (args) => {
    const config = args.text("config");
    if (args.positionals.length > 0) {
      throw new UsageError(`name the configuration as \`callgate serve --config ${args.positionals[0]}\``);
    }
    const running = await composeServe(config, createLogger(logLevel(args.text("log-level"))), reportEvents());
    if (running === undefined) return exitCodes.refused;
    const names = running.settings.servers.map((server) => `${running.origin}/mcp/${server.name}`);
    const everyName = `  ${running.origin}/mcp (all servers of a grant)\n`;
    process.stderr.write(`callgate listens at\n${names.map((name) => `  ${name}\n`).join("")}${everyName}`);
    if (running.setup !== undefined) process.stderr.write(setupText(running.setup));
    await untilSignal();
    process.stderr.write("callgate stops: running calls are finished\n");
    await running.close(drainMs);
    return exitCodes.done;
  },
};

function setupText({ url, file }: { readonly url: string; readonly file: string }): string {
  return `nobody is a member yet: become the admin within 15 minutes at\n  ${url}\n  (also in ${file})\n`;
}

/** Checks the value of `--log-level`. */
export function logLevel(text: string | undefined): "debug" | "info" | "warn" | "error" | "silent" {
  const level = text ?? "warn";
  if (level === "debug" || level === "info" || level === "warn" || level === "error" || level === "silent")
    return level;
  throw new UsageError(`unknown log level \`${level}\`: use debug, info, warn, error or silent`);
}
