import { parseArgs } from "node:util";
import { nearestWord } from "../values/suggest.ts";

/** One option of a command. */
export interface Option {
  readonly type: "string" | "boolean";
  /** One letter. */
  readonly short?: string;
  /** May be given several times. */
  readonly multiple?: boolean;
  /** What stands for the value in the help: `FILE`. */
  readonly value?: string;
  readonly description: string;
}

/** What a command was given, already checked against its options. */
export interface Arguments {
  /** The option's value, undefined when it was not given. */
  text(name: string): string | undefined;
  /** Every value of an option that may be repeated. */
  texts(name: string): readonly string[];
  flag(name: string): boolean;
  /** What stands beside the options, `--` itself left out. */
  readonly positionals: readonly string[];
  /** What stands behind `--`, a command of the user's; undefined without `--`. */
  readonly behindSeparator: readonly string[] | undefined;
}

/** A command: reads arguments, makes one call, prints. */
export interface Command {
  /** `callgate run -p FILE -- COMMAND [ARGUMENT ...]` */
  readonly usage: string;
  readonly description: string;
  readonly options: Readonly<Record<string, Option>>;
  readonly examples: readonly string[];
  /** Resolves to the exit code. */
  readonly run: (args: Arguments) => Promise<number>;
}

/** A command that was called wrongly; the message says what to do. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Reads a command's arguments strictly. Throws {@link UsageError} for an unknown option or a missing value. */
export function readArguments(command: Command, args: readonly string[]): Arguments {
  const options = Object.fromEntries(
    Object.entries(command.options).map(([name, option]) => [
      name,
      {
        type: option.type,
        multiple: option.multiple ?? false,
        ...(option.short === undefined ? {} : { short: option.short }),
      },
    ]),
  );
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
    const valueOf = (name: string): unknown => values[name];
    return {
      text: (name) => {
        const value = valueOf(name);
        return typeof value === "string" ? value : undefined;
      },
      texts: (name) => {
        const value = valueOf(name);
        return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
      },
      flag: (name) => valueOf(name) === true,
      positionals,
      behindSeparator: args.includes("--") ? args.slice(args.indexOf("--") + 1) : undefined,
    };
  } catch (error) {
    throw new UsageError(explainFault(error, Object.keys(command.options)));
  }
}

function explainFault(error: unknown, known: readonly string[]): string {
  const message = error instanceof Error ? error.message : String(error);
  const unknown = /Unknown option '(-{1,2}[^']*)'/.exec(message)?.[1];
  if (unknown === undefined) return message.split("\n")[0] ?? message;
  const near = nearestWord(unknown.replace(/^-+/, ""), known);
  return `unknown option \`${unknown}\`${near === undefined ? "" : `: did you mean \`--${near}\`?`}`;
}

/** The help page of a command. */
export function formatHelp(command: Command): string {
  const rows = Object.entries(command.options).map(([name, option]): [string, string] => {
    const short = option.short === undefined ? "    " : `-${option.short}, `;
    const value = option.type === "string" ? ` ${option.value ?? "VALUE"}` : "";
    return [`${short}--${name}${value}`, option.description];
  });
  const width = Math.max(0, ...rows.map(([left]) => left.length));
  const optionLines = rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
  return [
    command.description,
    "",
    `Usage: ${command.usage}`,
    ...(rows.length === 0 ? [] : ["", "Options:", ...optionLines]),
    ...(command.examples.length === 0 ? [] : ["", "Examples:", ...command.examples.map((line) => `  ${line}`)]),
    "",
  ].join("\n");
}
