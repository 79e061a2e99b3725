import { createHmac } from "node:crypto";
import type { ProblemList } from "../documents/problem-list.ts";
import { outboundUrlFault } from "../values/public-address.ts";
import { type Environment, expand, report } from "./config-problems.ts";
import type { ConfigDocument } from "./schema.ts";

/** Where changes of the catalogue are sent. */
export interface CatalogueWebhook {
  readonly url: string;
  /** Changes at least this bad. */
  readonly severity: "low" | "medium" | "high" | "critical";
  /** Signs a text: HMAC-SHA256 under the webhook's secret, hex. The secret itself is nowhere to be read. */
  readonly sign: (text: string) => string;
}

const secretLettersMin = 16;

/** The webhooks of `catalogue_webhooks`. A secret is a variable of the environment, never written in the file. */
export function readCatalogueWebhooks(
  document: ConfigDocument,
  problems: ProblemList,
  environment: Environment,
): readonly CatalogueWebhook[] {
  return (document.catalogue_webhooks ?? []).map(({ url, secret, severity = "low" }, index) => {
    const at = `/catalogue_webhooks/${index}`;
    const fault = outboundUrlFault(url, true);
    if (fault !== undefined) report(problems, `${at}/url`, fault, "write e.g. `https://hooks.example.com/callgate`");
    if (!/^\$\{[A-Za-z_][A-Za-z0-9_]*\}$/u.test(secret)) {
      report(
        problems,
        `${at}/secret`,
        "the secret stands in the file",
        "keep it out of the file: `secret: ${HOOK_SECRET}`",
      );
      return { url, severity, sign: () => "" };
    }
    const key = expand(secret, `${at}/secret`, problems, environment);
    if (key !== "" && key.length < secretLettersMin)
      report(
        problems,
        `${at}/secret`,
        `the secret has under ${secretLettersMin} characters`,
        "make one: `openssl rand -hex 32`",
      );
    return { url, severity, sign: (text) => createHmac("sha256", key).update(text).digest("hex") };
  });
}
