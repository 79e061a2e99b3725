// Makes the snapshot of facts that comes with Callgate, `data/catalogue.json.gz`, and the list of what is in it,
// `data/README.md`: `make-snapshot.ts --recordings DIR [--recordings DIR ...] --date YYYY-MM-DD`.
// DIR holds one `<name>.json` for each server with a list `tools` and, beside it or in `server`, package, version,
// repository, registryName (or mcpName), env (names of variables). No sentence of a server's gets into the snapshot: the
// records hold none (src/catalogue/facts-only.ts), and this script looks for runs of words from descriptions in the result.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { buildRecord } from "../src/catalogue/build-record.ts";
import { factsOnly } from "../src/catalogue/facts-only.ts";
import type { Identity } from "../src/catalogue/server-record.ts";
import type { CatalogueEntry } from "../src/catalogue-store/catalogue-store.ts";
import { writeSnapshot } from "../src/catalogue-store/snapshot.ts";
import { isList, isObject, type JsonValue } from "../src/values/json.ts";
import { root } from "./repository.ts";
import { publishers } from "./snapshot-publishers.ts";

const text = z.string().nullish();
const about = z.looseObject({
  package: text,
  version: text,
  repository: text,
  registryName: text,
  mcpName: text,
  name: text,
  env: z.array(z.string()).nullish(),
  recordedAt: text,
});
const tool = z.looseObject({ name: z.string(), description: z.json().optional(), title: z.json().optional() });
const toolFields = z.object({
  name: z.string(),
  title: z.json().optional(),
  description: z.json().optional(),
  inputSchema: z.json().optional(),
  outputSchema: z.json().optional(),
  annotations: z.json().optional(),
});
const recording = about.extend({ server: about.optional(), tools: z.array(tool).default([]) });
type Recording = z.infer<typeof recording>;

const { values } = parseArgs({
  options: { recordings: { type: "string", multiple: true, default: [] }, date: { type: "string" } },
});
if (values.date === undefined || values.recordings.length === 0)
  throw new Error("give --recordings DIR and --date YYYY-MM-DD");
const madeAt = `${values.date}T00:00:00.000Z`;

const recordings = values.recordings.flatMap((folder) =>
  readdirSync(folder)
    .filter((file) => file.endsWith(".json") && file !== "index.json")
    .map((file) => recording.parse(JSON.parse(readFileSync(join(folder, file), "utf8")))),
);

