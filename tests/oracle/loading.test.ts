import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadPolicy } from "../../src/policy/index.ts";
import type { JsonValue } from "../../src/values/json.ts";
import { policyDocument } from "./generators/policies.ts";
import { isListValue, isObjectValue } from "./plain.ts";
import { runs } from "./property-kit.ts";
import { diceOf } from "./rewrite.ts";

const identity = { id: "generated", version: 1, sha256: "0".repeat(64) };

/** A place in a document: its pointer, and the whole document with another value there. */
interface Place {
  readonly pointer: string;
  readonly value: JsonValue;
  readonly replaced: (value: JsonValue) => JsonValue;
}

/** Every place of the document whose members are fields of the language: not maps by name, not literal right sides. */
function placesIn(value: JsonValue, pointer: string, replaced: Place["replaced"]): readonly Place[] {
  if (isListValue(value)) {
    return value.flatMap((element, i) =>
      placesIn(element, `${pointer}/${i}`, (other) => replaced(value.with(i, other))),
    );
  }
  if (!isObjectValue(value)) return [];
  const isMap = ["/tools", "/categories", "/lists"].includes(pointer);
  const below = Object.entries(value).flatMap(([key, member]) => {
    if (key === "value" || pointer === "/lists") return [];
    const step = key.replaceAll("~", "~0").replaceAll("/", "~1");
    return placesIn(member, `${pointer}/${step}`, (other) => replaced({ ...value, [key]: other }));
  });
  return isMap ? below : [{ pointer, value, replaced }, ...below];
}

/** The pointers of all errors, and whether there is a policy. */
function problemsOf(text: string): { readonly isLoaded: boolean; readonly pointers: readonly string[] } {
  const { policy, problems } = loadPolicy(text, { identity, file: "policy.json" });
  return {
    isLoaded: policy !== undefined,
    pointers: problems.filter(({ severity }) => severity === "error").map(({ path }) => path),
  };
}

describe("what keeps a document from being loaded", () => {
  test("an unknown key anywhere is a problem at its place, whatever else stands there", () => {
    fc.assert(
      fc.property(policyDocument, fc.nat(), (document, roll) => {
        const places = placesIn(JSON.parse(JSON.stringify(document)), "", (value) => value);
        const place = places[diceOf(roll)(places.length)];
        if (place === undefined || !isObjectValue(place.value)) return;
        const { isLoaded, pointers } = problemsOf(JSON.stringify(place.replaced({ ...place.value, unexpected: true })));
        expect(isLoaded).toBe(false);
        expect(pointers.some((pointer) => pointer === `${place.pointer}/unexpected` || pointer === place.pointer)).toBe(
          true,
        );
      }),
      runs,
    );
  });

  test("a key that stands twice anywhere is a problem, even with the same value", () => {
    fc.assert(
      fc.property(policyDocument, fc.nat(), (document, roll) => {
        const dice = diceOf(roll);
        const places = placesIn(JSON.parse(JSON.stringify(document)), "", (value) => value);
        const place = places[dice(places.length)];
        const members = place !== undefined && isObjectValue(place.value) ? Object.entries(place.value) : [];
        const [key, member] = members[dice(Math.max(1, members.length))] ?? [];
        if (place === undefined || key === undefined || member === undefined) return;
        const marker = '"the same again":true';
        const text = JSON.stringify(place.replaced({ ...Object(place.value), "the same again": true }));
        const { isLoaded } = problemsOf(text.replace(marker, `${JSON.stringify(key)}:${JSON.stringify(member)}`));
        expect(isLoaded).toBe(false);
      }),
      runs,
    );
  });

  test("a field whose value is null, a number too big or a list in place of an object never loads", () => {
    fc.assert(
      fc.property(policyDocument, fc.nat(), (document, roll) => {
        const dice = diceOf(roll);
        const places = placesIn(JSON.parse(JSON.stringify(document)), "", (value) => value).filter(
          ({ pointer }) => pointer !== "",
        );
        const place = places[dice(Math.max(1, places.length))];
        if (place === undefined) return;
        const wrong = [null, 1e21, [], "text", true][dice(5)] ?? null;
        // `rate_limit` may be text too, but not this one.
        expect(problemsOf(JSON.stringify(place.replaced(wrong))).isLoaded).toBe(false);
      }),
      runs,
    );
  });

  test("a text cut short never loads", () => {
    fc.assert(
      fc.property(policyDocument, fc.nat(), (document, roll) => {
        const text = JSON.stringify(document);
        expect(problemsOf(text.slice(0, diceOf(roll)(text.length))).isLoaded).toBe(false);
      }),
      runs,
    );
  });
});
