/**
 * Everything that is checked before a change is accepted: `npm test`. Its last line is `N passed, N failed`, which
 * counts the tests of vitest and one for each of the other checks. Options after `--` go to vitest.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureChromium } from "../examples/camoufox/chromium.ts";
import { root, run } from "./repository.ts";

interface Counts {
  readonly passed: number;
  readonly failed: number;
  /** Tests that this machine cannot run. */
  readonly skipped: number;
}

/** The result of one step. */
interface Outcome extends Counts {
  readonly name: string;
  readonly ms: number;
}

const script = (name: string): string => join(root, "scripts", name);

function check(name: string, program: string, args: readonly string[]): Outcome {
  process.stdout.write(`\n== ${name}\n`);
  const { exitCode, ms } = run(program, args);
  return { name, passed: exitCode === 0 ? 1 : 0, failed: exitCode === 0 ? 0 : 1, skipped: 0, ms };
}

/** The counts in vitest's report, or undefined when there is none that can be read. */
function readCounts(file: string): Counts | undefined {
  if (!existsSync(file)) return undefined;
  const report: unknown = JSON.parse(readFileSync(file, "utf8"));
  if (typeof report !== "object" || report === null) return undefined;
  const count = (key: string): number => Number(Reflect.get(report, key));
  const counts = {
    passed: count("numPassedTests"),
    failed: count("numFailedTests"),
    skipped: count("numPendingTests"),
  };
  return Object.values(counts).every(Number.isInteger) ? counts : undefined;
}

function vitest(options: readonly string[]): Outcome {
  process.stdout.write("\n== tests\n");
  const folder = mkdtempSync(join(tmpdir(), "callgate-test-"));
  const file = join(folder, "report.json");
  const args = ["run", "--coverage", "--reporter=default", "--reporter=json", `--outputFile.json=${file}`, ...options];
  const { exitCode, ms } = run("vitest", args);
  const { passed, failed, skipped } = readCounts(file) ?? { passed: 0, failed: 0, skipped: 0 };
  rmSync(folder, { recursive: true, force: true });
  // A file that does not load, an error outside a test, or too little coverage fails without a failed test.
  return { name: "tests", passed, failed: exitCode === 0 ? failed : Math.max(failed, 1), skipped, ms };
}

function installSystemPackages(): void {
  try {
    ensureChromium();
  } catch (error) {
    process.stdout.write(`${error instanceof Error ? error.message : String(error)}; tests that need it will fail\n`);
  }
}

installSystemPackages();
const node = process.execPath;
const outcomes: Outcome[] = [
  check("format", node, [script("format.ts"), "--check"]),
  check("lint", "oxlint", ["--deny-warnings"]),
  check("types", "tsc", ["-p", "."]),
  check("generated files", node, [script("check-generated.ts")]),
  vitest(process.argv.slice(2)),
  check("build", node, [script("build.ts")]),
  check("package in an empty folder", node, [script("check-package.ts")]),
  check("package metadata", "publint", ["--strict"]),
  check("unused code and dependencies", "knip", []),
];

process.stdout.write("\n");
for (const { name, passed, failed, ms } of outcomes) {
  const seconds = (ms / 1000).toFixed(1).padStart(6);
  process.stdout.write(
    `${failed === 0 ? "ok  " : "FAIL"} ${seconds} s  ${name} (${passed} passed, ${failed} failed)\n`,
  );
}
const sum = (key: keyof Counts): number => outcomes.reduce((total, outcome) => total + outcome[key], 0);
process.exitCode = sum("failed") === 0 ? 0 : 1;
if (sum("skipped") > 0)
  process.stdout.write(`${sum("skipped")} skipped: each is marked in the report of the tests above\n`);
process.stdout.write(`${sum("passed")} passed, ${sum("failed")} failed\n`);
