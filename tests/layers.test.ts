import { readdirSync, readFileSync } from "node:fs";
import { posix, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { isWithin, layers, lintOverride, type Layer, unlimited } from "./layers.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

interface Import {
  readonly source: string;
  readonly isTypeOnly: boolean;
}

// Text, not syntax: an import that stands in a comment or a string is found too, which errs on the strict side.
const statement = /\b(import|export)\s+(type\s)?[^;"'()]*?\bfrom\s*["']([^"']+)["']/g;
const sideEffect = /\bimport\s*["']([^"']+)["']/g;
const dynamic = /\b(?:import|require|createRequire)\s*\(\s*(?:["']([^"']+)["'])?/g;

function readImports(text: string): Import[] {
  const found: Import[] = [];
  for (const match of text.matchAll(statement)) {
    found.push({ source: match[3] ?? "", isTypeOnly: match[2] !== undefined });
  }
  for (const match of text.matchAll(sideEffect)) found.push({ source: match[1] ?? "", isTypeOnly: false });
  // A computed import shows as an empty source, which no layer allows.
  for (const match of text.matchAll(dynamic)) found.push({ source: match[1] ?? "", isTypeOnly: false });
  return found;
}

/** Why a file of a layer may not have this import, or undefined. */
function objection(layer: Layer, file: string, { source, isTypeOnly }: Import): string | undefined {
  if (source.startsWith("node:")) return layer.mayUseNode ? undefined : "no Node module here";
  if (!source.startsWith(".")) {
    const isListed = layer.packages === "any" || layer.packages.some((name) => isPartOf(name, source));
    return isListed && source !== "" ? undefined : "no such library here";
  }
  const target = posix.join(posix.dirname(file), source);
  if (target.startsWith("..")) return "outside src";
  if (target === layer.name || target.startsWith(`${layer.name}/`)) return undefined;
  if (layer.layers.some((entry) => isWithin(entry, target))) return undefined;
  const isTypeListed = layer.types.some((entry) => isWithin(entry, target));
  if (isTypeListed) return isTypeOnly ? undefined : "types only";
  return "not a layer it may import";
}

function isPartOf(name: string, source: string): boolean {
  return source === name || source.startsWith(`${name}/`);
}

const files = readdirSync(`${root}src`, { recursive: true, encoding: "utf8" })
  .map((file) => file.replaceAll(sep, "/"))
  .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
  .toSorted();

function layerOf(file: string): Layer | undefined {
  const name = file.split("/")[0];
  return layers.find((layer) => layer.name === name);
}

describe("the borders between the folders of src", () => {
  it("gives every folder and file a layer", () => {
    const isLimited = (file: string): boolean => !unlimited.includes(file.split("/")[0] ?? "");
    expect(files.filter((file) => isLimited(file) && layerOf(file) === undefined)).toEqual([]);
    expect(files.length).toBeGreaterThan(10);
  });

  it.each(layers)("lets $name import only what its layer allows", (layer) => {
    const objections = files
      .filter((file) => layerOf(file) === layer)
      .flatMap((file) =>
        readImports(readFileSync(`${root}src/${file}`, "utf8")).flatMap((found) => {
          const why = objection(layer, file, found);
          return why === undefined ? [] : [`${file} imports ${found.source || "(computed)"}: ${why}`];
        }),
      );
    expect(objections).toEqual([]);
  });

  it("has each layer of a folder as a rule of the linter", () => {
    const lint: unknown = JSON.parse(readFileSync(`${root}.oxlintrc.json`, "utf8"));
    const expected = layers.filter(({ name }) => !name.endsWith(".ts")).map(lintOverride);
    expect(lint).toMatchObject({ overrides: expect.arrayContaining(expected) });
  });

  it("never switches that rule off", () => {
    const switchesOff = /no-restricted-imports|(?:oxlint|eslint)-disable(?:-next-line|-line)?\s*(?:\*\/|--|$)/m;
    const guilty = files.filter((file) => switchesOff.test(readFileSync(`${root}src/${file}`, "utf8")));
    expect(guilty).toEqual([]);
  });
});

describe("the reading of imports", () => {
  const cases: readonly { text: string; found: Import[] }[] = [
    { text: 'import { a } from "./a.ts";', found: [{ source: "./a.ts", isTypeOnly: false }] },
    { text: 'import type { A } from "./a.ts";', found: [{ source: "./a.ts", isTypeOnly: true }] },
    { text: 'import {\n  a,\n  type B,\n} from "./a.ts";', found: [{ source: "./a.ts", isTypeOnly: false }] },
    { text: 'export * from "./a.ts";', found: [{ source: "./a.ts", isTypeOnly: false }] },
    { text: 'import "./a.ts";', found: [{ source: "./a.ts", isTypeOnly: false }] },
    { text: 'const a = await import("./a.ts");', found: [{ source: "./a.ts", isTypeOnly: false }] },
    { text: "const a = await import(name);", found: [{ source: "", isTypeOnly: false }] },
    { text: "export const from = 1;", found: [] },
  ];
  it.each(cases)("reads $text", ({ text, found }) => {
    expect(readImports(text)).toEqual(found);
  });

  const refused: readonly { layer: string; file: string; source: string; isTypeOnly: boolean }[] = [
    { layer: "policy", file: "policy/decide.ts", source: "../store/store.ts", isTypeOnly: true },
    { layer: "policy", file: "policy/decide.ts", source: "node:fs", isTypeOnly: false },
    { layer: "policy", file: "policy/decide.ts", source: "../errors.ts", isTypeOnly: false },
    { layer: "policy", file: "policy/decide.ts", source: "undici", isTypeOnly: false },
    { layer: "gateway", file: "gateway/steps/a.ts", source: "../../store/sqlite/open.ts", isTypeOnly: false },
    { layer: "gateway", file: "gateway/a.ts", source: "../transports/http/downstream.ts", isTypeOnly: true },
    { layer: "limits", file: "limits/a.ts", source: "", isTypeOnly: false },
  ];
  it.each(refused)("refuses $source in $file", ({ layer, file, source, isTypeOnly }) => {
    const found = layers.find(({ name }) => name === layer);
    expect(found && objection(found, file, { source, isTypeOnly })).toBeTypeOf("string");
  });
});