/** `https://github.com/owner/repo` of the many ways in which packages name their repository. */
function repositoryOf(source: string | null | undefined): string | undefined {
  const [, owner, name] =
    /(?:github\.com[/:]|^(?:github:)?)([\w.-]+)\/([\w.-]+?)(?:\.git)?(?:[/#].*)?$/u.exec(source ?? "") ?? [];
  return owner === undefined || name === undefined ? undefined : `https://github.com/${owner}/${name}`;
}

function identityOf(packageName: string, repository: string | undefined): Identity {
  const scope = /^@[^/]+/u.exec(packageName)?.[0] ?? packageName;
  const publisher = publishers[scope];
  if (publisher !== undefined) {
    const what = scope.startsWith("@") ? `the npm scope \`${scope}\`` : `the npm package \`${scope}\``;
    return { level: "official", evidence: [`${what} is ${publisher}`] };
  }
  if (repository === undefined) return { level: "unknown", evidence: ["its package names no repository"] };
  return {
    level: "community",
    evidence: [`its package names the repository ${repository}; nothing else says who publishes it`],
  };
}

function entryOf(source: Recording): CatalogueEntry {
  const facts = { ...source, ...source.server };
  const packageName = facts.package ?? "";
  const repository = repositoryOf(facts.repository);
  const named = facts.registryName ?? facts.mcpName ?? (facts.name?.includes("/") === true ? facts.name : undefined);
  const isGated = (facts.env ?? []).some(
    (name) => /^\w+$/u.test(name) && /TOKEN|KEY|SECRET|PASS|CREDENTIAL|CLIENT_ID/u.test(name),
  );
  const record = buildRecord(
    {
      name: packageName,
      ...(named?.includes("/") === true ? { registryName: named } : {}),
      packages: [{ registry: "npm", name: packageName, ...(facts.version ? { version: facts.version } : {}) }],
      remotes: [],
      ...(repository === undefined ? {} : { repository }),
      transport: ["stdio"],
      identity: identityOf(packageName, repository),
      auth: isGated ? "gated" : "open",
      source: "package",
      scannedAt: facts.recordedAt ?? madeAt,
    },
    { about: undefined, tools: source.tools.map((entry) => toolFields.parse(entry)), prompts: [], resources: [] },
    { digest: (content) => createHash("sha256").update(content).digest("hex") },
  );
  return { record: factsOnly(record), origin: "bundled", isExamined: source.tools.length > 0 };
}

/** Six words of a description in a row, in any text of the facts, are too many. */
function assertOwnWords(source: Recording, { record }: CatalogueEntry): void {
  const plain = (content: string): string =>
    ` ${content
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}]+/gu, " ")
      .trim()} `;
  // Names are facts, however many words they are made of: they have no blanks, or stand between backticks.
  const facts = textsIn(z.json().parse(JSON.parse(JSON.stringify(record))))
    .map((content) => content.replaceAll(/`[^`]*`/gu, ""))
    .filter((content) => /\s/u.test(content))
    .map(plain);
  for (const { name, description } of source.tools) {
    const words = plain(typeof description === "string" ? description : "")
      .trim()
      .split(" ");
    for (let from = 0; from + 6 <= words.length; from += 1) {
      const run = ` ${words.slice(from, from + 6).join(" ")} `;
      if (facts.some((fact) => fact.includes(run)))
        throw new Error(`${record.slug} ${name}: the snapshot would hold \`${run.trim()}\``);
    }
  }
}

function textsIn(value: JsonValue): readonly string[] {
  if (typeof value === "string") return [value];
  if (isList(value)) return value.flatMap(textsIn);
  return isObject(value) ? Object.values(value).flatMap(textsIn) : [];
}

const found = recordings.map((source) => [source, entryOf(source)] as const);
for (const [source, entry] of found) assertOwnWords(source, entry);
const bySlug = new Map(found.map(([, entry]) => [entry.record.slug, entry]));
const entries = [...bySlug.values()].toSorted((a, b) => (a.record.slug < b.record.slug ? -1 : 1));
const bytes = writeSnapshot({ madeAt, entries });
writeFileSync(join(root, "data", "catalogue.json.gz"), bytes);

const rows = entries.map(({ record, isExamined }) => {
  const [reference] = record.packages;
  const graded = isExamined ? `${record.tools.length} | ${record.grade.letter}` : "not seen | none";
  return `| \`${record.slug}\` | ${reference?.name ?? ""} | ${reference?.version ?? "unknown"} | ${record.scannedAt.slice(0, 10)} | ${graded} |`;
});
const toolCount = entries.reduce((sum, { record }) => sum + record.tools.length, 0);
writeFileSync(
  join(root, "data", "README.md"),
  `# Facts about servers

\`catalogue.json.gz\` is the catalogue's bundled snapshot: ${entries.length} servers with ${toolCount} tools, made by \`scripts/make-snapshot.ts\` from the \`tools/list\` answers of the packages below, which were started offline and without credentials. It holds facts and our own judgements: names, parameters, categories, signals, evidence, digests. No description, title or other sentence of a server's is in it.

Uncompressed it has one JSON value a line: first the format and the day it was made, then a server each.

| slug | npm package | version | recorded or put together | tools | grade |
|---|---|---|---|---|---|
${rows.join("\n")}
`,
);
process.stdout.write(`${entries.length} servers, ${toolCount} tools, ${bytes.length} bytes\n`);
