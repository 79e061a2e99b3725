import type { JsonValue } from "../values/json.ts";

/** A value of a text with the place it was read from. Offsets are UTF-16 code units from the start of the text. */
export type TextNode =
  | { readonly kind: "scalar"; readonly offset: number; readonly value: null | boolean | number | string }
  | { readonly kind: "list"; readonly offset: number; readonly items: readonly TextNode[] }
  | { readonly kind: "map"; readonly offset: number; readonly entries: ReadonlyMap<string, TextEntry> };

/** One member of a map. */
export interface TextEntry {
  readonly keyOffset: number;
  readonly node: TextNode;
}

/** A fault found while reading, at an offset of the text. */
export interface TextFault {
  readonly code:
    | "SYNTAX_INVALID"
    | "KEY_REPEATED"
    | "KEY_FORBIDDEN"
    | "NUMBER_INEXACT"
    | "TOO_DEEP"
    | "YAML_REFUSED"
    | "TEXT_INVALID";
  readonly message: string;
  readonly hint: string;
  readonly offset: number;
  /** The steps from the root to the value the fault is in. */
  readonly steps: readonly (string | number)[];
}

/** What reading a text gives: the root is undefined when the text has no readable value. */
export interface ReadText {
  readonly root: TextNode | undefined;
  readonly faults: readonly TextFault[];
}

/** Containers may nest this deep. */
export const depthMax = 32;

/** Pure. The plain value of a node; objects have a null prototype and own members only. */
export function toValue(node: TextNode): JsonValue {
  switch (node.kind) {
    case "scalar":
      return node.value;
    case "list":
      return node.items.map(toValue);
    case "map": {
      const object: Record<string, JsonValue> = Object.create(null);
      for (const [key, entry] of node.entries) object[key] = toValue(entry.node);
      return object;
    }
  }
}

/**
 * Pure. Where a JSON pointer's steps lead: the offset of the value, or of its key with `at: "key"`. Steps that lead
 * nowhere give the deepest value on the way.
 */
export function offsetOf(root: TextNode, steps: readonly string[], at: "key" | "value"): number {
  let node = root;
  let keyOffset = root.offset;
  for (const step of steps) {
    if (node.kind === "map") {
      const entry = node.entries.get(step);
      if (entry === undefined) return node.offset;
      keyOffset = entry.keyOffset;
      node = entry.node;
    } else if (node.kind === "list") {
      const item = node.items[Number(step)];
      if (item === undefined) return node.offset;
      keyOffset = item.offset;
      node = item;
    } else {
      return node.offset;
    }
  }
  return at === "key" ? keyOffset : node.offset;
}
