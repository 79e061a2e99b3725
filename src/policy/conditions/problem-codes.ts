/** Every code that compiling a condition may report, with one line on what it means. Codes are never reused. */
export const conditionProblemCodes = {
  // the condition
  OPERATOR_UNKNOWN: "The operator of a condition is none of those that are known.",
  CONDITION_EMPTY: "A list of conditions under `any` or `all` is empty.",
  CONDITION_VALUE_MISSING: "A condition has nothing to compare its left side with.",
  CONDITION_VALUE_TWICE: "A condition has both `value` and `value_from`.",
  CONDITION_NULL: "A condition compares with `null`, which nothing equals; `exists` asks for it.",
  CONDITION_NUMBER: "A condition compares with a number that two parsers could read differently.",
  CONDITION_RIGHT_SIDE_TYPE: "The right side of a condition has a type that its operator does not take.",
  VALUE_FROM_NOT_ALLOWED: "An operator whose right side must be known at load stands with `value_from`.",
  VALUE_FROM_MANY: "A path in `value_from` may stand for many values.",
  // its path
  PATH_SYNTAX: "A path cannot be read.",
  PATH_UNKNOWN_ROOT: "A path begins with a fact that is not known.",
  PATH_NO_SUCH_FACT: "A path goes on below a fact that has nothing below it, or names no tag of a grant.",
  PATH_FORBIDDEN_NAME: "A path names a member that programs could take for something of their own.",
  PATH_TREE_TWICE: "A path has more than one `.**`.",
  // its right side
  LIST_REFERENCE: "A `$list` is not the name of a list, alone in its object.",
  LIST_UNKNOWN: "A `$list` names no list of the document.",
  LIST_NESTED: "A `$list` stands inside another value.",
  LIST_MISPLACED: "A `$list` stands with an operator that takes no list.",
  LIST_EMPTY: "A list that must have members is empty.",
  NEEDLE_EMPTY: "The text or pattern to look for is empty, so that everything would match.",
  NEEDLE_TOO_LONG: "The text to look for has over 1,000 characters.",
  REGEX_REFUSED: "The RE2 engine refuses a pattern.",
  REGEX_TOO_LARGE: "A pattern has over 1,000 characters or instructions, or a repeat count over 100.",
  TIME_NOT_RFC3339: "A time to compare with is not a date and time of RFC 3339.",
  NETWORK_UNKNOWN: "A member of a list of networks is not a network in its canonical form.",
  HOST_NOT_PLAIN: "A member of a list of hosts is not a plain host name or address.",
  ROOT_NOT_PLAIN: "A member of a list of roots is not a plain absolute file path.",
  // warnings
  REGEX_UNANCHORED: "A pattern that lets calls pass is not tied to both ends of the text.",
  REGEX_ANY_RUN: "A pattern that lets calls pass allows any text in an argument that is likely to be run.",
  REGEX_NOT_NORMAL: "A pattern is not in the normal form to which text is brought before it denies.",
  WITHIN_ON_DENY_SIDE: "`within` denies, although links and disks that ignore case lead around it.",
  CLIENT_SELF_DECLARED: "A call is let through by what its client says of itself.",
} as const;

/** A code of {@link conditionProblemCodes}. */
export type ConditionProblemCode = keyof typeof conditionProblemCodes;
