/**
 * A blind HTTP-to-stdio forwarder, the least a gateway can do: `node http-forwarder.ts PROGRAM [ARGUMENT ...]`. Bodies
 * are passed on untouched and unread but for the id, which the clients of the benches never use twice.
 */
import { spawn } from "node:child_process";
import { readLines } from "./lines.ts";
import { answerPosts } from "./posts.ts";

const [program = "", ...args] = process.argv.slice(2);
const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
child.on("exit", () => process.exit(0));
const waiting = new Map<string, (text: string) => void>();
const idPattern = /"id":(\d+)/;

readLines(child.stdout, (line) => {
  const id = idPattern.exec(line)?.[1] ?? "";
  waiting.get(id)?.(line);
  waiting.delete(id);
});
answerPosts((text, reply) => {
  waiting.set(idPattern.exec(text)?.[1] ?? "", reply);
  child.stdin.write(`${text}\n`);
});
