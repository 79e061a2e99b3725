import { fileURLToPath } from "node:url";
import type { Scenario } from "./compare.ts";
import { runSuite } from "./suite.ts";

/**
 * The scenarios that judge a client and are about more than its sign-in: what a gateway sends to a server must pass them
 * as well as what the client sent to it.
 */
export const clientScenarios = {
  "2025-11-25": ["initialize", "tools_call", "elicitation-sep1034-client-defaults", "sse-retry"],
  "2026-07-28": [
    "tools_call",
    "request-metadata",
    "sep-2322-client-request-state",
    "http-standard-headers",
    "http-custom-headers",
    "http-invalid-tool-headers",
    "json-schema-ref-no-deref",
    "json-schema-2020-12-preservation",
  ],
} as const;

/** A revision with client scenarios. */
export type ClientRevision = keyof typeof clientScenarios;

const programs = { direct: "client.ts", through: "via-gateway.ts" } as const;

/** Runs the client scenarios of a revision, or one of them, with the client alone or through Callgate. */
export async function runClientScenarios(
  way: keyof typeof programs,
  revision: ClientRevision,
  only?: string,
): Promise<readonly Scenario[]> {
  const program = fileURLToPath(new URL(programs[way], import.meta.url));
  // The suite hands the command to a shell and appends an address.
  const command = `"${process.execPath}" "${program}"`;
  const results: Scenario[] = [];
  for (const scenario of clientScenarios[revision]) {
    if (only !== undefined && only !== scenario) continue;
    results.push(...(await runSuite({ kind: "client", command }, revision, scenario)));
  }
  return results;
}
