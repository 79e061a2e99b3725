import type { Category, Signal } from "../policy/index.ts";
import type { Risk } from "./record.ts";
import type { RecordSignal, ToolRecord } from "./server-record.ts";

/** What a page says of a kind of tool, our sentences. */
export interface KindText {
  /** What agents use such tools for. */
  readonly use: string;
  /** What can go wrong without a policy. */
  readonly harm: string;
  /** What we would do about such tools. */
  readonly stance: string;
  /** The rule that a recommendation has for them, in one line. */
  readonly rule: string;
}

/** By category. */
export const categoryTexts: Readonly<Record<Category, KindText>> = {
  Read: {
    use: "Agents call it to look something up: it returns information and changes nothing.",
    harm: "What it returns goes into the model's context: an agent may read more than it needs, and carry it to another tool.",
    stance: "Allow it. What it may reach is worth a rule where it takes an address or a path.",
    rule: "Allowed for the grants that name it; everything else stays denied.",
  },
  Write: {
    use: "Agents call it to add or change something that a later call or a person can put right.",
    harm: "An agent in a loop makes hundreds of changes in a minute, and each has to be found and undone.",
    stance: "Allow it with a rate: 30 calls a minute are enough for work, and a loop runs into them.",
    rule: "Allowed 30 times a minute for each grant.",
  },
  Execute: {
    use: "Agents call it to set something going: code, a command, a query, a job, an action on a live page.",
    harm: "What runs does whatever its text says: one call can read, change, delete or send anything within its reach.",
    stance: "Allow it seldom: 10 calls a minute, and better held for a person's approval.",
    rule: "Allowed 10 times a minute for each grant; the strict preset holds each call for approval.",
  },
  Destructive: {
    use: "Agents call it to remove or replace something for good.",
    harm: "One wrong or injected call and something is gone that no later call brings back.",
    stance: "Hide it. Show it to a grant that needs it, with a rule on what may be removed.",
    rule: "Hidden: agents do not see it, and a call is denied.",
  },
  Financial: {
    use: "Agents call it to move money, buy, or create what is billed.",
    harm: "An agent spends in a loop, or pays whom an injected text named; money that left seldom comes back.",
    stance: "Hold every call for a person's approval, and cap what may be spent in a day.",
    rule: "Each call waits for a person's approval.",
  },
};

/** Stances by risk, for lists of tools. */
export const riskTexts: Readonly<Record<Risk, string>> = {
  Low: "These tools return information. Allow them, and say where they may look when they take an address or a path.",
  Medium: "These tools change what can be put right. Allow them with a rate.",
  High: "These tools run something. Allow them seldom, with a rate, and hold them for approval where you can.",
  Critical: "These tools destroy or spend. Hide them, or hold each call for a person's approval.",
};

/** What a signal means, and what can go wrong because of it. */
export const signalTexts: Readonly<Record<RecordSignal, { readonly means: string; readonly harm: string }>> = {
  takes_url: {
    means: "takes an address",
    harm: "An address of the inside network, or one with a secret in its query, goes out.",
  },
  takes_path: {
    means: "takes a file path",
    harm: "A path leads out of the project: to keys, to configuration, to other people's files.",
  },
  takes_code: { means: "takes code, a query or a command", harm: "The text is run as it is, whoever put it together." },
  takes_secret: { means: "takes a secret", harm: "A credential passes through the model's context and its logs." },
  returns_secrets: {
    means: "may return secrets",
    harm: "Credentials come back into the context, and the next tool can send them on.",
  },
  sends_to_recipient: {
    means: "sends something to someone",
    harm: "A recipient named by an injected text gets what the agent knows.",
  },
  bulk: { means: "acts on many things at once", harm: "One call does a hundredfold harm." },
  permissions: {
    means: "touches identity or permissions",
    harm: "An agent gives itself, or somebody else, more than it was given.",
  },
  runs_on_host: {
    means: "runs on the host",
    harm: "It acts with the rights of the process, outside of any sandbox of the agent.",
  },
  loads_untrusted_content: {
    means: "returns other people's text",
    harm: "Instructions in that text may be followed as if they were yours.",
  },
  irreversible: { means: "says itself that it cannot be undone", harm: "There is no way back after the call." },
  hidden_text: { means: "has hidden text in its definition", harm: "The model reads what people do not see." },
  instruction_like_text: {
    means: "has instructions to the model in its definition",
    harm: "The definition steers the agent before any call.",
  },
};

/** Pure. Why a tool has its category: a person's correction as such, and what the classifier said as what it said. */
export function reasonOf({ category, reason, override }: Pick<ToolRecord, "category" | "reason" | "override">): string {
  if (override === undefined) return reason;
  const note = override.note.trim();
  return `${category}, corrected here by ${override.by}${note === "" ? "" : `: ${note.replace(/\.$/u, "")}`}. The classifier said: ${reason}`;
}

/**
 * Pure. Which tools an attack abuses, as a part of a sentence: `a Read or Execute tool that takes an address`. Neither
 * list is empty.
 */
export function abusedText(abuses: {
  readonly categories: readonly Category[];
  readonly signals: readonly Signal[];
}): string {
  const kinds = abuses.categories.join(", ").replace(/, ([^,]*)$/, " or $1");
  const article = kinds.startsWith("Execute") ? "an" : "a";
  return `${article} ${kinds} tool that ${abuses.signals.map((signal) => signalTexts[signal].means).join(", or ")}`;
}

/** Pure. Questions people ask about a tool, with our answers, in the order of a page. */
export function questionsOf(
  tool: ToolRecord,
  serverName: string,
): readonly { readonly question: string; readonly answer: string }[] {
  const { name, category, risk, parameters } = tool;
  const text = categoryTexts[category];
  const named = parameters.filter(({ required }) => required).map(({ name: parameter }) => `\`${parameter}\``);
  const takes =
    parameters.length === 0
      ? "It takes no arguments."
      : `It takes ${parameters.length} arguments${named.length === 0 ? "" : `, of which ${named.join(", ")} must be given`}.`;
  return [
    { question: `What does ${name} do?`, answer: `${reasonOf(tool)} ${text.use} ${takes}` },
    {
      question: `How do I enforce a policy on ${name}?`,
      answer:
        "Put Callgate between the client and the server (`callgate run -p policy.json -- COMMAND`, or a registered server with a grant) with the document on this page. Every call is then decided before it reaches the server.",
    },
    { question: `What risk level is ${name}?`, answer: `${risk}, because its category is ${category}. ${text.harm}` },
    {
      question: `Can I rate-limit ${name}?`,
      answer: `Yes: add \`limits\` with a counter, a window and a maximum to its entry, such as \`{"counter": "${name}_rate", "window": "minute", "max": 10, "scope": "grant"}\`.`,
    },
    {
      question: `How do I block ${name} completely?`,
      answer: `Add it to \`hide\`: agents no longer see it, and a call is denied. Leaving it out of a policy whose default is \`deny\` denies it too, but shows why.`,
    },
    { question: `Which server provides ${name}?`, answer: `${serverName}.` },
  ];
}

/** Pure. The signals of the policy language among a record's. */
export function plainSignals(signals: readonly RecordSignal[]): readonly Signal[] {
  return signals.filter((signal) => signal !== "hidden_text" && signal !== "instruction_like_text");
}
