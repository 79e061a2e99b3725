import type { JsonValue } from "../values/json.ts";

/** A table while it is read. */
interface Table {
  [key: string]: TomlValue;
}
type TomlValue = JsonValue | Table | TomlValue[];

const depthMax = 64;

/**
 * Pure. A TOML document (v1.0) as plain data; times stay text. Undefined for what cannot be read: a configuration is shown
 * whole or not at all.
 */
export function readToml(text: string): JsonValue | undefined {
  try {
    return new TomlReader(text.replace(/^\uFEFF/u, "")).read();
  } catch (error) {
    if (error instanceof TomlFault || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

class TomlFault extends Error {}

class TomlReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): JsonValue {
    const root = newTable();
    let table = root;
    for (this.#skip(true); this.#at < this.#text.length; this.#skip(true)) {
      if (this.#take("[[")) {
        table = appendTable(root, this.#keys());
        this.#expect("]]");
      } else if (this.#take("[")) {
        table = tableAt(root, this.#keys());
        this.#expect("]");
      } else this.#pair(table, 0);
      this.#endLine();
    }
    return toJson(root);
  }

  #pair(table: Table, depth: number): void {
    const keys = this.#keys();
    this.#expect("=");
    this.#skip(false);
    const last = keys.pop() ?? "";
    const owner = tableAt(table, keys);
    if (Object.hasOwn(owner, last)) throw new TomlFault();
    owner[last] = this.#value(depth + 1);
  }

  #keys(): string[] {
    const keys: string[] = [];
    do {
      this.#skip(false);
      const bare = this.#match(/[A-Za-z0-9_-]+/uy);
      keys.push(bare ?? this.#string());
      this.#skip(false);
    } while (this.#take("."));
    return keys;
  }

  #value(depth: number): TomlValue {
    if (depth > depthMax) throw new TomlFault();
    const next = this.#text[this.#at];
    if (next === '"' || next === "'") return this.#string();
    if (this.#take("[")) return this.#list(depth);
    if (this.#take("{")) return this.#inlineTable(depth);
    const word = this.#match(/[A-Za-z0-9+\-_.:]+(?: \d{2}:[\d:.Z+-]+)?/uy);
    if (word === undefined) throw new TomlFault();
    if (word === "true" || word === "false") return word === "true";
    const number = Number(word.replaceAll("_", ""));
    return Number.isFinite(number) ? number : word;
  }

  #list(depth: number): TomlValue[] {
    const items: TomlValue[] = [];
    for (this.#skip(true); !this.#take("]"); this.#skip(true)) {
      items.push(this.#value(depth + 1));
      this.#skip(true);
      if (!this.#take(",") && this.#text[this.#at] !== "]") throw new TomlFault();
    }
    return items;
  }

  #inlineTable(depth: number): Table {
    const table = newTable();
    for (this.#skip(true); !this.#take("}"); this.#skip(true)) {
      this.#pair(table, depth);
      this.#skip(true);
      if (!this.#take(",") && this.#text[this.#at] !== "}") throw new TomlFault();
    }
    return table;
  }

  #string(): string {
    const long = this.#match(/"""[\s\S]*?(?<!\\)"{3,5}|'''[\s\S]*?'{3,5}/uy);
    if (long !== undefined) {
      const inner = long.slice(3, -3).replace(/^\r?\n/u, "");
      return long.startsWith("'") ? inner : unescape(inner.replaceAll(/\\[ \t]*\r?\n\s*/gu, ""));
    }
    const literal = this.#match(/'[^'\n]*'/uy);
    if (literal !== undefined) return literal.slice(1, -1);
    const basic = this.#match(/"(?:[^"\\\n]|\\.)*"/uy);
    if (basic === undefined) throw new TomlFault();
    return unescape(basic.slice(1, -1));
  }

  #skip(isOverLines: boolean): void {
    this.#match(isOverLines ? /(?:\s|#[^\n]*)*/uy : /[ \t]*/uy);
  }

  #endLine(): void {
    if (this.#match(/[ \t]*(?:#[^\n]*)?(?:\r?\n|$)/uy) === undefined) throw new TomlFault();
  }

  #expect(text: string): void {
    this.#skip(false);
    if (!this.#take(text)) throw new TomlFault();
  }

  #take(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text)?.[0];
    this.#at += match?.length ?? 0;
    return match;
  }
}

const escapes: Readonly<Record<string, string>> = { b: "\b", t: "\t", n: "\n", f: "\f", r: "\r", e: "\u001B" };

function unescape(text: string): string {
  return text.replaceAll(/\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))/gsu, (_, short, long, one: string) => {
    const hex: unknown = short ?? long;
    if (typeof hex !== "string") return escapes[one] ?? one;
    const code = Number.parseInt(hex, 16);
    if (code > 0x10ffff) throw new TomlFault();
    return String.fromCodePoint(code);
  });
}

function newTable(): Table {
  const table: Table = Object.create(null);
  return table;
}

function tableAt(root: Table, keys: readonly string[]): Table {
  let table = root;
  for (const key of keys) {
    const member = table[key];
    const inner = Array.isArray(member) ? member.at(-1) : member;
    if (inner === undefined) {
      const made = newTable();
      table[key] = made;
      table = made;
    } else if (isTable(inner)) table = inner;
    else throw new TomlFault();
  }
  return table;
}

function appendTable(root: Table, keys: string[]): Table {
  const last = keys.pop() ?? "";
  const owner = tableAt(root, keys);
  const made = newTable();
  const list = owner[last] ?? [];
  if (!Array.isArray(list)) throw new TomlFault();
  owner[last] = [...list, made];
  return made;
}

function isTable(value: TomlValue): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function toJson(table: Table): JsonValue {
  const value: JsonValue = JSON.parse(JSON.stringify(table));
  return value;
}
