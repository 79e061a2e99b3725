import { createServer } from "node:net";
import { systemClock } from "../../clock.ts";
import type { Settings } from "../../config/settings.ts";
import { AppError } from "../../errors.ts";
import { createLogger } from "../../logger.ts";
import { proveSafe } from "../prove-safe.ts";
import { type Check, ok, problem } from "./check.ts";

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

/** Any gateway gives the document of its API to strangers. One whose certificate is not for this address is not found. */
async function isGateway(origin: string): Promise<boolean> {
  try {
    const response = await fetch(`${origin}/api/v1/openapi.json`, {
      signal: AbortSignal.timeout(3_000),
      redirect: "manual",
    });
    return (await response.text()).includes('"title":"Callgate"');
  } catch {
    return false;
  }
}
