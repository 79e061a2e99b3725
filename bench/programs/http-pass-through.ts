/** A blind HTTP-to-HTTP pass-through on undici's `Pool.dispatch`: `node http-pass-through.ts ORIGIN`. Prints its address. */
import { createServer } from "node:http";
import { Pool } from "undici";

const pool = new Pool(process.argv[2] ?? "", { connections: 64, pipelining: 1 });
const server = createServer((req, res) => {
  const { authorization: _, host: __, connection: ___, ...headers } = req.headers;
  pool.dispatch(
    { method: "POST", path: req.url ?? "/", headers, body: req },
    {
      onRequestStart: () => {},
      onResponseStart: (_controller, status, answerHeaders) => {
        const { connection: _1, "keep-alive": _2, ...kept } = answerHeaders;
        res.writeHead(status, kept);
      },
      onResponseData: (_controller, chunk) => void res.write(chunk),
      onResponseEnd: () => void res.end(),
      onResponseError: (_controller, error) => {
        process.stderr.write(`${String(error)}\n`);
        res.destroy();
      },
    },
  );
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  process.stdout.write(`http://127.0.0.1:${port}\n`);
});
process.stdin.on("end", () => process.exit(0));
process.stdin.resume();
