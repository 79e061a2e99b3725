import type { JsonValue } from "../values/json.ts";
import { numberFault, type NumberFault } from "./numbers.ts";

/** Every reason why {@link scanJson} refuses bytes. Stable: audit rows carry them. */
export const scanReasons = [
  "empty",
  "bom",
  "invalid_utf8",
  "invalid_json",
  "duplicate_key",
  "forbidden_key",
  "nul_in_key",
  "folding_key",
  "lone_surrogate",
  "too_deep",
  "too_many_keys",
  "too_many_values",
  "number_too_long",
  "number_out_of_range",
  "unsafe_integer",
  "number_not_exact",
] as const;
export type ScanReason = (typeof scanReasons)[number];

/** Why bytes were refused. `message` is for people and holds nothing from the bytes; `offset` counts UTF-16 units. */
export interface ScanFault {
  readonly reason: ScanReason;
  readonly message: string;
  readonly offset: number;
}

/** The text, exactly as sent, and its value; or the first fault. */
export type ScanResult =
  | { readonly ok: true; readonly text: string; readonly value: JsonValue }
  | { readonly ok: false; readonly fault: ScanFault };

/** What {@link scanJson} puts up with. */
export interface ScanLimits {
  /** Lists and objects inside one another. */
  readonly depth: number;
  readonly keysPerObject: number;
  /** Values of any kind in the whole text, members and elements alike. */
  readonly nodes: number;
  /** Characters in one number. */
  readonly numberText: number;
  /** Refuse numbers that a double does not hold as written. */
  readonly exactNumbers: boolean;
  /** Refuse lone surrogates in string values too (in keys they are always refused). */
  readonly wellFormedValues: boolean;
  /** Refuse keys that are not ASCII but become ASCII when case is folded (long s, Kelvin sign). */
  readonly foldingKeys: boolean;
}

/** For what clients send: nothing that two parsers could read differently (gateway.md §2). */
export const clientScanLimits: ScanLimits = {
  depth: 64,
  keysPerObject: 1_000,
  nodes: 200_000,
  numberText: 32,
  exactNumbers: true,
  wellFormedValues: true,
  foldingKeys: true,
};

/**
 * For what servers answer. Results are data that no rule decides on: numbers of any precision, large maps and text
 * that a server cut inside an emoji go through as they are. Ambiguous keys are refused all the same.
 */
export const serverScanLimits: ScanLimits = {
  depth: 128,
  keysPerObject: 100_000,
  nodes: 2_000_000,
  numberText: 1_000,
  exactNumbers: false,
  wellFormedValues: false,
  foldingKeys: false,
};

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lenientDecoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Pure. Reads bytes as one JSON text that every parser must read alike: strict grammar, fatal UTF-8 without a BOM, no
 * key twice in an object (after unescaping), no `__proto__`, no `constructor` that holds `prototype`, no lone
 * surrogate, no NUL in a key, within the limits. Without limits, {@link clientScanLimits} hold.
 *
 * The grammar is `JSON.parse`'s; the scan before it looks only for what `JSON.parse` lets pass. It may misread text
 * that is no JSON, which `JSON.parse` then refuses, and reads valid JSON exactly.
 */
export function scanJson(bytes: Uint8Array, limits?: Partial<ScanLimits>): ScanResult {
  if (bytes.length === 0) return refuse("empty", 0);
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return refuse("bom", 0);
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return refuse("invalid_utf8", firstReplacement(bytes));
  }
  return scanText(text, limits === undefined ? clientScanLimits : { ...clientScanLimits, ...limits });
}

/** Pure. {@link scanJson} for text that is already decoded (and so well formed). */
export function scanText(text: string, limits: ScanLimits): ScanResult {
  const scanner = new Scanner(text, limits);
  const end = scanner.value(0, false);
  if (end === failed) return refuse(scanner.reason, scanner.offset);
  try {
    const value: JsonValue = JSON.parse(text);
    return { ok: true, text, value };
  } catch {
    return refuse("invalid_json", end);
  }
}

