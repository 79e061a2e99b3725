// Writes every generated file: `npm run generate`. With `--check` it writes nothing and fails when one is stale.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { generateAttackFiles } from "./generate-attacks.ts";
import { generateConfigFiles } from "./generate-config.ts";
import { generatePolicyFiles } from "./generate-policy.ts";

const root = join(import.meta.dirname, "..");

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

const generated = [
  ...generatePolicyFiles(),
  ...generateConfigFiles(),
  ...generateAttackFiles((path) => readOrEmpty(join(root, path))),
];
const stale = generated.filter(({ path, text }) => readOrEmpty(join(root, path)) !== text);
if (process.argv.includes("--check")) {
  for (const { path } of stale) process.stderr.write(`${path} is stale: run \`npm run generate\`\n`);
  process.exitCode = stale.length === 0 ? 0 : 1;
} else {
  for (const { path, text } of stale) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    process.stdout.write(`wrote ${path}\n`);
  }
}
