import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import * as callgate from "../src/index.ts";
import * as policy from "../src/policy/index.ts";

/**
 * The public surface: what `callgate` and `callgate/policy` export, types among it. A name that is added, or gone, is a
 * promise to users made or broken, so it has to be changed here too: `vitest run tests/surface.test.ts --update`.
 */
const entries = [
  { name: "callgate", file: "src/index.ts", values: Object.keys(callgate) },
  { name: "callgate/policy", file: "src/policy/index.ts", values: Object.keys(policy) },
];

/** Names in the export lists of an index file: it re-exports by name and does nothing else. */
function exportedNames(file: string): string[] {
  const text = readFileSync(fileURLToPath(new URL(`../${file}`, import.meta.url)), "utf8");
  const code = text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
  const lists = [...code.matchAll(/export (type )?\{([^}]*)\} from "[^"]+";/g)];
  expect(code.replaceAll(/export (type )?\{[^}]*\} from "[^"]+";/g, "").trim(), "only lists of names").toBe("");
  const names = lists.flatMap(([, isType, list = ""]) =>
    list
      .split(",")
      .map((name) => name.trim().replace(/^.* as /, ""))
      .filter((name) => name !== "")
      .map((name) => (isType === undefined ? name : `type ${name}`)),
  );
  return names.toSorted();
}

describe("the public surface", () => {
  it.each(entries)("of $name is the committed list", async ({ name, file }) => {
    await expect(`${exportedNames(file).join("\n")}\n`).toMatchFileSnapshot(
      `./surface/${name.replace("/", "-")}.golden.txt`,
    );
  });

  it.each(entries)("of $name loads, with every value that is listed", ({ file, values }) => {
    const listed = exportedNames(file).filter((name) => !name.startsWith("type "));
    expect(values.toSorted()).toEqual(listed);
  });
});
