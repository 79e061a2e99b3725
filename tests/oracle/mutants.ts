/**
 * How much the comparison notices: changes one place of `src/policy` or `src/limits` at a time in a temporary copy, compares the copy
 * with the oracle, and lists the changes that nothing noticed. By command only:
 * `node scripts/run.js tests/oracle/mutants.ts --max 100 --seed 1 --files decide,selection --pairs 15000`.
 */

import { spawnSync } from "node:child_process";
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { diceOf, shuffled } from "./rewrite.ts";

/** One change of one line. */
interface Mutant {
  readonly file: string;
  readonly line: number;
  readonly before: string;
  readonly after: string;
}

/** What a place may be changed to. Each rule changes one occurrence at a time. */
const rules: readonly (readonly [RegExp, string])[] = [
  [/ <= /g, " < "],
  [/ >= /g, " > "],
  [/ < /g, " <= "],
  [/ > /g, " >= "],
  [/ === /g, " !== "],
  [/ !== /g, " === "],
  [/ && /g, " || "],
  [/ \|\| /g, " && "],
  [/ \+ 1\b/g, ""],
  [/ - 1\b/g, ""],
  [/"holds"/g, '"fails"'],
  [/"fails"/g, '"holds"'],
  [/"cannotJudge"/g, '"fails"'],
  [/"cannotJudge"/g, '"holds"'],
  [/"pass"/g, '"deny"'],
  [/"deny"/g, '"pass"'],
  [/\btrue\b/g, "false"],
  [/\bfalse\b/g, "true"],
  [/\(!/g, "("],
  [/\.some\(/g, ".every("],
  [/\.every\(/g, ".some("],
  [/^\s*if \(.*\) (return|continue|break)\b.*;$/g, ""],
  [/^\s*if \(.*\) [a-z].*;$/g, ""],
];

const { values } = parseArgs({
  options: {
    max: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
    pairs: { type: "string", default: "15000" },
    files: { type: "string", default: "" },
  },
});

const root = resolve(import.meta.dirname, "../..");
const wantedFiles = values.files.split(",").filter((name) => name !== "");
/** What the comparison cannot see: other formats, other doors, warnings, texts for people, what is written to disk. */
const unseen =
  /\.test\.ts$|\/import\/|(schema|messages|doors|uri|problem|problems|problem-codes|shape-problems|yaml-text|visibility|approvals|normal-form|explain|check-patterns|save-warnings|narrowing|json-text|text-node|regex-pattern|counter-state|receipt|schema-paths|compile-context|document|problem-list|durations)\.ts$/;
const files = globSync(["src/policy/**/*.ts", "src/limits/*.ts"], { cwd: root })
  .map((file) => file.replaceAll("\\", "/"))
  .filter(
    (file) => !unseen.test(file) && (wantedFiles.length === 0 || wantedFiles.some((name) => file.includes(name))),
  );

function mutantsOf(file: string): readonly Mutant[] {
  const lines = readFileSync(join(root, file), "utf8").split("\n");
  return lines.flatMap((before, line) => {
    const isCode =
      !/^\s*(\/\/|\/?\*|import|export type|export interface|type |interface |readonly \w+: [^=]*;$|\): \{)/.test(
        before,
      );
    if (!isCode) return [];
    return rules.flatMap(([pattern, replacement]) =>
      [...before.matchAll(pattern)].map((match) => {
        const after = before.slice(0, match.index) + replacement + before.slice(match.index + match[0].length);
        return { file, line, before, after };
      }),
    );
  });
}

/** Whether the copy as it stands agrees with the oracle; a difference, a fault and no end in time are all no. */
function agrees(copy: string): boolean {
  const soak = [
    "--disable-warning=ExperimentalWarning",
    "tests/oracle/soak.ts",
    "--pairs",
    values.pairs,
    "--seed",
    values.seed,
  ];
  return spawnSync(process.execPath, soak, { cwd: copy, timeout: 120_000, stdio: "ignore" }).status === 0;
}

/** Whether the comparison notices the mutant. */
function isNoticed(copy: string, { file, line, after }: Mutant): boolean {
  const path = join(copy, file);
  const original = readFileSync(path, "utf8");
  writeFileSync(path, original.split("\n").with(line, after).join("\n"));
  const isAgreeing = agrees(copy);
  writeFileSync(path, original);
  return !isAgreeing;
}

function requireAgreement(copy: string): void {
  if (!agrees(copy)) throw new Error("the unchanged copy does not agree with the oracle, so mutants say nothing");
}

const copy = mkdtempSync(join(tmpdir(), "callgate-mutants-"));
try {
  for (const folder of ["src", "tests/oracle"]) cpSync(join(root, folder), join(copy, folder), { recursive: true });
  cpSync(join(root, "package.json"), join(copy, "package.json"));
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  requireAgreement(copy);
  const all = files.flatMap(mutantsOf);
  const chosen = shuffled(all, diceOf(Number(values.seed))).slice(0, Number(values.max));
  const survivors = chosen.filter((mutant) => {
    const noticed = isNoticed(copy, mutant);
    if (!noticed)
      console.info(
        `survived  ${mutant.file}:${mutant.line + 1}\n  - ${mutant.before.trim()}\n  + ${mutant.after.trim()}`,
      );
    return !noticed;
  });
  requireAgreement(copy);
  console.info(
    `${chosen.length - survivors.length} of ${chosen.length} mutants noticed (${all.length} possible), ${survivors.length} survived`,
  );
} finally {
  rmSync(copy, { recursive: true, force: true });
}
