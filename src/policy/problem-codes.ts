import { documentProblemCodes } from "../documents/problem-codes.ts";
import type { DocumentProblemCode } from "../documents/problem-codes.ts";
import { conditionProblemCodes } from "./conditions/problem-codes.ts";
import type { ConditionProblemCode } from "./conditions/problem-codes.ts";

const languageProblemCodes = {
  // the document as a whole
  POLICY_EMPTY: "The text holds no document.",
  SHAPE_UNKNOWN: "A text to import has none of the shapes that can be read without guessing.",
  TOO_MANY_RULES: "The document has more than 5,000 rules.",
  // names and patterns
  PATTERN_INVALID: "A tool pattern cannot be read.",
  PATTERN_REPEATED: "A list names the same tool or pattern twice.",
  PATTERNS_OVERLAP: "Two patterns can match one name, and neither lies inside the other.",
  ENTRY_NARROWS: "An entry takes tools from a wider entry and leaves out one of its rules.",
  TOOL_UNKNOWN: "A name or pattern matches none of the server's tools.",
  TOOL_HIDDEN: "Tools that the agent will no longer see.",
  TOOL_UNNAMED: "Tools of the server that no entry selects.",
  // rules
  TIME_ZONE_UNKNOWN: "The time zone is not an IANA name.",
  TIME_INVALID: "A time is not RFC 3339.",
  VALIDITY_EMPTY: "A rule's life ends before it begins.",
  VALIDITY_OF_REQUIRE: "A `require` entry ends, after which the call is let through without it.",
  DURATION_INVALID: "A length of time cannot be read, or is out of its bounds.",
  RULE_WITHOUT_EFFECT: "A field has no effect where it stands.",
  COUNTER_REPEATED: "Two limits of one list have the same counter name.",
  LIMIT_INVALID: "A limit's fields do not fit together.",
  LIMIT_SCOPE_SESSION: "A limit counts by session alone, and an agent can open a new one.",
  RATE_INVALID: "A rate cannot be read.",
  SPEND_LIMIT_ASSUMED: "`spend_limit` assumes which argument is the amount.",
  APPROVAL_SELF_ASSUMED: "With one person, the grant's owner may approve their own calls.",
  APPROVER_INVALID: "An approver cannot be read.",
  FLOW_INVALID: "A flow's fields do not fit together.",
  FLOW_SELF: "Tools match both sides of a flow.",
  DOORS_CLOSED: '`"default": "deny"` also closes the doors without an entry.',
  ARGUMENT_DEFAULT: "An optional argument has a default in the tool's schema that a deny rule does not see.",
  ARGUMENT_UNNAMED: "A path reads an argument that the tool's input schema does not name.",
  PATH_IMPOSSIBLE: "A path reads what the tool's input schema proves impossible.",
} as const;

/** A code of {@link problemCodes}. */
export type PolicyProblemCode = DocumentProblemCode | keyof typeof languageProblemCodes | ConditionProblemCode;

/** Every code of a problem in a policy document, with one line on what it says. Codes are never reused. */
export const problemCodes: Readonly<Record<PolicyProblemCode, string>> = {
  ...documentProblemCodes,
  ...languageProblemCodes,
  ...conditionProblemCodes,
};
