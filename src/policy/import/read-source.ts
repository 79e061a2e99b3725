import type { JsonValue } from "../../values/json.ts";
import { readJsonText } from "../../documents/json-text.ts";
import { refusalOfText } from "../../documents/read-document.ts";
import type { ProblemList } from "../../documents/problem-list.ts";
import { toValue } from "../../documents/text-node.ts";
import type { ReadText, TextEntry, TextFault, TextNode } from "../../documents/text-node.ts";
import { readYamlText } from "../../documents/yaml-text.ts";

/**
 * Pure. Reads a text to its value with the strict readers of policies, or undefined with at least one error added to
 * `problems`. A text that starts with `{` or `[` is JSON unless the file name says YAML; everything else is YAML. Bare
 * members, `"tool": {...}, "other": {...}`, are read as if the braces around them were there.
 */
export function readSource(text: string, file: string | undefined, problems: ProblemList): JsonValue | undefined {
  // A byte order mark is no fault of an older file: it becomes a space, which keeps every offset.
  const unmarked = text.replace(/^\uFEFF/, " ");
  const refusal = refusalOfText(unmarked);
  if (refusal !== undefined) {
    problems.add(refusal);
    return undefined;
  }
  const { root, faults } = readText(unmarked, file);
  problems.root = root;
  for (const fault of faults) problems.addFault(fault);
  if (root === undefined) {
    if (faults.length === 0) {
      problems.add({
        severity: "error",
        code: "POLICY_EMPTY",
        message: "the text holds no rules",
        path: "",
        hint: "give a policy document, a map of tools, or the rules of one tool",
      });
    }
    return undefined;
  }
  for (const fault of spellingFaults(root, text, [])) problems.addFault(fault);
  return toValue(root);
}

function readText(text: string, file: string | undefined): ReadText {
  const isJson = /^\s*[{[]/.test(text) && !/\.ya?ml$/i.test(file ?? "");
  const asIs = isJson ? readJsonText(text) : readYamlText(text);
  if (asIs.root !== undefined || !/^\s*"/.test(text)) return asIs;
  const braced = readJsonText(`{${text.trimEnd().replace(/,$/, "")}}`);
  if (braced.root === undefined) return asIs;
  const faults = braced.faults.map((fault) => ({ ...fault, offset: fault.offset - 1 }));
  return { root: shiftLeft(braced.root), faults };
}

/** The node with the offsets that it has without the brace before it. */
function shiftLeft(node: TextNode): TextNode {
  const offset = Math.max(0, node.offset - 1);
  if (node.kind === "scalar") return { ...node, offset };
  if (node.kind === "list") return { ...node, offset, items: node.items.map(shiftLeft) };
  const entries = [...node.entries].map(([key, entry]): [string, TextEntry] => [
    key,
    { keyOffset: entry.keyOffset - 1, node: shiftLeft(entry.node) },
  ]);
  return { ...node, offset, entries: new Map(entries) };
}

/** Words without quotes that the older loader (YAML 1.1) read as times or numbers and YAML 1.2 reads as text. */
const ambiguousSpelling = /^(?:\d{4}-\d{1,2}-\d{1,2}(?:[Tt ].*)?|[-+]?0b[01_]+|[-+]?\d[\d.]*_[\d_.]*)$/;

function spellingFaults(node: TextNode, text: string, steps: readonly (string | number)[]): readonly TextFault[] {
  if (node.kind === "list") return node.items.flatMap((item, index) => spellingFaults(item, text, [...steps, index]));
  if (node.kind === "map")
    return [...node.entries].flatMap(([key, entry]) => spellingFaults(entry.node, text, [...steps, key]));
  if (
    typeof node.value !== "string" ||
    !ambiguousSpelling.test(node.value) ||
    !text.startsWith(node.value, node.offset)
  )
    return [];
  return [
    {
      code: "YAML_REFUSED",
      message: `\`${node.value.slice(0, 40)}\` without quotes was no text to the older loader`,
      hint: "put it in quotes if it is text, or write the number as JSON does",
      offset: node.offset,
      steps,
    },
  ];
}
