import { canonicalJson } from "../values/canonical.ts";
import { isObject, type JsonValue } from "../values/json.ts";

/** What a sealed text belongs to. None of it is secret. */
export interface Bound {
  readonly install: string;
  readonly record: string;
  readonly version: number;
  readonly origin: string;
}

/** A sealed text, taken apart. The boxes are each a nonce (12 bytes), what was encrypted, and a tag (16 bytes). */
export interface SealedParts {
  /** 16 hex digits: the root key that opens `wrappedKey`. */
  readonly keyId: string;
  /** What the writer said it belongs to; nobody may trust it before a box opened with it. */
  readonly bound: Bound;
  /** 60 bytes: the data key, under the root key. */
  readonly wrappedKey: Buffer;
  /** 28 bytes or more: the secret, under the data key. */
  readonly body: Buffer;
}

const sealedText = /^cgv1\.([0-9a-f]{16})\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{80})\.([A-Za-z0-9_-]{38,})$/;

/** Pure. `cgv1.<key id>.<what it belongs to>.<data key>.<secret>`, the last three in base64url. */
export function writeSealed({ keyId, bound, wrappedKey, body }: SealedParts): string {
  const boxes = [Buffer.from(canonicalJson(bound)), wrappedKey, body].map((bytes) => bytes.toString("base64url"));
  return ["cgv1", keyId, ...boxes].join(".");
}

/** Pure. Undefined for a text that {@link writeSealed} did not write: for each sealed text there is one reading. */
export function readSealed(text: string): SealedParts | undefined {
  const [, keyId = "", boundText = "", wrappedText = "", bodyText = ""] = sealedText.exec(text) ?? [];
  const bound = readBound(Buffer.from(boundText, "base64url").toString("utf8"));
  if (bound === undefined) return undefined;
  const wrappedKey = Buffer.from(wrappedText, "base64url");
  const parts = { keyId, bound, wrappedKey, body: Buffer.from(bodyText, "base64url") };
  // Base64url has spare bits at the end and JSON many ways of writing: a changed text must never pass for the same.
  return writeSealed(parts) === text ? parts : undefined;
}

function readBound(text: string): Bound | undefined {
  const value = parseJson(text);
  if (!isObject(value)) return undefined;
  const { install, record, version, origin } = value;
  return typeof install === "string" &&
    typeof record === "string" &&
    typeof version === "number" &&
    typeof origin === "string"
    ? { install, record, version, origin }
    : undefined;
}

function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
