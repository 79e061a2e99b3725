import { foldsToAscii } from "./fold.ts";
import { comparedKeysMax, depthMax, hashKey, KeyMemory } from "./key-memory.ts";
import { numberFault } from "./numbers.ts";
import type { ScanLimits, ScanReason } from "./scan.ts";
import { unicodeEscapeWidth } from "./surrogates.ts";

/** What a method of {@link ScanWalk} returns instead of an index when it refuses. */
export const failed = -1;

/** After so many bytes of a string value, searching for its end beats walking. */
const walkedBytesMax = 24;
/** Every integer of so many characters, sign included, is held exactly. */
const safeIntegerLengthMax = 15;

/** What no UTF-8 holds: stands for the end. */
const behindEnd = 0xff;
const quote = 34;
const comma = 44;
const colon = 58;
const openBracket = 91;
const backslash = 92;
const closeBracket = 93;
const letterU = 117;
const openBrace = 123;
const closeBrace = 125;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

const protoHash = hashKey("__proto__");
const constructorHash = hashKey("constructor");
const prototypeHash = hashKey("prototype");

/**
 * One walk over the bytes of a text, for what `JSON.parse` lets pass. Every method takes the index where its part
 * begins and returns the index behind it, or {@link failed} with `reason` and `offset` set.
 *
 * It is exact for valid JSON only: `JSON.parse` judges the same text after it, so letters and control characters need
 * no check here. A class because its one pass over shared state is three times as fast as passing the state around.
 */
export class ScanWalk {
  reason: ScanReason = "invalid_json";
  offset = 0;
  private readonly bytes: Uint8Array;
  private readonly text: string;
  private readonly limits: ScanLimits;
  /** Then an index into the bytes is one into the text. */
  private readonly isAscii: boolean;
  private readonly depthLimit: number;
  private depth = 0;
  private nodes = 0;
  /** Set by {@link key}: the key it read, between its quotes; its hash is that of what it unescapes to. */
  private keyStart = 0;
  private keyEnd = 0;
  private keyHash = 0;
  private readonly keys: KeyMemory;
  private escapeAt = -1;

  /** `text`: what the bytes decode to. */
  constructor(bytes: Uint8Array, text: string, limits: ScanLimits) {
    this.bytes = bytes;
    this.text = text;
    this.limits = limits;
    this.isAscii = text.length === bytes.length;
    this.depthLimit = Math.min(limits.depth, depthMax);
    this.keys = new KeyMemory((start, end) => this.unescape(start, end));
  }

  /** One value with white space before it. `isConstructor`: it stands under a key `constructor`. */
  value(from: number, isConstructor: boolean): number {
    const at = this.skipBlanks(from);
    this.nodes += 1;
    if (this.nodes > this.limits.nodes) return this.fail("too_many_values", at);
    const code = this.code(at);
    if (code === quote) return this.string(at + 1);
    if (code === openBrace) return this.object(at + 1, isConstructor);
    if (code === openBracket) return this.list(at + 1);
    if (code === 45 || (code >= 48 && code <= 57)) return this.number(at);
    return this.literal(at);
  }

  private fail(reason: ScanReason, offset: number): number {
    this.reason = reason;
    this.offset = offset;
    return failed;
  }

  private code(at: number): number {
    return this.bytes[at] ?? behindEnd;
  }

  private slice(start: number, end: number): string {
    return this.isAscii ? this.text.slice(start, end) : decoder.decode(this.bytes.subarray(start, end));
  }

  private skipBlanks(from: number): number {
    let at = from;
    while (this.code(at) <= 32) at += 1;
    return at;
  }

  private list(from: number): number {
    this.depth += 1;
    if (this.depth > this.depthLimit) return this.fail("too_deep", from - 1);
    let at = this.skipBlanks(from);
    if (this.code(at) !== closeBracket) {
      for (;;) {
        at = this.value(at, false);
        if (at === failed) return failed;
        at = this.skipBlanks(at);
        const code = this.code(at);
        if (code === closeBracket) break;
        if (code !== comma) return this.fail("invalid_json", at);
        at += 1;
      }
    }
    this.depth -= 1;
    return at + 1;
  }

  private object(from: number, isConstructor: boolean): number {
    this.depth += 1;
    if (this.depth > this.depthLimit) return this.fail("too_deep", from - 1);
    let at = this.skipBlanks(from);
    if (this.code(at) !== closeBrace) {
      const base = this.keys.count;
      at = this.members(at, base, isConstructor);
      if (at === failed) return failed;
      this.keys.count = base;
    }
    this.depth -= 1;
    return at + 1;
  }

  /** Reads members up to the closing brace and returns its index. */
  private members(from: number, base: number, isConstructor: boolean): number {
    let more: Set<string> | undefined;
    let at = from;
    for (let count = 1; ; count += 1) {
      at = this.skipBlanks(at);
      if (this.code(at) !== quote) return this.fail("invalid_json", at);
      if (count > this.limits.keysPerObject) return this.fail("too_many_keys", at);
      at = this.key(at + 1);
      if (at === failed) return failed;
      if (this.isForbidden(isConstructor)) return this.fail("forbidden_key", this.keyStart);
      if (count > comparedKeysMax) {
        more ??= this.keys.from(base);
        const key = this.unescape(this.keyStart, this.keyEnd);
        if (more.has(key)) return this.fail("duplicate_key", this.keyStart);
        more.add(key);
      } else if (!this.keys.add(base, this.keyHash, this.keyStart, this.keyEnd)) {
        return this.fail("duplicate_key", this.keyStart);
      }
      const isNextConstructor = this.keyHash === constructorHash && this.isKey("constructor");
      at = this.skipBlanks(at);
      if (this.code(at) !== colon) return this.fail("invalid_json", at);
      at = this.value(at + 1, isNextConstructor);
      if (at === failed) return failed;
      at = this.skipBlanks(at);
      const code = this.code(at);
      if (code === closeBrace) return at;
      if (code !== comma) return this.fail("invalid_json", at);
      at += 1;
    }
  }

