import type { Category } from "../policy/index.ts";
import { type OwaspCode, owaspCodes } from "../values/owasp.ts";
import type { RecordSignal } from "./server-record.ts";

const ofSignal: Readonly<Record<RecordSignal, readonly OwaspCode[]>> = {
  takes_url: ["ASI02"],
  takes_path: ["ASI02"],
  takes_code: ["MCP05", "ASI05"],
  takes_secret: ["MCP01", "ASI03"],
  returns_secrets: ["MCP01", "ASI03"],
  sends_to_recipient: ["MCP10", "ASI02"],
  bulk: ["ASI02"],
  permissions: ["MCP02", "ASI03"],
  runs_on_host: ["MCP05", "ASI05"],
  loads_untrusted_content: ["MCP06", "ASI01"],
  irreversible: ["ASI02"],
  hidden_text: ["MCP03", "ASI01"],
  instruction_like_text: ["MCP03", "ASI01"],
};

const ofCategory: Readonly<Record<Category, readonly OwaspCode[]>> = {
  Read: [],
  Write: [],
  Execute: ["ASI02"],
  Destructive: ["ASI02"],
  Financial: ["ASI02"],
};

/** Pure. The OWASP risks that a tool of this kind is a way into, in the order of {@link owaspCodes}. */
export function owaspOf({
  category,
  signals,
}: {
  readonly category: Category;
  readonly signals: readonly RecordSignal[];
}): readonly OwaspCode[] {
  const found = new Set([...ofCategory[category], ...signals.flatMap((signal) => ofSignal[signal])]);
  return owaspCodes.filter((code) => found.has(code));
}
