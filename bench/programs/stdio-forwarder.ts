/** A blind pass-through on standard streams, the least a gateway can do: `node stdio-forwarder.ts PROGRAM [ARGUMENT ...]`. */
import { spawn } from "node:child_process";

const [program = "", ...args] = process.argv.slice(2);
const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
process.stdin.pipe(child.stdin);
child.stdout.pipe(process.stdout);
process.stdout.on("error", () => child.kill());
child.stdin.on("error", () => process.exit(0));
child.on("exit", () => process.exit(0));
