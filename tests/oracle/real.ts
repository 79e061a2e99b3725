import type { CompiledPolicy } from "../../src/policy/index.ts";
import { loadPolicy } from "../../src/policy/index.ts";
import type { PolicyDocument } from "./document.ts";

/** The gateway's own reading of a document's text; `file` says which language it is in. Throws on a problem. */
export function loadText(text: string, file: string = "policy.json"): CompiledPolicy {
  const identity = { id: "generated", version: 1, sha256: "0".repeat(64) };
  const { policy, problems } = loadPolicy(text, { identity, file });
  if (policy !== undefined) return policy;
  const lines = problems
    .filter(({ severity }) => severity === "error")
    .map(({ code, path, message }) => `${code} at ${path}: ${message}`);
  throw new Error(`a document that should be valid was not loaded: ${lines.join("; ")}`);
}

/** The gateway's own reading of a document. */
export function load(document: PolicyDocument): CompiledPolicy {
  return loadText(JSON.stringify(document));
}
