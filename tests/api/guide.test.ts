import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { startAdmin, textAt } from "../kit/admin.ts";
import { closeAll } from "../kit/opened.ts";

afterAll(closeAll);

const guide = readFileSync(fileURLToPath(new URL("../../docs/guides/api.md", import.meta.url)), "utf8");

/** A command of the guide: what it is answered, and its words as a shell would have them. */
interface Example {
  readonly status: number;
  readonly words: readonly string[];
}

const examples: readonly Example[] = [...guide.matchAll(/```sh\n# (\d+)\n(.*?)```/gs)].map(
  ([, status = "", command = ""]) => ({ status: Number(status), words: shellWords(command.replaceAll("\\\n", " ")) }),
);

/** Words of a line: bare, in single quotes as they stand, or in double quotes. */
function shellWords(line: string): readonly string[] {
  return [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare ?? "",
  );
}

/** What curl would send. */
function requestOf([, ...words]: readonly string[]): Parameters<typeof fetch> {
  const headers: Record<string, string> = {};
  let [method, url, body]: (string | undefined)[] = ["GET", undefined, undefined];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (word === "-s") continue;
    if (!word.startsWith("-")) url = word;
    else {
      at += 1;
      const value = words[at] ?? "";
      if (word === "-X") method = value;
      else if (word === "-d") body = value;
      else if (word === "-H") headers[value.slice(0, value.indexOf(":"))] = value.slice(value.indexOf(":") + 1).trim();
      else throw new Error(`the guide uses \`curl ${word}\`, which this test does not know`);
    }
  }
  return [url ?? "", { method: method ?? "GET", headers, ...(body === undefined ? {} : { body }) }];
}

describe("the guide of the HTTP API", () => {
  it("has examples that work as they stand", async () => {
    const { gateway, tokens } = await startAdmin();
    const variables: Record<string, string> = { CALLGATE_URL: gateway.origin, CALLGATE_TOKEN: tokens.admin };
    expect(examples.length).toBeGreaterThan(12);
    for (const { status, words } of examples) {
      const filled = words.map((word) => word.replaceAll(/\$([A-Z_]+)/g, (_, name: string) => variables[name] ?? ""));
      const response = await fetch(...requestOf(filled));
      const text = await response.text();
      expect([words.join(" "), response.status, text]).toEqual([words.join(" "), status, text]);
      const body: unknown = JSON.parse(text);
      if (text.includes('"token":')) {
        const answer = { status, headers: response.headers, body, text };
        variables["GRANT"] = textAt(answer, "grant", "id");
      }
    }
  });
});
