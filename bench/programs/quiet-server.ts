/** An MCP server on standard streams that does next to nothing. */
import { readLines } from "./lines.ts";
import { quietAnswer } from "./quiet-answers.ts";

process.stdout.on("error", () => process.exit(0));
readLines(process.stdin, (line) => {
  const answer = quietAnswer(line);
  if (answer !== undefined) process.stdout.write(`${answer}\n`);
});
process.stdin.on("end", () => process.exit(0));
