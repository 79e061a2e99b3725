/** The conformance fixture over stdio, both eras: `node stdio-server.ts`. */
import process from "node:process";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { createConformanceServer } from "./server.ts";

serveStdio(() => createConformanceServer(), {
  onerror: (error) => process.stderr.write(`${error.message}\n`),
});
