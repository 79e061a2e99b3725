import { deepStrictEqual, ok } from "node:assert/strict";
import * as fc from "fast-check";
import { checkDefinitions } from "../../src/catalogue/checks/check-definitions.ts";
import type { Finding } from "../../src/catalogue/checks/finding.ts";
import { findHiddenCharacters } from "../../src/catalogue/checks/hidden-characters.ts";
import { classifyClientMessage, classifyServerMessage } from "../../src/protocol/classify.ts";
import { createLineReader, encodeSseEvent, type Frame } from "../../src/protocol/framing.ts";
import { clientTreatment } from "../../src/protocol/methods.ts";
import { scanJson, type ScanReason } from "../../src/protocol/scan.ts";
import { memberSpans } from "../../src/protocol/spans.ts";
import { createSseParser, type SseItem } from "../../src/protocol/sse-parser.ts";
import type { JsonObject } from "../../src/values/json.ts";
import { anyText, cutAt, cuts, definition, eventStream, messageBytes } from "./inputs.ts";
import { readEvents } from "./plain-events.ts";
import { plainValue, readStrictJson } from "./strict-json.ts";

/** Something that takes bytes from strangers, and what must hold whatever they are. */
export interface FuzzTarget {
  readonly name: string;
  /** One property; throws in a run that finds a counterexample. */
  readonly property: fc.IProperty<unknown>;
}

/** Reasons that go beyond what a second parser could read differently: bounds, and numbers that a double does not hold. */
const beyondGrammar: ReadonlySet<ScanReason> = new Set([
  "empty",
  "bom",
  "invalid_utf8",
  "folding_key",
  "too_deep",
  "too_many_keys",
  "too_many_values",
  "number_too_long",
  "number_out_of_range",
  "unsafe_integer",
  "number_not_exact",
]);

/** What the scan accepts a slow strict reader accepts, with the same value, and the other way round. */
function checkScan(bytes: Uint8Array): void {
  const scan = scanJson(bytes);
  if (!scan.ok && beyondGrammar.has(scan.fault.reason)) return;
  const text = Buffer.from(bytes).toString("utf8");
  const read = readStrictJson(text);
  deepStrictEqual(scan.ok, read !== "refused");
  if (!scan.ok || read === "refused") return;
  deepStrictEqual(Buffer.from(scan.text), Buffer.from(bytes));
  deepStrictEqual(scan.value, plainValue(read.value));
  for (const { key, value } of memberSpans(scan.text, []) ?? []) {
    const name: unknown = JSON.parse(scan.text.slice(key.start, key.end));
    ok(typeof name === "string");
    const sliced: unknown = JSON.parse(scan.text.slice(value.start, value.end));
    deepStrictEqual(sliced, Reflect.get(Object(scan.value), name));
  }
}

/** Nothing that a lenient reader could take for a call of a tool goes on as anything but a call that is judged. */
function checkClassify(bytes: Uint8Array): void {
  for (const transport of ["http", "stdio"] as const) {
    const message = classifyClientMessage(bytes, { transport });
    classifyServerMessage(bytes);
    if (message.kind === "rejected") continue;
    const lenient: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
    ok(typeof lenient === "object" && lenient !== null && !Array.isArray(lenient));
    deepStrictEqual(Buffer.from(message.text), Buffer.from(bytes));
    const method: unknown = Reflect.get(lenient, "method");
    const isCall = typeof method === "string" && method.toLowerCase().replaceAll(/[^a-z]/g, "") === "toolscall";
    // A name that is like no method at all is refused by the table of methods.
    if (!isCall || (message.kind !== "response" && clientTreatment(message.method, message.era) === "refuse")) continue;
    ok(message.kind === "request" && message.call !== undefined, "a call is a request that names its tool");
    deepStrictEqual(clientTreatment(message.method, message.era), "call");
    deepStrictEqual(message.call.name, Reflect.get(Object(Reflect.get(lenient, "params")), "name"));
  }
}

/** However a stream is cut into chunks, its lines are those between its line ends. */
function checkFraming(bytes: Uint8Array, places: readonly number[], bytesMax: number): void {
  const reader = createLineReader(bytesMax);
  const frames = [...cutAt(bytes, places).flatMap((chunk) => reader.push(chunk)), ...reader.end()];
  const lines = Buffer.from(bytes).toString("latin1").split("\n");
  const expected = lines
    .map((line) => line.replace(/\r$/, ""))
    .filter((line) => line !== "")
    .map((line) => (line.length > bytesMax ? "too long" : line));
  deepStrictEqual(frames.map(textOfFrame), expected);
}

