import { createServer } from "node:http";

/**
 * Listens on a free loopback port, prints the address, and hands each body to `answer`. An empty answer is HTTP 202, a GET
 * 405 (there is no stream). Ends with its standard input.
 */
export function answerPosts(answer: (text: string, reply: (text: string) => void) => void): void {
  const server = createServer((req, res) => {
    if (req.method !== "POST") return void res.writeHead(405).end();
    let text = "";
    req.setEncoding("utf8");
    req.on("data", (chunk: string) => (text += chunk));
    req.on("end", () =>
      answer(text, (body) => {
        res.writeHead(body === "" ? 202 : 200, {
          "content-type": "application/json",
          "content-length": Buffer.byteLength(body),
        });
        res.end(body);
      }),
    );
  });
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    process.stdout.write(`http://127.0.0.1:${port}\n`);
  });
  process.stdin.on("end", () => process.exit(0));
  process.stdin.resume();
}
