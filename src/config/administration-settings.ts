import { isAbsolute, resolve } from "node:path";
import { parseDuration } from "../documents/durations.ts";
import type { ProblemList } from "../documents/problem-list.ts";
import { outboundUrlFault } from "../values/public-address.ts";
import { type Environment, report } from "./config-problems.ts";
import { readOAuth } from "./oauth-settings.ts";
import { type OperatorRules, operatorRulesDefault } from "./operator-rules.ts";
import type { ConfigDocument } from "./schema.ts";
import { readSignIn } from "./sign-in-settings.ts";

/** What the HTTP API may do. Commands are named as a server's in the file: a path is relative to the file's folder. */
export function readRules(
  document: ConfigDocument,
  folder: string,
  problems: ProblemList,
  environment: Environment,
): OperatorRules {
  const { allow = {} } = document;
  const lifetime = (name: "grant_lifetime" | "grant_lifetime_max", otherwise: number): number => {
    const source = document[name];
    const lengthMs = source === undefined ? otherwise : parseDuration(source);
    if (lengthMs === undefined) {
      report(problems, `/${name}`, "the length of time cannot be read", "write e.g. `30d`, at most `366d`");
    }
    return lengthMs ?? otherwise;
  };
  return {
    allowPrivateAddresses: allow.private_addresses ?? false,
    contactUrl: readContact(document.contact_url, problems),
    publicCatalogue: allow.public_catalogue ?? false,
    commands: (allow.commands ?? []).map(({ command, args = [], env = [] }) => ({
      command: command.includes("/") && !isAbsolute(command) ? resolve(folder, command) : command,
      args,
      env,
    })),
    grantLifetimeMs: lifetime("grant_lifetime", operatorRulesDefault.grantLifetimeMs),
    grantLifetimeMsMax: lifetime("grant_lifetime_max", operatorRulesDefault.grantLifetimeMsMax),
    oauth: readOAuth(document.oauth, problems),
    signIn: readSignIn(document.sign_in, problems, environment),
  };
}

/** The address of `contact_url`, a link on pages. */
function readContact(text: string | undefined, problems: ProblemList): string | undefined {
  if (text === undefined || /^(?:https:\/\/|mailto:)[^\s"<>]+$/u.test(text)) return text;
  report(problems, "/contact_url", "the contact is no address", "write `https://...` or `mailto:...`");
  return undefined;
}

/** The origin of `public_url`, which names nothing but scheme, host and port. */
export function readPublicOrigin(text: string | undefined, problems: ProblemList): string | undefined {
  if (text === undefined) return undefined;
  const fault = outboundUrlFault(text, true);
  const url = fault === undefined ? new URL(text) : undefined;
  if (url !== undefined && url.pathname === "/" && url.search === "") return url.origin;
  report(
    problems,
    "/public_url",
    fault ?? "the address has more than scheme, host and port",
    "write e.g. `https://mcp.example.com`",
  );
  return undefined;
}
