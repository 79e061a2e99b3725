/**
 * Checks the package as users get it: packs the tarball, installs it in an empty folder and runs it there.
 *
 * The libraries Callgate needs at run time are not in the tarball yet (they will be bundled into dist/ at release).
 * Until then the installed package borrows those that dist/ really imports from this checkout, by symbolic link; what
 * this check proves is that the tarball holds every file of our own, and that its bin and both its entries load.
 */
import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { builtinModules } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { root } from "./repository.ts";

/** Names of the libraries that the compiled files import. */
function importedLibraries(folder: string): string[] {
  const names = new Set<string>();
  for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".js")) continue;
    const text = readFileSync(join(folder, file), "utf8");
    for (const match of text.matchAll(/(?:\bfrom|\bimport\s*\(?)\s*["']([^"'.\s][^"'\s]*)["']/g)) {
      const source = match[1] ?? "";
      if (source.startsWith("node:") || builtinModules.includes(source)) continue;
      names.add(
        source
          .split("/")
          .slice(0, source.startsWith("@") ? 2 : 1)
          .join("/"),
      );
    }
  }
  return [...names].toSorted();
}

function lend(folder: string, libraries: readonly string[]): void {
  for (const name of libraries) {
    const place = join(folder, "node_modules", name);
    if (existsSync(place)) continue;
    mkdirSync(dirname(place), { recursive: true });
    symlinkSync(join(root, "node_modules", name), place, "junction");
  }
}

function expectOutput(folder: string, what: string, args: readonly string[], expected: string): void {
  const result = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
  if (result.status === 0 && result.stdout.trim() === expected) return;
  const shown = `exit code ${result.status}, output \`${result.stdout.trim()}\`\n${result.stderr}`;
  throw new Error(`${what}: expected \`${expected}\`, got ${shown}`);
}

const folder = mkdtempSync(join(tmpdir(), "callgate-package-"));
try {
  const { version }: { version: string } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const npm = (args: readonly string[], cwd: string): string =>
    execFileSync("npm", args, { cwd, encoding: "utf8", shell: process.platform === "win32" });
  const tarball = npm(["pack", "--silent", "--pack-destination", folder], root).trim();
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  npm(["install", "--offline", "--no-audit", "--no-fund", "--silent", `./${tarball}`], folder);
  const installed = join(folder, "node_modules", "callgate");
  const libraries = importedLibraries(join(installed, "dist"));
  lend(folder, libraries);
  expectOutput(folder, "callgate --version", [join(installed, "bin", "callgate.js"), "--version"], version);
  for (const entry of ["callgate", "callgate/policy"]) {
    const script = `console.log(Object.keys(await import("${entry}")).length > 0)`;
    expectOutput(folder, `import "${entry}"`, ["--input-type=module", "-e", script], "true");
  }
  const attacks = ["attacks", "show", "tool-ssrf", "--policy"];
  const policy = /```json\n(.*?)\n```/s.exec(
    readFileSync(join(root, "src", "attacks", "entries", "tool-ssrf.md"), "utf8"),
  );
  expectOutput(folder, "callgate attacks show", [join(installed, "bin", "callgate.js"), ...attacks], policy?.[1] ?? "");
  process.stdout.write(`${tarball} works in an empty folder, with ${libraries.join(", ")} lent by this checkout\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
