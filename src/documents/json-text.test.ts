import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readJsonText } from "./json-text.ts";
import { toValue } from "./text-node.ts";
import type { ReadText } from "./text-node.ts";
import { readYamlText } from "./yaml-text.ts";

const documents = fc.jsonValue({ maxDepth: 5, stringUnit: "binary" });

function valueOf({ root, faults }: ReadText): unknown {
  return root === undefined || faults.length > 0 ? "not read" : toValue(root);
}

/** What `JSON.parse` says, with `-0` as `0`: both are written alike. */
function parseOrRefuse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return "not read";
  }
}

describe("readJsonText", () => {
  it("reads what JSON.parse reads, or names a fault", () => {
    fc.assert(
      fc.property(documents, (document) => {
        const text = JSON.stringify(document, null, 1);
        const read = readJsonText(text);
        if (read.faults.length > 0)
          return read.faults.every(({ code }) => code !== "SYNTAX_INVALID" && code !== "KEY_REPEATED");
        expect(valueOf(read)).toEqual(JSON.parse(text));
        return true;
      }),
    );
  });

  it("never reads a damaged text that JSON.parse refuses, nor reads it as something else", () => {
    const marks = fc.constantFrom(
      '"',
      "\\",
      ",",
      ":",
      "{",
      "}",
      "[",
      "]",
      "0",
      "-",
      ".",
      "e",
      "t",
      "\n",
      "\t",
      "\u0000",
      "é",
      "/",
      "'",
    );
    fc.assert(
      fc.property(documents, fc.nat(), marks, fc.boolean(), (document, at, mark, isInserted) => {
        const text = JSON.stringify(document);
        const place = at % (text.length + 1);
        const damaged = text.slice(0, place) + mark + text.slice(isInserted ? place : place + 1);
        const read = valueOf(readJsonText(damaged));
        return read === "not read" || JSON.stringify(read) === JSON.stringify(parseOrRefuse(damaged));
      }),
      { numRuns: 2000 },
    );
  });
});

describe("readYamlText", () => {
  it("reads a JSON text to the same value as JSON, or names a fault", () => {
    const plain = fc.jsonValue({ maxDepth: 4, stringUnit: "grapheme-ascii" });
    fc.assert(
      fc.property(plain, (document) => {
        const text = JSON.stringify({ document });
        const asJson = readJsonText(text);
        fc.pre(asJson.faults.length === 0);
        const asYaml = readYamlText(text);
        if (asYaml.faults.length > 0) return asYaml.faults.every(({ code }) => code !== "KEY_REPEATED");
        expect(valueOf(asYaml)).toEqual(valueOf(asJson));
        return true;
      }),
    );
  });
});
