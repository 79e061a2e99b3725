import { createLogger } from "../../src/logger.ts";
import { createMemoryUpstream } from "../../src/transports/memory/upstream.ts";
import { createStdioUpstream } from "../../src/transports/stdio/upstream.ts";
import type { Upstream } from "../../src/transports/transport.ts";
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
