import type { Severity, Sighting } from "./finding.ts";
import { excerpt } from "./visible-text.ts";

interface Phrase {
  readonly pattern: RegExp;
  readonly severity: Severity;
  readonly message: string;
}

const user = String.raw`(?:users?|humans?|persons?|people|anyone|operator|customer)`;
const secretThings = String.raw`(?:~?/?\.ssh\b|id_rsa|id_ed25519|\.aws/credentials|/etc/passwd|\.netrc|\.env\b(?! var)|mcp\.json|claude_desktop_config|private keys?\b|conversation history|chat history|system prompt|previous messages)`;

/**
 * What speaks to a model and not of the tool. Most severe first. Servers that mean well tell models in which order to
 * call their tools; that alone is mild.
 */
const phrases: readonly Phrase[] = [
  {
    pattern:
      /\b(?:ignore|disregard|forget|override)\b.{0,30}\b(?:previous|prior|above|earlier|all|other|any|system|your|the)\b.{0,30}\b(?:instructions?|prompts?|rules|guidelines|directives)\b/isu,
    severity: "critical",
    message: "tells a model to leave its instructions",
  },
  {
    pattern: new RegExp(
      String.raw`\b(?:do not|don'?t|never|must not|avoid)\b[^.\n]{0,25}\b(?:tell|telling|mention|mentioning|inform|informing|reveal|notify|notifying|disclose|alert)\b[^.\n]{0,50}\b${user}\b`,
      "iu",
    ),
    severity: "high",
    message: "asks a model to keep something from the user",
  },
  {
    pattern: new RegExp(
      String.raw`(?<!\b(?:never|not|don'?t)\b[^.\n]{0,80})\bwithout\b[^.\n]{0,15}\b(?:telling|informing|asking|notifying|mentioning|alerting)\b[^.\n]{0,30}\b${user}\b`,
      "iu",
    ),
    severity: "high",
    message: "asks a model to act without the user",
  },
  {
    pattern: new RegExp(
      String.raw`\b(?:read|open|cat|send|include|attach|append|copy|provide|upload|fetch|pass)\b[^\n]{0,80}${secretThings}`,
      "iu",
    ),
    severity: "high",
    message: "asks for files or words that are the user's own",
  },
  {
    pattern: /<\/?\s*(?:important|system|instructions?|secret|hidden|admin|assistant|critical|s|override)\s*>/iu,
    severity: "high",
    message: "has marks that look like a part of a prompt",
  },
  {
    pattern:
      /^[^\S\n]{0,40}(?:system|assistant|human)[ \t]{0,4}:\s|\[(?:INST|SYSTEM)\]|<\|(?:im_start|im_end|system|endoftext)\|>|\bnew (?:system )?instructions\s*:/imu,
    severity: "high",
    message: "is laid out like the turns of a conversation",
  },
  {
    pattern:
      /(?<!\b(?:never|nor|not|don'?t)\b[^.\n]{0,80})\b(?:skip|bypass|suppress|without|needs? no|requires? no|no need for)\b[^.\n]{0,25}\b(?:approvals?|confirmations?|consent|permission prompts?|human review)\b/iu,
    severity: "medium",
    message: "speaks against asking for approval",
  },
  {
    pattern:
      /\bclassify (?:this|it|the tool)\b|\bthis tool is (?:completely |perfectly |totally )?(?:safe|harmless|trusted|pre-?approved)\b/iu,
    severity: "medium",
    message: "tells its reviewer what to think of it",
  },
  {
    pattern:
      /\b(?:forward|bcc|cc|redirect|send)\b[^.\n]{0,60}[\w.+-]{1,64}@(?!(?:[\w-]+\.)*(?:example|test|company|domain|acme|email|mail|gmail)\b)[\w-]+\.[a-z]{2,}/iu,
    severity: "medium",
    message: "names an address that something is to be sent to",
  },
  {
    pattern: /!\[[^\]\n]{0,80}\]\(https?:/iu,
    severity: "medium",
    message: "has a picture that is loaded from an address, which tells that address what is in it",
  },
  {
    pattern:
      /\bbefore (?:using|calling|invoking|running) (?:any|other|another|the other|every|all)\b[^.\n]{0,30}\b(?:tools?|functions?)\b/iu,
    severity: "medium",
    message: "says what a model must do before it uses other tools",
  },
  {
    pattern: /\bbefore (?:using|calling|invoking|running) this (?:tool|function)\b/iu,
    severity: "low",
    message: "says what a model must do before it uses this tool",
  },
  {
    pattern:
      /\b(?:always|must|should)\b[^.\n]{0,20}\b(?:call|use|invoke|run|prefer)\b[^.\n]{0,25}\b(?:this tool|this function|instead of|before any|first)\b/iu,
    severity: "low",
    message: "asks a model to prefer it, or to call it first",
  },
];

const encodedRun = /(?<![\w+/=])(?=[\w+/]*[a-z])(?=[\w+/]*[A-Z])(?=[\w+/]*\d)[A-Za-z0-9+/]{120,}={0,2}(?![\w+/])/u;

/** Most characters of a text that are looked at; how long a text may be is a check of its own. */
const charactersMax = 50_000;

/** Pure. Phrases of a text that speak to a model as an instruction does, one for each kind. */
export function findInstructions(text: string): readonly Sighting[] {
  const looked = text.slice(0, charactersMax);
  const found = phrases.flatMap(({ pattern, severity, message }): readonly Sighting[] => {
    const match = pattern.exec(looked);
    if (match === null) return [];
    return [{ code: "instructions", severity, seen: excerpt(looked, match.index, match[0].length), message }];
  });
  const encoded = encodedRun.exec(looked);
  if (encoded === null) return found;
  const message = "has a long run of encoded text, which people cannot read";
  return [...found, { code: "instructions", severity: "medium", seen: excerpt(looked, encoded.index, 40), message }];
}
