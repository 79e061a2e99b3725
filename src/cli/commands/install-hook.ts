import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { hookEntry } from "../../clients/hook-settings.ts";
import { type HookChange, installHook, removeHook } from "../../clients/install-hook.ts";
import { hookBackupFolder } from "../../config/home.ts";
import { type Command, UsageError } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";

/** `callgate install-hook` */
export const installHookCommand: Command = {
  usage: "callgate install-hook [--project] [--remove] [--print]",
  description:
    "Puts a hook into Claude Code's settings that asks you, once in a session, before the first call to a server that is unknown or flagged, and notes what is known of others. It never blocks a call: when nothing can be checked it says so. Installing twice changes nothing; --remove puts the file back as it was.",
  options: {
    project: { type: "boolean", description: ".claude/settings.json of this project instead of the user's" },
    remove: { type: "boolean", description: "take the hook out again" },
    print: { type: "boolean", description: "print what would be written, and write nothing" },
  },
  examples: ["callgate install-hook", "callgate install-hook --project", "callgate install-hook --remove"],
  run: (args) => {
    const [extra] = args.positionals;
    if (extra !== undefined) throw new UsageError(`\`install-hook\` takes no \`${extra}\``);
    const command = hookCommand();
    const written = JSON.stringify({ hooks: { PreToolUse: [hookEntry(command)] } }, undefined, 2);
    if (args.flag("print")) process.stdout.write(`${written}\n`);
    else {
      const isOfProject = args.flag("project");
      const file = isOfProject ? resolve(".claude", "settings.json") : join(userFolder(), "settings.json");
      const place = { file, within: isOfProject ? resolve(".") : undefined, backupFolder: hookBackupFolder() };
      const change = args.flag("remove") ? removeHook(place) : installHook(place, command);
      process.stdout.write(`${said(change, file)}${change === "written" ? `:\n${written}` : ""}\n`);
    }
    return Promise.resolve(exitCodes.done);
  },
};

function userFolder(): string {
  const own = process.env["CLAUDE_CONFIG_DIR"];
  return own === undefined || own === "" ? join(homedir(), ".claude") : own;
}

/** This very program: a hook must not become another version by itself. */
function hookCommand(): string {
  return [process.execPath, resolve(process.argv[1] ?? "callgate"), "precheck", "--hook"].map(quoted).join(" ");
}

function quoted(word: string): string {
  if (/^[\w./:@=-]+$/u.test(word)) return word;
  return process.platform === "win32" ? `"${word}"` : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

function said(change: HookChange, file: string): string {
  switch (change) {
    case "written":
      return `wrote to ${file}`;
    case "already_there":
      return `${file} has the hook already: nothing was written`;
    case "restored":
      return `${file} is as it was before`;
    case "taken_out":
      return `${file} was changed since: only the hook was taken out`;
    case "not_there":
      return `${file} has no hook of callgate: nothing was written`;
  }
}
