import type { ServerAccess } from "../config/settings.ts";
import { credentialName, secretsIn } from "../gateway/hide-secrets.ts";
import type { ServerAccessView } from "./contract/servers.ts";

const hidden = "redacted";

/** Pure. How a server is reached, for everybody to read: headers and environment left out, what looks secret hidden. */
export function shownAccess(access: ServerAccess): ServerAccessView {
  if (access.kind === "url") return { kind: "url", url: shownUrl(access.url), transport: access.transport };
  const args = access.args.map((arg, index) => (isSecret(access.args[index - 1] ?? "", arg) ? hidden : arg));
  return { kind: "command", command: access.command, args };
}

/** Keys of an API stand in the query of some addresses. */
function shownUrl(text: string): string {
  const url = new URL(text);
  for (const [name, value] of url.searchParams) {
    if (isSecret(name, value)) url.searchParams.set(name, hidden);
  }
  return url.search === "" ? text : url.href;
}

/** A file's or folder's path is no secret, however long it is; a base64 text that looks like one has `+` or `=` in it. */
const path = /^(?:\.{0,2}|~|[A-Za-z]:)[/\\][^+=]*$/;

/** An argument may be its option's value (`--token x`), or both at once (`--token=x`). */
function isSecret(before: string, text: string): boolean {
  if (path.test(text)) return credentialName.test(before);
  return secretsIn({ [before]: text }).length > 0 || (text.includes("=") && secretsIn({ [text]: text }).length > 0);
}
