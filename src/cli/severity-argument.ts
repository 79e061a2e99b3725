import { severities, type Severity } from "../catalogue/checks/finding.ts";
import { UsageError } from "./command.ts";

/** Reads a level such as `--fail-on HIGH` names, whatever its case. Throws {@link UsageError} for an unknown one. */
export function readSeverity(text: string): Severity {
  const level = severities.find((severity) => severity === text.trim().toLowerCase());
  if (level === undefined) throw new UsageError(`unknown level \`${text}\`: use ${severities.join(", ")}`);
  return level;
}
