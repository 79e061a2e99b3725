/**
 * Callgate's own parts over HTTP with a store in memory, so that the price of the durable one can be told:
 * `node memory-gateway.ts POLICY_FILE TOKEN_SHA256 PROGRAM [ARGUMENT ...]`. Prints its address.
 */
import { createHmac, createSecretKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { systemClock } from "../../src/clock.ts";
import { createGateway } from "../../src/gateway/gateway.ts";
import type { Snapshot } from "../../src/gateway/snapshot.ts";
import { prepareSchema } from "../../src/input-schema/prepare-schema.ts";
import { createLogger } from "../../src/logger.ts";
import { openMemoryStore } from "../../src/store/memory/memory-store.ts";
import { listenHttp } from "../../src/transports/http/downstream.ts";
import { createStdioUpstream } from "../../src/transports/stdio/upstream.ts";
import { compile } from "../engines.ts";

const [policyFile = "", tokenSha256 = "", command = "", ...args] = process.argv.slice(2);
const logger = createLogger("warn");
const messageBytesMax = 10 * 1024 * 1024;
const upstream = createStdioUpstream({
  name: "bench",
  command,
  args,
  env: {},
  cwd: undefined,
  logger,
  messageBytesMax,
  onStderr: (line) => process.stderr.write(`${line}\n`),
});
const snapshot: Snapshot = {
  organisation: "default",
  tokens: new Map([[tokenSha256, { kind: "grant", grantId: "alice", expiresAtMs: undefined }]]),
  grants: new Map([
    [
      "alice",
      {
        id: "alice",
        label: "alice",
        owner: undefined,
        tags: {},
        servers: new Map([["bench", "bench"]]),
        showDenied: false,
        expiresAtMs: undefined,
      },
    ],
  ]),
  localGrant: undefined,
  servers: new Map([
    [
      "bench",
      {
        name: "bench",
        upstream,
        startTimeoutMs: 30_000,
        callTimeoutMs: 120_000,
        callDeadlineMs: 3_600_000,
        idleTimeoutMs: 1_800_000,
        secrets: [],
        showDenied: false,
      },
    ],
  ]),
  policies: new Map([["bench", compile(readFileSync(policyFile, "utf8"))]]),
};
const store = openMemoryStore({ clock: systemClock, rowsMax: 1_000 });
const digestKey = createSecretKey(store.digestSalt);
const gateway = createGateway({
  store,
  clock: systemClock,
  logger,
  snapshot: () => snapshot,
  prepareSchema,
  digestArguments: (canonical) => createHmac("sha256", digestKey).update(canonical, "utf8").digest("hex"),
});
const listener = await listenHttp({
  host: "127.0.0.1",
  port: 0,
  allowedHosts: [],
  bodyBytesMax: 4 * 1024 * 1024,
  handler: gateway.handler,
  clock: systemClock,
  logger,
});
process.stdout.write(`${listener.origin}\n`);
process.stdin.on("end", () => process.exit(0));
process.stdin.resume();
