import pc from "picocolors";
import { type Attack, sectionHeadings } from "../../attacks/attack.ts";
import { abusedText } from "../../catalogue/tool-texts.ts";
import { owaspText } from "../../values/owasp.ts";
import { attackOf } from "../attack-argument.ts";
import type { Command } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { formatJson } from "../output/json.ts";

/** `callgate attacks show` */
export const attacksShowCommand: Command = {
  usage: "callgate attacks show SLUG [--policy | --json]",
  description: "Shows one attack: how it works, where it happened, the policy that stops it, and what remains.",
  options: {
    policy: { type: "boolean", description: "print its policy document alone" },
    json: { type: "boolean", description: "print everything as JSON, its replay too" },
  },
  examples: ["callgate attacks show tool-ssrf", "callgate attacks show agent-wallet-drain --policy > policy.json"],
  run: (args) => {
    const attack = attackOf(args.positionals[0]);
    if (args.flag("policy")) process.stdout.write(attack.policyText);
    else if (args.flag("json")) process.stdout.write(`${formatJson(asData(attack))}\n`);
    else process.stdout.write(`${page(attack).join("\n")}\n`);
    return Promise.resolve(exitCodes.done);
  },
};

function asData({ policy: _compiled, policyText, ...rest }: Attack): unknown {
  const document: unknown = JSON.parse(policyText);
  return { ...rest, policy: document };
}

function page(attack: Attack): readonly string[] {
  const { name, slug, category, coverage, abuses, owasp, sources, sections } = attack;
  return [
    pc.bold(name),
    pc.dim(`${slug} · ${category} · a policy stops it: ${coverage}`),
    pc.dim(`It abuses ${abusedText(abuses)}.`),
    ...(owasp.length === 0 ? [] : [pc.dim(`OWASP: ${owaspText(owasp)}`)]),
    ...(["summary", "how", "happened", "notice", "policy", "remains"] as const).flatMap((part) => [
      "",
      pc.bold(sectionHeadings[part]),
      sections[part],
    ]),
    "",
    pc.bold("Sources"),
    ...sources.map(({ title, url, date }) => `- ${date} ${title === undefined ? "" : `${title} `}${url}`),
  ];
}
