import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
let folder: string;
let command: string;

/** Makes a package as it is installed: our bin/, and a dist/ whose only file is `main`. */
function install(main: string, oldestNode = ">=22.19.0"): void {
  cpSync(join(root, "bin"), join(folder, "bin"), { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module", engines: { node: oldestNode } }));
  mkdirSync(join(folder, "dist", "cli"), { recursive: true });
  writeFileSync(join(folder, "dist", "cli", "main.js"), main);
}

/** Makes a checkout of it: with src/, and scripts/ that give this Node.js and build what `main` says. */
function checkOut(main: string): void {
  mkdirSync(join(folder, "src", "cli"), { recursive: true });
  writeFileSync(join(folder, "src", "cli", "main.ts"), "");
  mkdirSync(join(folder, "scripts"));
  const node = `export const ensureNode = () => ${JSON.stringify(process.execPath)};`;
  writeFileSync(join(folder, "scripts", "node.js"), node);
  const build = `import { writeFileSync } from "node:fs";
    console.log("building");
    writeFileSync(${JSON.stringify(join(folder, "dist", "cli", "main.js"))}, ${JSON.stringify(main)});`;
  writeFileSync(join(folder, "scripts", "run.js"), build);
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "callgate-command-"));
  command = join(folder, "bin", "callgate.js");
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function callgate(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [command, ...args], { encoding: "utf8" });
}

describe("the callgate command", () => {
  it("hands its arguments to dist/ and ends with the exit code it gets", () => {
    install("export const main = async (args) => { console.log(args.join()); return 2; };");
    expect(callgate("validate", "a b")).toMatchObject({ status: 2, stdout: "validate,a b\n", stderr: "" });
  });

  it("ends with 3 and says why when dist/ cannot be loaded", () => {
    install('import "./gone.js";');
    const { status, stderr } = callgate();
    expect(status).toBe(3);
    expect(stderr).toContain("gone.js");
  });

  it("does not warn that SQLite is experimental, and does not silence other warnings", () => {
    install(`export const main = async () => {
      process.emitWarning("SQLite is an experimental feature", "ExperimentalWarning");
      process.emitWarning("look here", "ExperimentalWarning");
      return 0;
    };`);
    const { stderr } = callgate();
    expect(stderr).not.toContain("SQLite");
    expect(stderr).toContain("look here");
  });

  it("tells the user of a Node.js that is too old what to run instead", () => {
    install("throw new Error()", ">=99.1.0");
    const { status, stderr } = callgate("run", "-p", "policy.json");
    expect(status).toBe(3);
    expect(stderr).toContain("needs Node.js 99.1.0 or later");
    expect(stderr).toContain("npx -y -p node@24 -p callgate callgate run -p policy.json");
  });
});

describe("the callgate command in a checkout", () => {
  const built = "export const main = async () => { console.log('built'); return 0; };";

  it("builds first when src/ is newer than dist/, and keeps standard output for the command", () => {
    install("export const main = async () => { console.log('stale'); return 0; };");
    checkOut(built);
    utimesSync(join(folder, "dist", "cli", "main.js"), 0, 0);
    expect(callgate()).toMatchObject({ status: 0, stdout: "built\n", stderr: "building\n" });
    expect(callgate()).toMatchObject({ status: 0, stdout: "built\n", stderr: "" });
  });

  // The Node.js that is found is as old as this one: the second process must not look for another.
  it.skipIf(process.platform === "win32")(
    "passes a signal to the Node.js it found, and its exit code back",
    async () => {
      const main = `export const main = () => new Promise((resolve) => {
      process.on("SIGTERM", () => resolve(7));
      setInterval(() => {}, 1000).unref();
      process.stdin.resume();
      console.log("up");
      process.on("SIGTERM", () => process.stdin.pause());
    });`;
      install(main);
      checkOut(main);
      const wrapper = join(folder, "wrapper.js");
      // Lies about its version to the first process alone, which an old Node.js would tell the truth about.
      writeFileSync(wrapper, 'Object.defineProperty(process.versions, "node", { value: "20.0.0" });');
      const child = spawn(process.execPath, ["--import", wrapper, command], { stdio: ["pipe", "pipe", "inherit"] });
      await once(child.stdout, "data");
      child.kill("SIGTERM");
      expect(await once(child, "exit")).toEqual([7, null]);
    },
  );
});
