/**
 * Stands between Callgate and a server to witness what reaches the server: `node tap-child.ts LOG COMMAND [ARGUMENT ...]`
 * starts the command and appends every byte of standard input to LOG before the server gets it.
 */
import { spawn } from "node:child_process";
import { appendFileSync } from "node:fs";
import process from "node:process";

const [log = "", command = "", ...args] = process.argv.slice(2);
const server = spawn(command, args, { stdio: ["pipe", "inherit", "inherit"] });
server.stdin.on("error", () => {});
process.stdin.on("data", (chunk: Buffer) => {
  appendFileSync(log, chunk);
  server.stdin.write(chunk);
});
process.stdin.on("end", () => server.stdin.end());
// It ends with the server and not before: a server that has a browser needs the time to close it.
process.on("SIGTERM", () => {});
server.on("exit", (code) => process.exit(code ?? 1));
