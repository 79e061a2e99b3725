import { afterAll } from "vitest";
import { createLogger } from "../../src/logger.ts";
import { createHttpUpstream } from "../../src/transports/http/upstream.ts";
import { createMemoryUpstream } from "../../src/transports/memory/upstream.ts";
import { createStdioUpstream } from "../../src/transports/stdio/upstream.ts";
import type { Upstream } from "../../src/transports/transport.ts";
import { closeAll } from "../kit/opened.ts";
import { sendJson, startScriptedServer } from "../servers/http-script.ts";
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

function http(url: string): Upstream {
  return createHttpUpstream({
    name: "echo",
    url,
    headers: {},
    allowPrivate: true,
    logger: createLogger("silent"),
    messageBytesMax: 1024 * 1024,
  });
}

upstreamSuite({
  name: "http",
  echo: () => http(httpEcho.origin),
  missing: () => http("http://callgate-test.invalid"),
});
