import { depthMax } from "./text-node.ts";
import type { ReadText, TextEntry, TextFault, TextNode } from "./text-node.ts";
import { inexactNumberFault, unusableKeyFault, unusableTextFault } from "./text-faults.ts";

const numberPattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const plainCharacters = /[^"\\\u0000-\u001f]*/y;
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

/** Reads one JSON text (RFC 8259) from left to right, keeping the place of every value. */
class JsonReader {
  readonly faults: TextFault[] = [];
  readonly #text: string;
  readonly #steps: (string | number)[] = [];
  #offset = 0;

  constructor(text: string) {
    this.#text = text;
  }

  readDocument(): TextNode {
    this.#skipSpace();
    const root = this.#readValue();
    this.#skipSpace();
    if (this.#offset < this.#text.length)
      this.#stop("text after the end of the document", "keep one JSON object and nothing after it");
    return root;
  }

  #readValue(): TextNode {
    const offset = this.#offset;
    switch (this.#text[offset]) {
      case "{":
        return this.#readMap();
      case "[":
        return this.#readList();
      case '"':
        return { kind: "scalar", offset, value: this.#readString() };
      case "t":
        return this.#readWord("true", true);
      case "f":
        return this.#readWord("false", false);
      case "n":
        return this.#readWord("null", null);
      case undefined:
        return this.#stop("the text ends too early", "close every brace, bracket and quote");
      default:
        return this.#readNumber();
    }
  }

  #readWord(word: string, value: boolean | null): TextNode {
    const offset = this.#offset;
    if (!this.#text.startsWith(word, offset))
      this.#stop("this is no JSON value", `write \`${word}\`, or put text in quotes`);
    this.#offset += word.length;
    return { kind: "scalar", offset, value };
  }

  #readNumber(): TextNode {
    const offset = this.#offset;
    numberPattern.lastIndex = offset;
    const source = numberPattern.exec(this.#text)?.[0];
    if (source === undefined) return this.#stop("this is no JSON value", "put text in double quotes");
    this.#offset += source.length;
    const next = this.#text[this.#offset];
    if (next !== undefined && /[\w.+-]/.test(next))
      this.#stop("this is no JSON number", "write it without a leading zero or plus sign");
    const value = Number(source);
    const fault = inexactNumberFault(source, value, offset, [...this.#steps]);
    if (fault !== undefined) this.faults.push(fault);
    return { kind: "scalar", offset, value };
  }

  #readString(): string {
    const start = this.#offset;
    const text = this.#text;
    let value = "";
    this.#offset += 1;
    for (;;) {
      plainCharacters.lastIndex = this.#offset;
      plainCharacters.test(text);
      value += text.slice(this.#offset, plainCharacters.lastIndex);
      this.#offset = plainCharacters.lastIndex;
      const next = text[this.#offset];
      if (next === '"') break;
      if (next !== "\\")
        this.#stop(
          "a text is not closed, or has a raw control character",
          "close it with a double quote and write line breaks as \\n",
        );
      value += this.#readEscape();
    }
    this.#offset += 1;
    const fault = unusableTextFault(value, start, [...this.#steps]);
    if (fault !== undefined) this.faults.push(fault);
    return value;
  }

  #readEscape(): string {
    const letter = this.#text.charAt(this.#offset + 1);
    if (letter === "u") {
      const digits = this.#text.slice(this.#offset + 2, this.#offset + 6);
      if (/^[0-9a-fA-F]{4}$/.test(digits)) {
        this.#offset += 6;
        return String.fromCharCode(Number.parseInt(digits, 16));
      }
    } else {
      const character = Object.hasOwn(escapes, letter) ? escapes[letter] : undefined;
      if (character !== undefined) {
        this.#offset += 2;
        return character;
      }
    }
    return this.#stop("this escape is not one of JSON's", "write a backslash as \\\\");
  }

  #readList(): TextNode {
    const offset = this.#offset;
    const items: TextNode[] = [];
    this.#enter();
    while (this.#mayReadNext("]", items.length === 0)) {
      this.#steps.push(items.length);
      items.push(this.#readValue());
      this.#steps.pop();
    }
    return { kind: "list", offset, items };
  }

  #readMap(): TextNode {
    const offset = this.#offset;
    const entries = new Map<string, TextEntry>();
    this.#enter();
    let isFirst = true;
    while (this.#mayReadNext("}", isFirst)) {
      isFirst = false;
      const keyOffset = this.#offset;
      if (this.#text[keyOffset] !== '"')
        this.#stop("a key in double quotes is missing", 'write `"key": value`, without a comma after the last');
      const key = this.#readString();
      this.#skipSpace();
      if (this.#text[this.#offset] !== ":") this.#stop("a colon is missing after the key", 'write `"key": value`');
      this.#offset += 1;
      this.#skipSpace();
      this.#steps.push(key);
      const fault = unusableKeyFault(key, entries.has(key), keyOffset, [...this.#steps]);
      if (fault !== undefined) this.faults.push(fault);
      const node = this.#readValue();
      this.#steps.pop();
      entries.set(key, { keyOffset, node });
    }
    return { kind: "map", offset, entries };
  }

  #enter(): void {
    if (this.#steps.length >= depthMax) {
      this.#stop(`nested deeper than ${depthMax}`, "flatten the document", "TOO_DEEP");
    }
    this.#offset += 1;
    this.#skipSpace();
  }

  /** Steps over the comma before the next member; false, past the bracket, at the end. */
  #mayReadNext(close: "]" | "}", isFirst: boolean): boolean {
    if (!isFirst) this.#skipSpace();
    const next = this.#text[this.#offset];
    if (next === close) {
      this.#offset += 1;
      return false;
    }
    if (isFirst) return true;
    if (next !== ",") this.#stop(`a comma or \`${close}\` is missing`, "separate members with commas");
    this.#offset += 1;
    this.#skipSpace();
    return true;
  }

  #skipSpace(): void {
    for (;;) {
      const next = this.#text[this.#offset];
      if (next !== " " && next !== "\n" && next !== "\t" && next !== "\r") return;
      this.#offset += 1;
    }
  }

  #stop(message: string, hint: string, code: TextFault["code"] = "SYNTAX_INVALID"): never {
    this.faults.push({ code, message, hint, offset: this.#offset, steps: [...this.#steps] });
    throw new Error(message);
  }
}

/**
 * Pure. Reads a JSON text strictly (RFC 8259): no comments, no trailing commas, no repeated keys once escapes are
 * read. The first syntax fault ends the reading; faults of keys and numbers are collected.
 */
export function readJsonText(text: string): ReadText {
  const reader = new JsonReader(text);
  try {
    return { root: reader.readDocument(), faults: reader.faults };
  } catch {
    // The fault that stopped the reader is the last of its faults.
    return { root: undefined, faults: reader.faults };
  }
}
