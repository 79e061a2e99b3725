import { isAlias, isMap, isScalar, isSeq, parseAllDocuments } from "yaml";
import type { Document, Node, Scalar, YAMLMap } from "yaml";
import { inexactNumberFault, unusableKeyFault, unusableTextFault } from "./text-faults.ts";
import { depthMax } from "./text-node.ts";
import type { ReadText, TextEntry, TextFault, TextNode } from "./text-node.ts";

const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** Turns a parsed YAML document into nodes, collecting what JSON has no counterpart for. */
class YamlReader {
  readonly faults: TextFault[] = [];
  readonly #steps: (string | number)[] = [];

  readNode(node: unknown, fallbackOffset: number): TextNode {
    const offset = offsetOfNode(node, fallbackOffset);
    if (isAlias(node)) this.#refuse("an alias (`*name`)", "write the value out", offset);
    else if (hasTag(node)) this.#refuse("a tag (`!name`)", "remove it, and quote the value if it is text", offset);
    else if (hasAnchor(node))
      this.#refuse("an anchor (`&name`)", "remove it, and write the value out where it is used", offset);
    else if (isMap(node)) return this.#readMap(node, offset);
    else if (isSeq(node)) return this.#readList(node.items, offset);
    else if (isScalar(node)) return this.#readScalar(node, offset);
    return { kind: "scalar", offset, value: null };
  }

  #readScalar(node: Scalar, offset: number): TextNode {
    const { value } = node;
    if (typeof value === "string") {
      this.#push(unusableTextFault(value, offset, [...this.#steps]));
      return { kind: "scalar", offset, value };
    }
    if (typeof value === "number") {
      const source = String(node.source);
      if (jsonNumber.test(source)) this.#push(inexactNumberFault(source, value, offset, [...this.#steps]));
      else
        this.#refuse(
          `the number \`${source.slice(0, 40)}\``,
          "write it as JSON does, or in quotes if it is text",
          offset,
        );
      return { kind: "scalar", offset, value };
    }
    return { kind: "scalar", offset, value: typeof value === "boolean" ? value : null };
  }

  #readList(items: readonly unknown[], offset: number): TextNode {
    if (!this.#mayEnter(offset)) return { kind: "list", offset, items: [] };
    const nodes = items.map((item, index) => {
      this.#steps.push(index);
      const node = this.readNode(item, offset);
      this.#steps.pop();
      return node;
    });
    return { kind: "list", offset, items: nodes };
  }

  #readMap(map: YAMLMap, offset: number): TextNode {
    const entries = new Map<string, TextEntry>();
    if (!this.#mayEnter(offset)) return { kind: "map", offset, entries };
    for (const pair of map.items) {
      const keyOffset = offsetOfNode(pair.key, offset);
      const key = this.#readKey(pair.key, keyOffset);
      if (key === undefined) continue;
      this.#steps.push(key);
      this.#push(unusableKeyFault(key, entries.has(key), keyOffset, [...this.#steps]));
      entries.set(key, { keyOffset, node: this.readNode(pair.value, keyOffset) });
      this.#steps.pop();
    }
    return { kind: "map", offset, entries };
  }

  #readKey(node: unknown, offset: number): string | undefined {
    if (!isScalar(node) || typeof node.value !== "string" || hasTag(node) || hasAnchor(node)) {
      this.#refuse("a key that is no plain text", "put the key in quotes", offset);
      return undefined;
    }
    if (node.value === "<<") {
      this.#refuse("a merge (`<<`)", "write the members out", offset);
      return undefined;
    }
    this.#push(unusableTextFault(node.value, offset, [...this.#steps]));
    return node.value;
  }

  #mayEnter(offset: number): boolean {
    if (this.#steps.length < depthMax) return true;
    this.#push({
      code: "TOO_DEEP",
      message: `nested deeper than ${depthMax}`,
      hint: "flatten the document",
      offset,
      steps: [...this.#steps],
    });
    return false;
  }

  #refuse(what: string, hint: string, offset: number): void {
    this.#push({ code: "YAML_REFUSED", message: `${what} is not accepted`, hint, offset, steps: [...this.#steps] });
  }

  #push(fault: TextFault | undefined): void {
    if (fault !== undefined) this.faults.push(fault);
  }
}

function offsetOfNode(node: unknown, fallback: number): number {
  return isNodeWithRange(node) ? node.range[0] : fallback;
}

function isNodeWithRange(node: unknown): node is Node & { range: [number, number, number] } {
  return (isScalar(node) || isMap(node) || isSeq(node) || isAlias(node)) && Array.isArray(node.range);
}

function hasTag(node: unknown): boolean {
  return (isScalar(node) || isMap(node) || isSeq(node)) && node.tag !== undefined;
}

function hasAnchor(node: unknown): boolean {
  return (isScalar(node) || isMap(node) || isSeq(node)) && node.anchor !== undefined;
}

/**
 * Pure. Reads one YAML 1.2 document (core schema) to what JSON could say: no tags, anchors, aliases, merges,
 * directives or second document, and numbers as JSON writes them.
 */
export function readYamlText(text: string): ReadText {
  const directive = /^%[A-Z]+/m.exec(text);
  if (directive !== null) {
    return refused("SYNTAX_INVALID", "a YAML directive is not accepted", "remove the line", directive.index);
  }
  const brackets = /(?:[[{]\s{0,9}){100}/.exec(text);
  if (brackets !== null)
    return refused("TOO_DEEP", `nested deeper than ${depthMax}`, "flatten the document", brackets.index);
  const documents: readonly Document.Parsed[] = [
    ...parseAllDocuments(text, {
      version: "1.2",
      schema: "core",
      merge: false,
      uniqueKeys: false,
      prettyErrors: false,
    }),
  ];
  const [first, second] = documents;
  if (first === undefined) return { root: undefined, faults: [] };
  const broken = documents.flatMap((document) => document.errors)[0];
  if (broken !== undefined && /call stack/.test(broken.message)) {
    // The parser recurses; a text of nothing but brackets exhausts its stack.
    return refused("TOO_DEEP", `nested deeper than ${depthMax}`, "flatten the document", broken.pos[0]);
  }
  if (broken !== undefined) {
    const message = broken.message.replaceAll(/\s+/g, " ").replace(/\.$/, "");
    const lower = message.charAt(0).toLowerCase() + message.slice(1);
    return refused(
      "SYNTAX_INVALID",
      `the text is not YAML: ${lower}`,
      "check indentation, quotes and tabs at this place",
      broken.pos[0],
    );
  }
  if (second !== undefined) {
    return refused(
      "YAML_REFUSED",
      "a second document (`---`) is not accepted",
      "keep one document in a text",
      second.range[0],
    );
  }
  if (first.contents === null || (isScalar(first.contents) && first.contents.value === null))
    return { root: undefined, faults: [] };
  const reader = new YamlReader();
  const root = reader.readNode(first.contents, 0);
  return { root, faults: reader.faults };
}

function refused(code: TextFault["code"], message: string, hint: string, offset: number): ReadText {
  return { root: undefined, faults: [{ code, message, hint, offset, steps: [] }] };
}