/** Where a decoder that mends faults mends the first one: the place of the fault. */
function firstReplacement(bytes: Uint8Array): number {
  const mended = lenientDecoder.decode(bytes);
  const sent = new TextEncoder();
  let from = 0;
  let byte = 0;
  for (;;) {
    const at = mended.indexOf("\ufffd", from);
    byte += sent.encode(mended.slice(from, at)).length;
    const isSent = bytes[byte] === 0xef && bytes[byte + 1] === 0xbf && bytes[byte + 2] === 0xbd;
    if (!isSent) return at;
    from = at + 1;
    byte += 3;
  }
}

const messages: Readonly<Record<ScanReason, string>> = {
  empty: "the message is empty",
  bom: "the message begins with a byte order mark",
  invalid_utf8: "the message is not valid UTF-8",
  invalid_json: "the message is not valid JSON",
  duplicate_key: "an object holds the same key twice",
  forbidden_key: "an object holds a key that could change the reader itself",
  nul_in_key: "a key holds a NUL character",
  folding_key: "a key holds a character that some readers fold to an ASCII letter",
  lone_surrogate: "a string holds half of a surrogate pair",
  too_deep: "lists and objects are nested too deep",
  too_many_keys: "an object holds too many keys",
  too_many_values: "the message holds too many values",
  number_too_long: "a number is written with too many characters",
  number_out_of_range: "a number is too large to be held",
  unsafe_integer: "an integer lies beyond what is held exactly",
  number_not_exact: "a number is not held exactly as it is written",
};

function refuse(reason: ScanReason, offset: number): ScanResult {
  return { ok: false, fault: { reason, message: `${messages[reason]} (at ${offset})`, offset } };
}

const failed = -1;
/** From here on a set is cheaper than comparing with every earlier key. */
const comparedKeysMax = 16;
/** After so many characters of a string value, searching for its end beats walking. */
const walkedCharactersMax = 24;
const safeIntegerLengthMax = 15;

function hashKey(key: string): number {
  let hash = 0;
  for (let i = 0; i < key.length; i += 1) hash = (Math.imul(hash, 31) + key.charCodeAt(i)) | 0;
  return hash;
}

const protoHash = hashKey("__proto__");
const constructorHash = hashKey("constructor");
const prototypeHash = hashKey("prototype");

/**
 * One walk over a text. Every method takes the index where its part begins and returns the index behind it, or
 * {@link failed} with `reason` and `offset` set.
 */
