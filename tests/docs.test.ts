import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { conditionProblemCodes } from "../src/policy/conditions/problem-codes.ts";
import { importProblemCodes } from "../src/policy/import/note.ts";
import { loadPolicy, problemCodes } from "../src/policy/index.ts";
import { scanReasons } from "../src/protocol/scan.ts";
import { requirements } from "./requirements.ts";

// What the documents say is held against what is there.

const root = fileURLToPath(new URL("..", import.meta.url));

function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

function markdownFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".md"))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length));
}

const documents = [...readdirSync(root).filter((name) => name.endsWith(".md")), ...markdownFiles("docs")];

describe("the documents", () => {
  const policies = documents.flatMap((file) =>
    [...read(file).matchAll(/```json\n(.*?)```/gs)]
      .map(([, text = ""]) => text)
      .filter((text) => text.includes('"version"') && text.includes('"default"'))
      .map((text, index) => ({ name: `${file} #${index + 1}`, text })),
  );
  it.each(policies)("show policies that load: $name", ({ text }) => {
    const { problems } = loadPolicy(text, { identity: { id: "document", version: 1, sha256: "" } });
    expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
  });

  const wrong = documents
    .filter((file) => file.startsWith("docs/errors/"))
    .flatMap((file) =>
      [...read(file).matchAll(/```jsonc\n(.*?)```/gs)].map(([, text = ""]) => ({ code: basename(file, ".md"), text })),
    );
  it.each(wrong)("show what gives $code", ({ code, text }) => {
    const { problems } = loadPolicy(text, { identity: { id: "document", version: 1, sha256: "" } });
    expect(problems.map((problem) => problem.code)).toContain(code);
  });

  it("link to files that exist", () => {
    const broken = documents.flatMap((file) =>
      [...read(file).matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)]
        .map(([, target = ""]) => ({ file, target }))
        .filter(({ target }) => !existsSync(join(root, file, "..", target))),
    );
    expect(broken).toEqual([]);
  });

  it("have every section that a comment in the source refers to", () => {
    const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" }).filter((file) =>
      /(?<!\.test)\.ts$/.test(file),
    );
    const named = sources.flatMap((file) =>
      [...read(join("src", file)).matchAll(/\b([a-z-]+\.md) §(\d+)/g)].map(([, name = "", section = ""]) => ({
        name,
        section,
      })),
    );
    expect(named.length).toBeGreaterThan(0);
    const hasSection = ({ name, section }: (typeof named)[number]): boolean =>
      existsSync(join(root, "docs", name)) && read(join("docs", name)).includes(`\n## ${section}. `);
    expect(named.filter((one) => !hasSection(one))).toEqual([]);
  });

  it("say in the README how many behaviours are proved", () => {
    const proved = requirements.filter(({ state }) => state === "proved").length;
    expect(read("README.md")).toContain(`**${proved}** of the ${requirements.length} behaviours`);
  });

  it("have a page for every error code, and no page for anything else", () => {
    const declared = [...read("src/errors.ts").matchAll(/^ {2}\| "([A-Z_]+)"/gm)].map(([, code = ""]) => code);
    const codes = new Set([
      ...declared,
      ...Object.keys(problemCodes),
      ...Object.keys(conditionProblemCodes),
      ...Object.keys(importProblemCodes),
      "ATTACK_INVALID",
      "CASES_INVALID",
      "TOOLS_INVALID",
    ]);
    const pages = markdownFiles("docs/errors").map((file) => file.replace(/^docs\/errors\//, "").replace(/\.md$/, ""));
    expect(pages.toSorted()).toEqual([...codes].toSorted());
  });

  it("name every reason that a refusal's row can have", () => {
    const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
      .filter((file) => /(?<!\.test)\.ts$/.test(file))
      .map((file) => read(join("src", file)));
    const patterns = [
      /recordRefusal\(context, "[a-z_]+", "([a-z_]+)"/g,
      /\breject\(\s*"([a-z_]+)"/g,
      /status: \d+, reason: "([a-z_]+)"/g,
    ];
    const reasons = sources.flatMap((text) =>
      patterns.flatMap((pattern) => [...text.matchAll(pattern)].map(([, reason = ""]) => reason)),
    );
    expect(reasons.length).toBeGreaterThan(30);
    const guide = read("docs/guides/audit.md");
    expect([...new Set([...reasons, ...scanReasons])].filter((reason) => !guide.includes(`\`${reason}\``))).toEqual([]);
  });

  it("name no machine, no registry's host and no other place", () => {
    const suspicious = /registry\.npmjs|\/root\/|\/work\/|127\.0\.0\.1:4873/;
    expect(documents.filter((file) => suspicious.test(read(file)))).toEqual([]);
  });
});
