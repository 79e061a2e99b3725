import type { ServerResponse } from "node:http";
import { afterAll } from "vitest";
import { createLogger } from "../../src/logger.ts";
import { createHttpUpstream } from "../../src/transports/http/upstream.ts";
import type { HttpUpstreamOptions } from "../../src/transports/http/upstream-server.ts";
import { createMemoryUpstream } from "../../src/transports/memory/upstream.ts";
import { createSseUpstream } from "../../src/transports/sse/upstream.ts";
import { createStdioUpstream } from "../../src/transports/stdio/upstream.ts";
import type { Upstream } from "../../src/transports/transport.ts";
import { closeAll } from "../kit/opened.ts";
import { sendJson, startEvents, startScriptedServer } from "../servers/http-script.ts";
import { upstreamSuite } from "./upstream-suite.ts";

function stdio(command: string, args: readonly string[]): Upstream {
  return createStdioUpstream({
    name: "echo",
    command,
    args,
    env: {},
    cwd: undefined,
    logger: createLogger("silent"),
    messageBytesMax: 1024 * 1024,
    onStderr: () => {},
  });
}

upstreamSuite({
  name: "stdio",
  echo: () => stdio(process.execPath, ["-e", "process.stdin.pipe(process.stdout)"]),
  missing: () => stdio("callgate-test-no-such-program", []),
});

upstreamSuite({
  name: "memory",
  echo: () => createMemoryUpstream("echo", () => ({ receive: (text, send) => send(text) })),
  missing: () =>
    createMemoryUpstream("echo", () => {
      throw new Error("not there");
    }),
});

const httpEcho = await startScriptedServer(({ body }, res) => sendJson(res, body));
afterAll(closeAll);

const sseStreams: ServerResponse[] = [];
const sseEcho = await startScriptedServer(({ method, path, body }, res) => {
  if (method === "GET") {
    startEvents(res, `event: endpoint\ndata: /${sseStreams.length}\n\n`);
    sseStreams.push(res);
    return;
  }
  sseStreams[Number(path.slice(1))]?.write(`data: ${body}\n\n`);
  res.writeHead(202).end();
});

function atUrl(create: (options: HttpUpstreamOptions) => Upstream, url: string): Upstream {
  const logger = createLogger("silent");
  return create({ name: "echo", url, headers: {}, allowPrivate: true, logger, messageBytesMax: 1024 * 1024 });
}

upstreamSuite({
  name: "http",
  echo: () => atUrl(createHttpUpstream, httpEcho.origin),
  missing: () => atUrl(createHttpUpstream, "http://callgate-test.invalid"),
});

upstreamSuite({
  name: "sse",
  echo: () => atUrl(createSseUpstream, sseEcho.origin),
  missing: () => atUrl(createSseUpstream, "http://callgate-test.invalid"),
});