class Scanner {
  reason: ScanReason = "invalid_json";
  offset = 0;
  private readonly text: string;
  private readonly limits: ScanLimits;
  private depth = 0;
  private nodes = 0;
  /** Set by {@link key}: the key it read, as a span between its quotes, and what it is after unescaping. */
  private keyStart = 0;
  private keyEnd = 0;
  private keyHash = 0;
  private keyIsPlain = true;
  /** Hashes and spans of the keys of all open objects, innermost last; only the first few of each. */
  private readonly hashes: number[] = [];
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];

  constructor(text: string, limits: ScanLimits) {
    this.text = text;
    this.limits = limits;
  }

  /** `isConstructor`: the value stands under a key `constructor`. */
  value(from: number, isConstructor: boolean): number {
    const at = this.skipBlanks(from);
    this.nodes += 1;
    if (this.nodes > this.limits.nodes) return this.fail("too_many_values", at);
    const code = this.text.charCodeAt(at);
    if (code === 34) return this.string(at + 1);
    if (code === 123) return this.object(at + 1, isConstructor);
    if (code === 91) return this.list(at + 1);
    if (code === 45 || (code >= 48 && code <= 57)) return this.number(at);
    return this.literal(at);
  }

  private fail(reason: ScanReason, offset: number): number {
    this.reason = reason;
    this.offset = offset;
    return failed;
  }

  private skipBlanks(from: number): number {
    let at = from;
    while (this.text.charCodeAt(at) <= 32) at += 1;
    return at;
  }

  private list(from: number): number {
    this.depth += 1;
    if (this.depth > this.limits.depth) return this.fail("too_deep", from - 1);
    let at = this.skipBlanks(from);
    if (this.text.charCodeAt(at) !== 93) {
      for (;;) {
        at = this.value(at, false);
        if (at === failed) return failed;
        at = this.skipBlanks(at);
        const code = this.text.charCodeAt(at);
        if (code === 93) break;
        if (code !== 44) return this.fail("invalid_json", at);
        at += 1;
      }
    }
    this.depth -= 1;
    return at + 1;
  }

  private object(from: number, isConstructor: boolean): number {
    this.depth += 1;
    if (this.depth > this.limits.depth) return this.fail("too_deep", from - 1);
    let at = this.skipBlanks(from);
    if (this.text.charCodeAt(at) !== 125) {
      at = this.members(at, isConstructor);
      if (at === failed) return failed;
    }
    this.depth -= 1;
    return at + 1;
  }

  /** Reads members up to the closing brace and returns its index. */
  private members(from: number, isConstructor: boolean): number {
    const base = this.hashes.length;
    let seen: Set<string> | undefined;
    let at = from;
    for (let count = 1; ; count += 1) {
      at = this.skipBlanks(at);
      if (this.text.charCodeAt(at) !== 34) return this.fail("invalid_json", at);
      if (count > this.limits.keysPerObject) return this.fail("too_many_keys", at);
      at = this.key(at + 1);
      if (at === failed) return failed;
      const hash = this.keyHash;
      if (this.isForbidden(isConstructor)) return this.fail("forbidden_key", this.keyStart);
      if (count > comparedKeysMax) {
        seen ??= this.keysFrom(base);
        const key = this.decodeKey(this.keyStart, this.keyEnd);
        if (seen.has(key)) return this.fail("duplicate_key", this.keyStart);
        seen.add(key);
      } else if (this.isRepeated(base)) return this.fail("duplicate_key", this.keyStart);
      at = this.skipBlanks(at);
      if (this.text.charCodeAt(at) !== 58) return this.fail("invalid_json", at);
      at = this.value(at + 1, hash === constructorHash);
      if (at === failed) return failed;
      at = this.skipBlanks(at);
      const code = this.text.charCodeAt(at);
      if (code === 125) break;
      if (code !== 44) return this.fail("invalid_json", at);
      at += 1;
    }
    this.hashes.length = base;
    this.starts.length = base;
    this.ends.length = base;
    return at;
  }

  /** Whether the key stands among those of the innermost object; remembers it if not. */
  private isRepeated(base: number): boolean {
    const { hashes } = this;
    for (let i = base; i < hashes.length; i += 1) {
      if (hashes[i] === this.keyHash && this.decodeKeyAt(i) === this.decodeKey(this.keyStart, this.keyEnd)) return true;
    }
    hashes.push(this.keyHash);
    this.starts.push(this.keyStart);
    this.ends.push(this.keyEnd);
    return false;
  }

  private keysFrom(base: number): Set<string> {
    const keys = new Set<string>();
    for (let i = base; i < this.hashes.length; i += 1) keys.add(this.decodeKeyAt(i));
    return keys;
  }

  private decodeKeyAt(index: number): string {
    return this.decodeKey(Number(this.starts[index]), Number(this.ends[index]));
  }

  /** INVARIANT: only called for spans that {@link key} accepted, so `JSON.parse` cannot throw. */
  private decodeKey(start: number, end: number): string {
    const raw = this.text.slice(start, end);
    return raw.includes("\\") ? JSON.parse(`"${raw}"`) : raw;
  }

  private isForbidden(isConstructor: boolean): boolean {
    const hash = this.keyHash;
    if (hash === protoHash) return this.decodeKey(this.keyStart, this.keyEnd) === "__proto__";
    return isConstructor && hash === prototypeHash && this.decodeKey(this.keyStart, this.keyEnd) === "prototype";
  }

  /** Reads a key up to its closing quote and returns the index behind that. */
  private key(from: number): number {
    const { text } = this;
    let hash = 0;
    let all = 0;
    let at = from;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === 34) break;
      if (code === 92) return this.escapedKey(from);
      if (!(code >= 32)) return this.fail("invalid_json", at);
      hash = (Math.imul(hash, 31) + code) | 0;
      all |= code;
      at += 1;
    }
    this.keyStart = from;
    this.keyEnd = at;
    this.keyHash = hash;
    if (all > 127 && this.limits.foldingKeys && isFolding(text.slice(from, at))) return this.fail("folding_key", from);
    return at + 1;
  }

  /** A key with escapes, judged as what it unescapes to. */
  private escapedKey(from: number): number {
    const behind = this.escapedString(from, true);
    if (behind === failed) return failed;
    let key: string;
    try {
      key = JSON.parse(this.text.slice(from - 1, behind));
    } catch {
      return this.fail("invalid_json", from);
    }
    if (key.includes("\0")) return this.fail("nul_in_key", from);
    if (this.limits.foldingKeys && isFolding(key)) return this.fail("folding_key", from);
    this.keyStart = from;
    this.keyEnd = behind - 1;
    this.keyHash = hashKey(key);
    return behind;
  }

  /** A string value: walks a little, then searches. Control characters are left to `JSON.parse`. */
  private string(from: number): number {
    const { text } = this;
    const walkEnd = from + walkedCharactersMax;
    let at = from;
    for (; at < walkEnd; at += 1) {
      const code = text.charCodeAt(at);
      if (code === 34) return at + 1;
      if (code === 92) return this.escapedString(at, this.limits.wellFormedValues);
    }
    const quote = text.indexOf('"', at);
    if (quote === -1) return this.fail("invalid_json", from);
    const escape = this.nextEscape(at);
    return escape < quote ? this.escapedString(escape, this.limits.wellFormedValues) : quote + 1;
  }

  private escapeAt = -1;

  /** Index of the first backslash at or behind `from`. Only ever asked forwards, so that each is found once. */
  private nextEscape(from: number): number {
    if (this.escapeAt < from) {
      const found = this.text.indexOf("\\", from);
      this.escapeAt = found === -1 ? Number.MAX_SAFE_INTEGER : found;
    }
    return this.escapeAt;
  }

  /** Reads on in a string up to its end, looking at escapes; `from` may be any place in it that is not inside one. */
  private escapedString(from: number, isWellFormed: boolean): number {
    const { text } = this;
    let at = from;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === 34) return at + 1;
      if (code !== 92) {
        if (!(code >= 32)) return this.fail("invalid_json", at);
        at += 1;
      } else if (text.charCodeAt(at + 1) !== 117) at += 2;
      else {
        const width = isWellFormed ? unicodeEscapeWidth(text, at) : 6;
        if (width === failed) return this.fail("lone_surrogate", at);
        at += width;
      }
    }
  }

  private number(from: number): number {
    const { text } = this;
    let at = from + 1;
    let isPlain = true;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code >= 48 && code <= 57) at += 1;
      else if (code === 46 || code === 101 || code === 69 || code === 43 || code === 45) {
        isPlain = false;
        at += 1;
      } else break;
    }
    if (at - from > this.limits.numberText) return this.fail("number_too_long", from);
    if (this.limits.exactNumbers && (!isPlain || at - from > safeIntegerLengthMax)) {
      const fault: NumberFault | undefined = numberFault(text.slice(from, at));
      if (fault !== undefined) return this.fail(fault, from);
    }
    return at;
  }

  /** `true`, `false` or `null`, or something that `JSON.parse` will refuse. */
  private literal(from: number): number {
    let at = from;
    while (this.text.charCodeAt(at) >= 97 && this.text.charCodeAt(at) <= 122) at += 1;
    return at === from ? this.fail("invalid_json", from) : at;
  }
}

/** Width of the escape at `at` (`\uXXXX`, or a surrogate pair of two), or {@link failed} for half a pair. */
function unicodeEscapeWidth(text: string, at: number): number {
  const unit = Number.parseInt(text.slice(at + 2, at + 6), 16);
  if (!(unit >= 0xd800 && unit <= 0xdfff)) return 6;
  if (unit >= 0xdc00 || text.charCodeAt(at + 6) !== 92 || text.charCodeAt(at + 7) !== 117) return failed;
  const next = Number.parseInt(text.slice(at + 8, at + 12), 16);
  return next >= 0xdc00 && next <= 0xdfff ? 12 : failed;
}

const ascii = /^[\0-\x7f]*$/;

/** Whether a key that is not ASCII becomes so by case folding. */
function isFolding(key: string): boolean {
  return !ascii.test(key) && ascii.test(foldCase(key));
}

/** Pure. Case folded as the loosest readers do: `ſ` is `s`, the Kelvin sign is `k`. */
export function foldCase(text: string): string {
  return text.toUpperCase().toLowerCase();
}
