import { isList } from "../../values/json.ts";
import type { JsonValue } from "../../values/json.ts";
import { truthOf } from "./kleene.ts";
import { listOperator, refuseType } from "./operator.ts";
import type { Operator, OperatorScope, Test } from "./operator.ts";
import { isJudgeable } from "./normal-text.ts";
import { isPlainHost, parsePlainUrl } from "./plain-url.ts";
import { quoteValue } from "./quote.ts";

/** One entry of a list of hosts, in lower case. */
interface HostEntry {
  /** A host, or for `*.example.com` its tail `.example.com`. */
  readonly host: string;
  readonly isTail: boolean;
  readonly port: number | undefined;
}

/** `host_in`: the host and port of an absolute `http` or `https` URL are in a list. Only plain URLs are read. */
export const urlOperators: readonly Operator[] = [
  {
    ...listOperator,
    name: "host_in",
    compile: hostIn,
    bind: undefined,
  },
];

function hostIn(right: JsonValue, scope: OperatorScope): Test | undefined {
  if (!isList(right)) return refuseType("host_in", "a list", scope);
  const entries: HostEntry[] = [];
  for (const member of right) {
    const entry = typeof member === "string" ? parseEntry(member) : undefined;
    if (entry !== undefined) entries.push(entry);
    else reportHost(member, scope);
  }
  if (entries.length < right.length) return undefined;
  const { matchCountsAgainst } = scope;
  return (left) => {
    const url = typeof left === "string" && isJudgeable(left) ? parsePlainUrl(left) : undefined;
    if (url === undefined) return "cannotJudge";
    const { host, port, defaultPort } = url;
    return truthOf(
      entries.some((entry) => {
        if (entry.port === undefined ? !matchCountsAgainst && port !== defaultPort : entry.port !== port) return false;
        return entry.isTail ? host.endsWith(entry.host) && host.length > entry.host.length : host === entry.host;
      }),
    );
  };
}

/** Without the `u` flag, ignoring case is about ASCII letters alone. */
const entryForm = /^(\*\.)?(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::([1-9]\d{0,4}))?$/i;

function parseEntry(text: string): HostEntry | undefined {
  const match = entryForm.exec(text);
  const host = match?.[2]?.toLowerCase();
  if (match === null || host === undefined || !isPlainHost(host)) return undefined;
  const port = match[3] === undefined ? undefined : Number(match[3]);
  if (port !== undefined && port > 65_535) return undefined;
  if (match[1] === undefined) return { host, isTail: false, port };
  // An address has no names below it.
  return /^\[|^[\d.]+$/.test(host) ? undefined : { host: `.${host}`, isTail: true, port };
}

function reportHost(member: JsonValue, scope: OperatorScope): void {
  scope.report({
    severity: "error",
    code: "HOST_NOT_PLAIN",
    message: `${quoteValue(member)} is not a host`,
    path: scope.valuePointer,
    hint: "write `example.com`, `*.example.com` or `example.com:8443`, without scheme and path, in ASCII",
  });
}
