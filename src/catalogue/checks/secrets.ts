import type { Sighting } from "./finding.ts";
import { visibleText } from "./visible-text.ts";

/** Forms that makers of credentials give them, so that they are found. */
const forms: readonly (readonly [what: string, pattern: RegExp])[] = [
  ["a key of AWS", /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/u],
  ["a token of GitHub", /\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{60,})/u],
  ["a token of GitLab", /\bglpat-[\w-]{20,}/u],
  ["a token of Slack", /\bxox[abeprs]-[A-Za-z0-9-]{20,}/u],
  ["a webhook of Slack", /hooks\.slack\.com\/services\/T[A-Z0-9]{6,}\/B[A-Z0-9]{6,}\/\w{16,}/u],
  ["a key of Stripe", /\b[rs]k_live_[A-Za-z0-9]{20,}/u],
  ["a key of Google", /\bAIza[\w-]{35}/u],
  ["a key of a model's maker", /\bsk-(?:ant-|proj-)?[A-Za-z0-9_-]{32,}/u],
  ["a token of npm", /\bnpm_[A-Za-z0-9]{36}\b/u],
  ["a key of SendGrid", /\bSG\.[\w-]{16,}\.[\w-]{16,}/u],
  ["a private key", /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/u],
  ["a signed token", /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/u],
  ["a password in an address", /\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s/:@]{1,64}:[^\s/@]{6,64}@/iu],
];

/** Names of members that hold a secret. What only speaks of one ends otherwise: `token_type`, `passwordPolicy`. */
const secretKey =
  /(?:passw(?:or)?d|secret|token|(?:api|private|secret|access)[_-]?key|credential)s?(?:[_-]?(?:value|default|string|text))?$/iu;
const valueKeys: ReadonlySet<string> = new Set(["default", "const", "example", "examples", "enum"]);
const placeholder = /example|placeholder|your|xxxx|\*\*\*|<[^>]*>|changeme|password|dummy|sample|1234|\.\.\.|\$\{/iu;

/**
 * Pure. A credential in a text that every client of the server gets to see. `steps` are those of its pointer: a default
 * of a member that is named like a secret needs no known form. Placeholders are left out.
 */
export function findSecrets(text: string, steps: readonly string[]): readonly Sighting[] {
  const valueAt = steps.findLastIndex((step) => valueKeys.has(step));
  for (const [what, pattern] of forms) {
    const match = pattern.exec(text);
    if (match === null || placeholder.test(match[0])) continue;
    const severity = valueAt === -1 ? "medium" : "high";
    return [{ code: "secret", severity, seen: masked(match[0]), message: `holds what looks like ${what}` }];
  }
  const owner = valueAt > 0 ? steps[valueAt - 1] : undefined;
  if (owner === undefined || !secretKey.test(owner) || placeholder.test(text)) return [];
  // Choices are words with a number to them: `ERC20-standard`.
  const telling = steps[valueAt] === "enum" ? text.replaceAll(/[a-z]{5,}/giu, "") : text;
  if (text.length < 12 || telling.length < 8 || !/\d/u.test(text) || !/[a-z]/iu.test(text) || /\s/u.test(text))
    return [];
  return [{ code: "secret", severity: "high", seen: masked(text), message: "gives a secret a value" }];
}

function masked(secret: string): string {
  return `${visibleText(secret.slice(0, 4))}… (${secret.length} characters)`;
}
