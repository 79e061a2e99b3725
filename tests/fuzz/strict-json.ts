/**
 * A second, slow, obvious reader of the JSON that a client may send: RFC 8259, and what two parsers could read differently
 * is refused. Written down one character at a time so that it can be read against the grammar; knows no limits.
 */
export function readStrictJson(text: string): { readonly value: unknown } | "refused" {
  const reader = new Reader(text);
  try {
    const value = reader.value();
    reader.space();
    return reader.isAtEnd() ? { value } : "refused";
  } catch (error) {
    if (error instanceof Refusal) return "refused";
    throw error;
  }
}

class Refusal extends Error {}

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

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  isAtEnd(): boolean {
    return this.#at === this.#text.length;
  }

  space(): void {
    while (" \t\n\r".includes(this.#text[this.#at] ?? "x")) this.#at += 1;
  }

  value(): unknown {
    this.space();
    switch (this.#text[this.#at]) {
      case "{":
        return this.#object();
      case "[":
        return this.#list();
      case '"':
        return this.#string();
      default:
        return this.#word();
    }
  }

  #object(): unknown {
    this.#take("{");
    const members = new Map<string, unknown>();
    this.space();
    if (this.#text[this.#at] !== "}") {
      do {
        this.space();
        const key = this.#string();
        if (members.has(key) || key === "__proto__" || key.includes("\0")) throw new Refusal();
        this.space();
        this.#take(":");
        const value = this.value();
        if (key === "constructor" && value instanceof Map && value.has("prototype")) throw new Refusal();
        members.set(key, value);
        this.space();
      } while (this.#skip(","));
    }
    this.#take("}");
    return members;
  }

  #list(): unknown[] {
    this.#take("[");
    const items: unknown[] = [];
    this.space();
    if (this.#text[this.#at] !== "]") {
      do {
        items.push(this.value());
        this.space();
      } while (this.#skip(","));
    }
    this.#take("]");
    return items;
  }

  #string(): string {
    this.#take('"');
    let read = "";
    for (;;) {
      const sign = this.#text[this.#at] ?? "";
      this.#at += 1;
      if (sign === '"') break;
      if (sign === "" || sign < " ") throw new Refusal();
      read += sign === "\\" ? this.#escape() : sign;
    }
    if (!read.isWellFormed()) throw new Refusal();
    return read;
  }

  #escape(): string {
    const sign = this.#text[this.#at] ?? "";
    this.#at += 1;
    if (sign !== "u") {
      const meaning = escapes[sign];
      if (meaning === undefined) throw new Refusal();
      return meaning;
    }
    const digits = this.#text.slice(this.#at, this.#at + 4);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw new Refusal();
    this.#at += 4;
    return String.fromCharCode(Number.parseInt(digits, 16));
  }

  #word(): unknown {
    const [word] = /^[-+.0-9A-Za-z]+/.exec(this.#text.slice(this.#at)) ?? [""];
    this.#at += word.length;
    if (word === "true" || word === "false") return word === "true";
    if (word === "null") return null;
    if (!/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(word)) throw new Refusal();
    return Number(word);
  }

  #take(sign: string): void {
    if (!this.#skip(sign)) throw new Refusal();
  }

  #skip(sign: string): boolean {
    if (this.#text[this.#at] !== sign) return false;
    this.#at += 1;
    return true;
  }
}

/** The value as `JSON.parse` would have made it. */
export function plainValue(value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [key, plainValue(item)]));
  return Array.isArray(value) ? value.map(plainValue) : value;
}
