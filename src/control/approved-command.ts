import type { ServerAccess } from "../config/settings.ts";
import type { ApprovedCommand, OperatorRules } from "../config/operator-rules.ts";
import { environmentNameFault } from "./environment-names.ts";
import type { CredentialEntry, ServerEntry } from "./state.ts";

/** Pure. What the operator's files say of this command, word for word; undefined when they do not allow it. */
export function approvedCommand(
  { commands }: Pick<OperatorRules, "commands">,
  { command, args }: Pick<ServerAccess & { readonly kind: "command" }, "command" | "args">,
): ApprovedCommand | undefined {
  return commands.find((one) => one.command === command && JSON.stringify(one.args) === JSON.stringify(args));
}

/**
 * Pure. Why a command, or a variable that was entered for it, is not what the operator's files allow now, whatever they
 * said when it was stored; undefined when all is. A command in the files themselves is the operator's own.
 */
export function commandFault(
  rules: Pick<OperatorRules, "commands">,
  { source, settings: { access } }: Pick<ServerEntry, "source" | "settings">,
  credentials: readonly Pick<CredentialEntry, "kind" | "name">[],
): string | undefined {
  if (access.kind !== "command") return undefined;
  const approved = approvedCommand(rules, access);
  if (source === "database" && approved === undefined) {
    return "the operator's files do not allow its command: an operator has to look at it";
  }
  const isRefused = ({ kind, name }: Pick<CredentialEntry, "kind" | "name">): boolean =>
    kind === "environment" && environmentNameFault(name, approved?.env ?? []) !== undefined;
  if (!credentials.some(isRefused)) return undefined;
  return "the operator's files do not allow a variable that was entered for it: an operator has to look at it";
}
