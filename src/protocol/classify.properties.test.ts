import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JsonValue } from "../values/json.ts";
import { classifyClientMessage } from "./classify.ts";

const encoder = new TextEncoder();

function verdict(bytes: Uint8Array): unknown {
  const message = classifyClientMessage(bytes, { transport: "stdio" });
  if (message.kind === "rejected") return [message.rejection.reason, message.rejection.code, message.rejection.id];
  return { ...message, text: undefined };
}

/** One way to write a value: order of keys, white space, escapes and number spelling are drawn from `dice`. */
function spell(value: JsonValue, dice: () => number): string {
  const gap = ["", "", " ", "\n", "\t "][dice() % 5] ?? "";
  if (typeof value === "string") return spellString(value, dice);
  if (typeof value === "number") return spellNumber(value, dice);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${gap}${value.map((item: JsonValue) => spell(item, dice)).join(`${gap},`)}${gap}]`;
  const members = Object.entries(value).map(([key, item]) => ({
    rank: dice(),
    text: `${spellString(key, dice)}${gap}:${gap}${spell(item, dice)}`,
  }));
  members.sort((a, b) => a.rank - b.rank);
  return `{${gap}${members.map(({ text }) => text).join(`${gap},${gap}`)}${gap}}`;
}

function spellString(value: string, dice: () => number): string {
  const units = Array.from({ length: value.length }, (_, i) => value.charCodeAt(i));
  const isEscaped = dice() % 3 === 0;
  if (!isEscaped) return JSON.stringify(value);
  return `"${units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("")}"`;
}

function spellNumber(value: number, dice: () => number): string {
  const plain = JSON.stringify(value);
  if (!Number.isSafeInteger(value) || value === 0) return plain;
  return [plain, `${plain}.0`, `${plain}e0`, `${plain}0E-1`][dice() % 4] ?? plain;
}

const name = fc.oneof(fc.constantFrom("safe", "a b", "é", ""), fc.stringMatching(/^[a-z_]{1,12}$/));
const args = fc.dictionary(fc.stringMatching(/^[a-zA-Zé]{1,6}$/), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 });
const id = fc.oneof(fc.integer(), fc.stringMatching(/^[a-z0-9-]{0,8}$/), fc.constantFrom(null, 1.5, undefined));
const method = fc.constantFrom(
  "tools/call",
  "tools/call",
  "tools/list",
  "ping",
  "Tools/Call",
  "notifications/cancelled",
);
const message = fc
  .record({ method, id, name: fc.option(name), args: fc.option(args), extra: fc.boolean() })
  .map(({ method: called, id: sent, name: tool, args: given, extra }) => ({
    jsonrpc: "2.0",
    method: called,
    ...(sent === undefined ? {} : { id: sent }),
    params: { name: tool, arguments: given, ...(extra ? { Cursor: "x" } : {}) },
  }));

describe("spelling never changes what a message is", () => {
  test("[B034] [B054] key order, white space, escapes and number spelling leave the verdict as it is", () => {
    fc.assert(
      fc.property(message, fc.array(fc.nat({ max: 59 }), { minLength: 1, maxLength: 40 }), (sent, rolls) => {
        let turn = 0;
        const dice = (): number => rolls[(turn += 1) % rolls.length] ?? 0;
        const plain: JsonValue = JSON.parse(JSON.stringify(sent));
        // Keys and numbers that the scan refuses have tests of their own.
        fc.pre(!JSON.stringify(plain).includes("__proto__"));
        const spelled = spell(plain, dice);
        expect(verdict(encoder.encode(spelled))).toEqual(verdict(encoder.encode(JSON.stringify(plain))));
      }),
      { numRuns: 1_000 },
    );
  });

  test("[R102] what is accepted carries the very text that came", () => {
    fc.assert(
      fc.property(message, (sent) => {
        const text = JSON.stringify(sent, null, 1);
        const result = classifyClientMessage(encoder.encode(text), { transport: "stdio" });
        if (result.kind !== "rejected") expect(result.text).toBe(text);
      }),
    );
  });

  test("any bytes are answered, never thrown at", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(classifyClientMessage(bytes, { transport: "http" }).kind).toBe("rejected");
      }),
    );
  });
});
