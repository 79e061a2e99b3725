import { get as getHttp, type IncomingMessage } from "node:http";
import { get as getHttps } from "node:https";
import { createServer } from "node:net";
import { text } from "node:stream/consumers";
import { apiPath } from "../../api/contract/api-path.ts";
import { systemClock } from "../../clock.ts";
import type { Settings } from "../../config/settings.ts";
import { AppError } from "../../errors.ts";
import { createLogger } from "../../logger.ts";
import { proveSafe } from "../prove-safe.ts";
import { type Check, ok, problem } from "./check.ts";

/** How long a program at the address is waited for, milliseconds. */
const answerMs = 3_000;

/** Node.js, the clock, and the engine's self-test. */
export async function checkMachine(): Promise<readonly Check[]> {
  const checks = [ok("node", `Node.js ${process.versions.node} on ${process.platform}`)];
  try {
    await proveSafe(systemClock, createLogger("silent"));
    return [...checks, ok("clock", new Date(systemClock.wallMs()).toISOString()), ok("engine", "denies what it must")];
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const about = error.code === "CLOCK_UNSET" ? "clock" : "engine";
    const hint = about === "clock" ? "set the machine's clock" : "install Callgate anew, and report it if it stays";
    return [...checks, problem(about, error.message, hint)];
  }
}

/** Whether the address to listen at is free, or a gateway is there already. */
export async function checkPort({ listen: { host, port }, tls }: Settings): Promise<readonly Check[]> {
  const at = `${host}:${port}`;
  const fault = await tryListening(host, port);
  if (fault === undefined) return [ok("address", port === 0 ? "a free port is taken at the start" : `${at} is free`)];
  if (fault !== "EADDRINUSE") {
    const hint = "let `listen` name an address of this machine, and a port that this user may use";
    return [problem("address", `${at} cannot be listened at (${fault})`, hint)];
  }
  const origin = `${tls === undefined ? "http" : "https"}://${host.includes(":") ? `[${host}]` : host}:${port}`;
  if (await isGateway(origin)) return [ok("address", `a gateway listens at ${at}`)];
  return [problem("address", `another program listens at ${at}`, "stop it, or let `listen` name another port")];
}

function tryListening(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error) => resolve("code" in error ? String(error.code) : error.message));
    server.listen(port, host, () => server.close(() => resolve(undefined)));
  });
}

/** Any gateway gives the document of its API to strangers; whether its certificate is good for this address is not asked. */
function isGateway(origin: string): Promise<boolean> {
  const url = new URL(`${apiPath}/openapi.json`, origin);
  const options = { timeout: answerMs, rejectUnauthorized: false, agent: false } as const;
  return new Promise((resolve) => {
    const take = (response: IncomingMessage): void => {
      text(response).then(
        (document) => resolve(document.includes('"title":"Callgate"')),
        () => resolve(false),
      );
    };
    const request = url.protocol === "https:" ? getHttps(url, options, take) : getHttp(url, options, take);
    request.on("error", () => resolve(false));
    request.on("timeout", () => request.destroy(new Error("it does not answer")));
  });
}
