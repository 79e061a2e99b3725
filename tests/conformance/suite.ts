import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { z } from "zod";
import { makeFolder } from "../kit/folder.ts";
import { within } from "../kit/wait.ts";
import { isPassed, type Check, type Scenario } from "./compare.ts";

/** What the suite can be asked for: a revision's frozen requirements, or the active scenarios of its stable release. */
export const requirementSets = ["2025-11-25", "2026-07-28", "stable"] as const;

/** One of {@link requirementSets}. */
export type Requirements = (typeof requirementSets)[number];

/** Releases of the suite, exactly. The frozen requirements came with the later one. */
const versions = { stable: "0.1.16", frozen: "0.2.0-alpha.12" } as const;

/** How long one run of many scenarios may take, milliseconds. A single scenario may hang for the suite's own 30 s. */
const runMs = 600_000;

const repositoryRoot = fileURLToPath(new URL("../..", import.meta.url));

/** What the suite is aimed at: a server's address, or a client's command line (its last argument will be an address). */
export type Subject =
  | { readonly kind: "server"; readonly url: string }
  | { readonly kind: "client"; readonly command: string };

/**
 * Runs the official suite, fetching it on first use, and returns what each scenario checked, sorted by name. A failed
 * check is a value; throws when the suite itself could not run. Without `scenario` all of the set are run.
 */
export async function runSuite(
  subject: Subject,
  requirements: Requirements,
  scenario?: string,
): Promise<readonly Scenario[]> {
  const suite = ensureSuite(requirements === "stable" ? versions.stable : versions.frozen);
  const folder = makeFolder();
  const { output, exitCode } = await runProgram(
    [join(suite, "dist", "index.js"), ...argumentsFor(subject, requirements, scenario), "-o", folder],
    folder,
  );
  const unscored = requirements === "stable" ? new Set<string>() : readUnscored(suite, requirements);
  const scenarios = readScenarios(folder, unscored);
  if (scenarios.length === 0) throw new Error(`the suite ran no scenario and said: ${output}`);
  // A client that fails without a failed check is told by the exit code only.
  const isFailed = subject.kind === "client" && exitCode !== 0 && scenarios.every(isPassed);
  const exit: Check = { id: "client-exit", name: "ClientExit", status: "FAILURE", message: output };
  return isFailed ? scenarios.map((one) => ({ ...one, checks: [...one.checks, exit] })) : scenarios;
}

function argumentsFor(subject: Subject, requirements: Requirements, scenario: string | undefined): readonly string[] {
  const target =
    subject.kind === "server" ? ["server", "--url", subject.url] : ["client", "--command", subject.command];
  if (scenario !== undefined) {
    const revision = requirements === "stable" ? [] : ["--spec-version", requirements];
    return [...target, "--scenario", scenario, ...revision];
  }
  return [...target, ...(requirements === "stable" ? ["--suite", "active"] : ["--requirements", requirements])];
}

/** The folder of that release of the suite, fetched into `.conformance` when it is not there. */
function ensureSuite(version: string): string {
  const prefix = join(repositoryRoot, ".conformance", version);
  const folder = join(prefix, "node_modules", "@modelcontextprotocol", "conformance");
  if (readVersion(folder) === version) return folder;
  mkdirSync(prefix, { recursive: true });
  const name = `@modelcontextprotocol/conformance@${version}`;
  const result = spawnSync(
    "npm",
    ["install", "--prefix", prefix, "--no-save", "--no-package-lock", "--ignore-scripts", name],
    { stdio: ["ignore", "ignore", "inherit"], shell: process.platform === "win32" },
  );
  if (result.status !== 0) throw new Error(`could not fetch ${name} (npm exit code ${result.status})`);
  return folder;
}

function readVersion(folder: string): string | undefined {
  try {
    const text = readFileSync(join(folder, "package.json"), "utf8");
    return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
  } catch {
    return undefined;
  }
}

/** Runs a Node.js program to its end; its output is the last of what it wrote. */
async function runProgram(
  args: readonly string[],
  home: string,
): Promise<{ readonly output: string; readonly exitCode: number | null }> {
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env["PATH"] ?? "", HOME: home, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => (output = `${output}${chunk.toString("utf8")}`.slice(-4000)));
  }
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  try {
    const exitCode = await within("the conformance suite", ended, runMs);
    return { output, exitCode };
  } finally {
    child.kill("SIGKILL");
  }
}

const requirementsSchema = z.object({ not_scored: z.array(z.object({ scenario: z.string() })) });

function readUnscored(suite: string, revision: string): ReadonlySet<string> {
  const text = readFileSync(join(suite, "requirements", `${revision}.yaml`), "utf8");
  return new Set(requirementsSchema.parse(parse(text)).not_scored.map((entry) => entry.scenario));
}

const checksSchema = z.array(
  z.object({ id: z.string(), name: z.string(), status: z.string(), errorMessage: z.string().optional() }),
);

/** Reads `[server-]SCENARIO-TIME/checks.json` of every scenario; a scenario's name may hold a `/`, and so be two folders. */
function readScenarios(folder: string, unscored: ReadonlySet<string>): readonly Scenario[] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const scenarios = files.flatMap((file): Scenario[] => {
    const name = /^(?:server-)?(.+)-\d{4}-\d{2}-\d{2}T[\d-]+Z[/\\]checks\.json$/.exec(file)?.[1];
    if (name === undefined) return [];
    const checks = checksSchema.parse(JSON.parse(readFileSync(join(folder, file), "utf8")));
    return [{ name: name.replaceAll("\\", "/"), isScored: !unscored.has(name), checks: checks.map(toCheck) }];
  });
  return scenarios.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function toCheck(check: z.infer<typeof checksSchema>[number]): Check {
  return { id: check.id, name: check.name, status: check.status, message: check.errorMessage ?? "" };
}
