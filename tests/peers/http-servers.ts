import { spawn } from "node:child_process";
import { once } from "node:events";
import { freePort } from "../../examples/camoufox/gateway.ts";
import { makeFolder } from "../kit/folder.ts";
import { closeLater } from "../kit/opened.ts";
import { until } from "../kit/wait.ts";
import { ensurePackage } from "./packages.ts";
import { playwrightArguments } from "./servers.ts";

/** A real server over HTTP, as `callgate.yaml` names it. */
export interface HttpServer {
  readonly url: string;
  readonly transport: "streamable-http" | "sse";
}

/** The official `everything` server over Streamable HTTP or HTTP+SSE, on a free port. Ended by `closeAll`. */
export async function startEverything(transport: HttpServer["transport"]): Promise<HttpServer> {
  const port = await freePort(0);
  const mode = transport === "sse" ? "sse" : "streamableHttp";
  await startProgram([ensurePackage("everything"), mode], / port \d+/, { PORT: String(port) });
  return { url: `http://127.0.0.1:${port}/${transport === "sse" ? "sse" : "mcp"}`, transport };
}

/** `context7`, which speaks both eras, over Streamable HTTP; it asks `api` for what it tells. Ended by `closeAll`. */
export async function startContext7(api: string): Promise<HttpServer> {
  const port = await freePort(0);
  const args = [ensurePackage("context7"), "--transport", "http", "--port", String(port)];
  await startProgram(args, new RegExp(`:${port}`), { CONTEXT7_API_URL: api, OTEL_SDK_DISABLED: "true" });
  return { url: `http://127.0.0.1:${port}/mcp`, transport: "streamable-http" };
}

/** Playwright's server with a real browser, over Streamable HTTP; it answers to `localhost` alone. Ended by `closeAll`. */
export async function startPlaywright(): Promise<HttpServer> {
  const port = await freePort(0);
  const args = [...playwrightArguments(makeFolder()), "--host", "127.0.0.1", "--port", String(port)];
  await startProgram(args, new RegExp(`:${port}`));
  return { url: `http://localhost:${port}/mcp`, transport: "streamable-http" };
}

async function startProgram(
  args: readonly string[],
  isUp: RegExp,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const home = makeFolder();
  const child = spawn(process.execPath, args, {
    cwd: home,
    env: { PATH: process.env["PATH"] ?? "", HOME: home, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const ended = once(child, "close");
  closeLater(async () => {
    child.kill("SIGTERM");
    await ended;
  });
  const state = await until(`${args.join(" ")} to listen`, () => {
    if (child.exitCode !== null) return "ended" as const;
    return isUp.test(said) ? ("up" as const) : undefined;
  });
  if (state === "ended") throw new Error(`${args.join(" ")} ended and said: ${said}`);
}
