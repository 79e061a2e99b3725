/** What can be wrong with any document, with one line on what it says. Codes are never reused. */
export const documentProblemCodes = {
  // the text
  TEXT_TOO_LARGE: "The text is over 1 MiB.",
  TEXT_ENCODING: "The text has a byte order mark, or is not UTF-8.",
  TEXT_INVALID: "A text in the document is not well-formed Unicode.",
  SYNTAX_INVALID: "The text is not JSON or YAML.",
  YAML_REFUSED:
    "The text uses a part of YAML that could be read in two ways: tags, anchors, merges, several documents.",
  KEY_REPEATED: "A key is written twice in one object.",
  KEY_FORBIDDEN: "A key is one that programs could take for something of their own.",
  NUMBER_INEXACT: "A number cannot be held exactly, so two programs could read it differently.",
  TOO_DEEP: "The document is nested deeper than 32.",
  // its shape
  KEY_UNKNOWN: "A key is not part of the language.",
  KEY_MISSING: "A required key is missing.",
  TYPE_WRONG: "A value has the wrong type.",
  VALUE_UNKNOWN: "A value is none of those that the field knows.",
  VALUE_OUT_OF_RANGE: "A number, text or list is too small or too large.",
} as const;

/** A code of {@link documentProblemCodes}. */
export type DocumentProblemCode = keyof typeof documentProblemCodes;
