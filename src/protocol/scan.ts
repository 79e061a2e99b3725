import type { JsonValue } from "../values/json.ts";
import { failed, ScanWalk } from "./scan-walk.ts";

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

/** Why bytes were refused. `message` is for people and holds nothing from the bytes; `offset` counts bytes. */
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
  /** Lists and objects inside one another; at most 256. */
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
  /** Refuse keys that are not ASCII but become ASCII by simple case folding (long s, Kelvin sign). */
  readonly foldingKeys: boolean;
}

/** For what clients send: nothing that two parsers could read differently. */
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
const encoder = new TextEncoder();

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
    return refuse("invalid_utf8", firstInvalidByte(bytes));
  }
  return scanDecoded(bytes, text, limits === undefined ? clientScanLimits : { ...clientScanLimits, ...limits });
}

/** Pure. {@link scanJson} for text that is already decoded. */
export function scanText(text: string, limits: ScanLimits): ScanResult {
  return scanDecoded(encoder.encode(text), text, limits);
}

function scanDecoded(bytes: Uint8Array, text: string, limits: ScanLimits): ScanResult {
  const walk = new ScanWalk(bytes, text, limits);
  const end = walk.value(0, false);
  if (end === failed) return refuse(walk.reason, walk.offset);
  try {
    const value: JsonValue = JSON.parse(text);
    return { ok: true, text, value };
  } catch {
    return refuse("invalid_json", end);
  }
}

/** Where a decoder that mends faults puts its first mark that was not sent. */
function firstInvalidByte(bytes: Uint8Array): number {
  const mended = lenientDecoder.decode(bytes);
  let from = 0;
  let byte = 0;
  for (;;) {
    const mark = mended.indexOf("\ufffd", from);
    byte += encoder.encode(mended.slice(from, mark)).length;
    const isSent = bytes[byte] === 0xef && bytes[byte + 1] === 0xbf && bytes[byte + 2] === 0xbd;
    if (!isSent) return byte;
    from = mark + 1;
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
  return { ok: false, fault: { reason, message: `${messages[reason]} (at byte ${offset})`, offset } };
}
