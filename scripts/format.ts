/** Formats every file of the repository: `npm run format`; with `--check` it only says which ones are not formatted. */
import { run } from "./repository.ts";

process.exitCode = run("oxfmt", process.argv.includes("--check") ? ["--check", "."] : ["."]).exitCode;