function textOfFrame(frame: Frame): string {
  return frame.kind === "line" ? Buffer.from(frame.bytes).toString("latin1") : "too long";
}

/** A stream gives the events that a slow reader of the whole finds, however it is cut. */
function checkSseParser(text: string, places: readonly number[]): void {
  const bytes = Buffer.from(text);
  const parser = createSseParser(1_000_000);
  const items = cutAt(bytes, places).flatMap((chunk) => parser.push(chunk));
  deepStrictEqual(items.flatMap(eventOf), readEvents(bytes.toString("utf8")));
}

/** Whatever text is written as an event, one event comes out, with that text and nothing else. */
function checkSseWriter(data: string, id: string, places: readonly number[]): void {
  const written = `${encodeSseEvent({ data, id, retryMs: 3 })}${encodeSseEvent({ data: "behind" })}`;
  const parser = createSseParser(1_000_000);
  const items = cutAt(Buffer.from(written), places).flatMap((chunk) => parser.push(chunk));
  const isIdSafe = !/[\r\n\0]/.test(id);
  const plain = (value: string): string => Buffer.from(value).toString("utf8");
  const expected = [
    {
      event: "message",
      data: plain(data.replaceAll(/\r\n|\r|\n/g, " ")),
      id: isIdSafe ? plain(id) : undefined,
    },
    { event: "message", data: "behind", id: undefined },
  ];
  deepStrictEqual(items.flatMap(eventOf), expected);
  deepStrictEqual(readEvents(plain(written)), expected);
}

function eventOf(item: SseItem): readonly { event: string; data: string; id: string | undefined }[] {
  if (item.kind !== "event") return [];
  return [{ event: item.event, data: Buffer.from(item.data).toString("utf8"), id: item.id }];
}

/** Whatever a definition holds, what is said of it can be printed, and the same definition gives the same findings. */
function checkDefinition(given: JsonObject): void {
  const look = (): readonly Finding[] =>
    checkDefinitions({
      server: undefined,
      entries: [{ subject: { kind: "tool", name: "note" }, definition: given }],
      others: [{ name: "mail", tools: ["send_mail"] }],
    });
  const findings = look();
  deepStrictEqual(look(), findings);
  for (const { seen, message } of findings) {
    ok(
      !/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}]/u.test(seen + message),
      "all of it is visible",
    );
  }
}

/** No character that is drawn as nothing stands in a plain text without a finding. */
function checkHidden(code: number, before: string, behind: string): void {
  const hidden = String.fromCodePoint(code);
  const isShown = /[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}\p{Extended_Pictographic}]/u.test(
    hidden,
  );
  if (isShown || !/[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Co}\p{Cn}\p{Cs}]/u.test(hidden)) return;
  const found = findHiddenCharacters(`${before}${hidden}${behind}`);
  ok(found.length > 0, `U+${code.toString(16)} is found`);
}

const plainLetters = fc.string({ unit: fc.constantFrom("a", "b", "Z", " ", "0", "9", ".", ",", "-"), maxLength: 5 });

/** Codes that are drawn as nothing, most of them few among many. */
const anyCode = fc.oneof(
  fc.integer({ min: 0, max: 0x10ffff }),
  fc.integer({ min: 0xe0000, max: 0xe0fff }),
  fc.integer({ min: 0x2000, max: 0x206f }),
  fc.constantFrom(
    0xad,
    0x34f,
    0x61c,
    0x115f,
    0x1160,
    0x17b4,
    0x180b,
    0x180e,
    0x3164,
    0xfe00,
    0xfeff,
    0xffa0,
    0xfff0,
    0x1bca0,
  ),
);

const small = fc.integer({ min: 1, max: 40 });

/** All targets. */
export const fuzzTargets: readonly FuzzTarget[] = [
  { name: "scan", property: fc.property(messageBytes, checkScan) },
  { name: "classify", property: fc.property(messageBytes, checkClassify) },
  {
    name: "framing",
    property: fc.property(
      fc.oneof(
        messageBytes,
        anyText.map((text) => Buffer.from(text)),
      ),
      cuts,
      small,
      checkFraming,
    ),
  },
  {
    name: "checks",
    property: fc.property(definition, anyCode, plainLetters, plainLetters, (given, code, before, behind) => {
      checkDefinition(given);
      checkHidden(code, before, behind);
    }),
  },
  { name: "sse-parser", property: fc.property(fc.oneof(eventStream, anyText), cuts, checkSseParser) },
  { name: "sse-writer", property: fc.property(anyText, anyText, cuts, checkSseWriter) },
];
