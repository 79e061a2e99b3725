import { type Category, type Signal, signals } from "../../policy/index.ts";
import type { Parameter, ReadDefinition } from "./read-definition.ts";
import { holdsCode, isPathParameter, isUrlParameter } from "./parameter-kinds.ts";
import { listNames } from "./words.ts";

interface SignalRule {
  readonly signal: Signal;
  readonly parameter?: (parameter: Parameter, definition: ReadDefinition) => boolean;
  /** Words of the name, separated by spaces. */
  readonly words?: RegExp;
  /** Words of the name that speak against those of `words`. */
  readonly unless?: RegExp;
  readonly description?: RegExp;
  /** The categories whose tools it can be said of; all without it. */
  readonly of?: ReadonlySet<Category>;
}

const readers: ReadonlySet<Category> = new Set(["Read"]);
const actors: ReadonlySet<Category> = new Set(["Write", "Execute", "Destructive", "Financial"]);
const makers: ReadonlySet<Category> = new Set(["Write", "Execute", "Financial"]);

/** A signal is given when one of its rules holds. */
const rules: readonly SignalRule[] = [
  { signal: "takes_url", parameter: isUrlParameter },
  { signal: "takes_path", parameter: isPathParameter },
  { signal: "takes_path", words: /\b(move|copy|rename) (file|directory|folder)\b/u },
  { signal: "takes_code", parameter: holdsCode },
  {
    signal: "takes_secret",
    parameter: ({ name }) =>
      /password|secret|api_?key|^credentials?$|private_?key|access_?token|^connection_?string$|^cookies?$|^env$/iu.test(
        name,
      ),
  },
  {
    signal: "sends_to_recipient",
    parameter: ({ name }) =>
      /^(to|cc|bcc|recipients?|channel_?id|chat_?id|phone_?number|webhook(_?url)?)$/iu.test(name),
    unless: /\b(draft|join|leave|mark|reactions?|label|labels|modify)\b/u,
    of: makers,
  },
  {
    signal: "sends_to_recipient",
    words: /\b(comments?|note|notes|email|mail|message|messages|reply|notify|tweet|thread|review)\b/u,
    unless: /\b(draft|delete|reactions?|modify|relations?|resolve|mark|labels?)\b/u,
    of: makers,
  },
  { signal: "bulk", words: /\b(batch|bulk|many|multiple|all|mass|crawl)\b/u },
  { signal: "bulk", parameter: isListOfThings, of: actors },
  {
    signal: "permissions",
    words:
      /\b(permissions?|roles?|members?|access|grant|protect(ed)?|unprotect|invite|acl|credentials?|teams?|user ?groups?|db users?|share)\b/u,
    unless: /\b(click|screen|session)\b/u,
  },
  {
    signal: "permissions",
    parameter: ({ name }) =>
      /^(roles?|permissions?|permission_?level|access_?level|visibility|acl|grantee)$/iu.test(name),
    of: actors,
  },
  { signal: "runs_on_host", words: /\b(shell|terminal|command|bash|powershell|psql)\b/u, of: actors },
  {
    signal: "runs_on_host",
    words: /\b(start|run|interact|spawn|exec|execute)\b.*\b(process|program|code|cli)\b/u,
    of: actors,
  },
  {
    signal: "loads_untrusted_content",
    words:
      /\b(search|query|fetch|browse|browser|crawl|extract|scrape|research|find|show|issues?|comments?|notes?|discussions?|e?mails?|messages?|threads?|replies|unreads|inbox|conversations?|pages?|web|html|text|snapshot|screenshot|element|attribute|selector|console|network|requests?|localstorage|sessionstorage|commits?|diffs?|reviews?|todos?|events?|incidents?|traces?|attachments?|logs?|documents?|docs|articles?|posts?|feed|news|transcripts?|templates?|readme|tickets?|work ?items?|stor(y|ies)|tasks?|epics?|objectives?|wikis?|history|records?|rows?|items?|objects?|blocks?|contents?|files?|output|results?|papers?|artifacts?)\b/u,
    unless: /\b(labels?|reactions?|links?|counts?|users?|types?|draft|performance|stats|schema|indexes)\b/u,
    of: readers,
  },
  {
    signal: "loads_untrusted_content",
    words:
      /\b(navigate|goto|visit|reload|launch|snapshot|screenshot|crawl|scrape|search|fetch|browse|interact|sql|psql|soql|aggregate|attachments?|back|forward)\b|\b(get|read|list|take|show)\b.*\b(files?|logs?|requests?|messages?|contents?|text)\b|\b(console|network) (messages|requests?|logs?)\b/u,
    of: makers,
  },
  { signal: "loads_untrusted_content", words: /\b(new|open) (page|tab)\b|\btab new\b/u, of: makers },
  {
    signal: "returns_secrets",
    words:
      /\b(credentials?|secrets?|tokens?|passwords?|env|cookies?|dsns?|curl|har|localstorage|sessionstorage|api keys?)\b/u,
    unless: /\b(set|delete|clear|import|remove|revoke|redeem)\b/u,
    of: new Set(["Read", "Write"]),
  },
  {
    signal: "returns_secrets",
    words:
      /\b(save|capture|export)\b.*\b(session|auth|state|storage)\b|\b(session|auth|state|storage)\b.*\b(save|capture|export)\b/u,
  },
  {
    signal: "irreversible",
    description: /\b(permanent(ly)?|irreversibl[ey]|cannot be undone|can't be undone|no way back)\b/iu,
    of: actors,
  },
];

/** Pure. The signals of a definition, in the order of the policy language's list. */
export function signalsOf(definition: ReadDefinition, category: Category): readonly Signal[] {
  const found = new Set(rules.filter((rule) => holds(rule, definition, category)).map(({ signal }) => signal));
  if (category === "Destructive") found.add("irreversible");
  return signals.filter((signal) => found.has(signal));
}

function holds(rule: SignalRule, definition: ReadDefinition, category: Category): boolean {
  const name = definition.words.join(" ");
  if (rule.of?.has(category) === false || rule.unless?.test(name) === true) return false;
  return (
    definition.parameters.some((parameter) => rule.parameter?.(parameter, definition) === true) ||
    rule.words?.test(name) === true ||
    rule.description?.test(definition.description) === true
  );
}

/** Whether a call names several things to act on. */
function isListOfThings({ name, isList, isRequired, depth }: Parameter): boolean {
  return depth === 0 && isList && isRequired && listNames.test(name);
}