  private isKey(name: string): boolean {
    return this.unescape(this.keyStart, this.keyEnd) === name;
  }

  /** INVARIANT: only asked for spans that {@link key} accepted. One with escapes was unescaped there without a fault. */
  private unescape(start: number, end: number): string {
    const raw = this.slice(start, end);
    return raw.includes("\\") ? JSON.parse(`"${raw}"`) : raw;
  }

  private isForbidden(isConstructor: boolean): boolean {
    if (this.keyHash === protoHash) return this.isKey("__proto__");
    return isConstructor && this.keyHash === prototypeHash && this.isKey("prototype");
  }

  /** Reads a key up to its closing quote and returns the index behind that. */
  private key(from: number): number {
    const { bytes } = this;
    let hash = 0;
    let all = 0;
    let at = from;
    for (;;) {
      const code = bytes[at] ?? behindEnd;
      if (code === quote) break;
      if (code === backslash) return this.escapedKey(from);
      if (code === behindEnd) return this.fail("invalid_json", at);
      hash = (Math.imul(hash, 31) + code) | 0;
      all |= code;
      at += 1;
    }
    this.keyStart = from;
    this.keyEnd = at;
    this.keyHash = hash;
    return all > 127 ? this.wideKey(this.slice(from, at), at + 1) : at + 1;
  }

  /** A key that is not ASCII: hashed as text, so that its escaped spelling has the same hash. */
  private wideKey(key: string, behind: number): number {
    if (this.limits.foldingKeys && foldsToAscii(key)) return this.fail("folding_key", this.keyStart);
    this.keyHash = hashKey(key);
    return behind;
  }

  /** A key with escapes, judged as what it unescapes to. */
  private escapedKey(from: number): number {
    const behind = this.escapedString(from);
    if (behind === failed) return failed;
    this.keyStart = from;
    this.keyEnd = behind - 1;
    let key: string;
    try {
      key = JSON.parse(this.slice(from - 1, behind));
    } catch {
      return this.fail("invalid_json", from);
    }
    if (key.includes("\0")) return this.fail("nul_in_key", from);
    return this.wideKey(key, behind);
  }

  /** A string value: walks a little, then searches for its end. */
  private string(from: number): number {
    const { bytes } = this;
    const walkEnd = from + walkedBytesMax;
    let at = from;
    for (; at < walkEnd; at += 1) {
      const code = bytes[at];
      if (code === quote) return at + 1;
      if (code === backslash) break;
    }
    const end = this.closingQuote(at);
    if (end === failed) return this.fail("invalid_json", from);
    const mayHoldHalves = this.limits.wellFormedValues && this.nextUnicodeEscape(at) < end;
    return mayHoldHalves ? this.escapedString(at) : end + 1;
  }

  /** Index of the first quote behind `from` with an even number of backslashes before it. */
  private closingQuote(from: number): number {
    let end = this.findQuote(from);
    while (end !== failed) {
      let before = end - 1;
      while (this.bytes[before] === backslash) before -= 1;
      if ((end - before) % 2 === 1) return end;
      end = this.findQuote(end + 1);
    }
    return failed;
  }

  private findQuote(from: number): number {
    return this.isAscii ? this.text.indexOf('"', from) : this.bytes.indexOf(quote, from);
  }

  /**
   * An index at or before that of the first `\u` at or behind `from`, and not before `from`. `from` never goes back:
   * each is searched for once.
   */
  private nextUnicodeEscape(from: number): number {
    if (this.escapeAt < from) {
      const found = this.isAscii ? this.text.indexOf("\\u", from) : this.bytes.indexOf(backslash, from);
      this.escapeAt = found === failed ? Number.MAX_SAFE_INTEGER : found;
    }
    return this.escapeAt;
  }

  /** The rest of a string, from any place in it that is not inside an escape; refuses halves of surrogate pairs. */
  private escapedString(from: number): number {
    const { bytes } = this;
    let at = from;
    for (;;) {
      const code = bytes[at] ?? behindEnd;
      if (code === quote) return at + 1;
      if (code === backslash) {
        const width = bytes[at + 1] === letterU ? unicodeEscapeWidth(bytes, at) : 2;
        if (width === failed) return this.fail("lone_surrogate", at);
        at += width;
      } else if (code === behindEnd) return this.fail("invalid_json", at);
      else at += 1;
    }
  }

  private number(from: number): number {
    const { bytes } = this;
    let at = from + 1;
    let isPlain = true;
    for (;;) {
      const code = bytes[at] ?? behindEnd;
      if (code >= 48 && code <= 57) at += 1;
      else if (code === 46 || code === 101 || code === 69 || code === 43 || code === 45) {
        isPlain = false;
        at += 1;
      } else break;
    }
    if (at - from > this.limits.numberText) return this.fail("number_too_long", from);
    if (this.limits.exactNumbers && (!isPlain || at - from > safeIntegerLengthMax)) {
      const fault = numberFault(this.slice(from, at));
      if (fault !== undefined) return this.fail(fault, from);
    }
    return at;
  }

  /** `true`, `false` or `null`, or something that `JSON.parse` will refuse. */
  private literal(from: number): number {
    let at = from;
    while (this.code(at) >= 97 && this.code(at) <= 122) at += 1;
    return at === from ? this.fail("invalid_json", from) : at;
  }
}
