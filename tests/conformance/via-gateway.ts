/**
 * Puts Callgate between a client and the server it is told about: `node via-gateway.ts URL`. Starts Callgate in front of
 * that address, runs `client.ts` against Callgate, and ends with its exit code.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { closeAll } from "../kit/opened.ts";
import { startGateway } from "./subjects.ts";

const upstream = process.argv.at(-1) ?? "";
const client = fileURLToPath(new URL("client.ts", import.meta.url));
try {
  const url = await startGateway({ url: upstream });
  const child = spawn(process.execPath, [client, url], { stdio: ["ignore", "inherit", "inherit"] });
  const [code]: unknown[] = await once(child, "exit");
  process.exitCode = typeof code === "number" ? code : 1;
} finally {
  await closeAll();
}
