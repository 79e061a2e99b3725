/**
 * Reads the outline of a regular expression in RE2 syntax: enough for the caps and warnings of policy.md §2, and
 * nothing that decides a match.
 */

/** What an outline shows. */
export interface PatternOutline {
  /** The highest repeat count in it, 0 for none. */
  readonly repeatMax: number;
  /** Whether every alternative is tied to both ends of the text. */
  readonly isAnchored: boolean;
  /** Whether it has a run of any characters: `.*`, `.+` or `.{n,}`. */
  readonly hasAnyRun: boolean;
}

type TokenKind = "open" | "close" | "or" | "begin" | "end" | "any" | "repeat" | "flags" | "other";

interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

/** One piece of a pattern each, tried in this order; each is a fixed form, so that no pattern can make it slow. */
const pieces: readonly (readonly [TokenKind, RegExp])[] = [
  ["other", /\\Q[^]*?(?:\\E|$)/y],
  ["begin", /\^|\\A/y],
  ["end", /\$|\\z/y],
  ["other", /\\(?:[pPx]\{[^}]*\}|[^])/y],
  ["other", /\[\^?\]?(?:\[:[^\]]*:\]|\\[^]|[^\]\\])*\]/y],
  ["flags", /\(\?[a-zA-Z-]+\)/y],
  ["open", /\((?:\?(?:P?<[^>]*>|[a-zA-Z-]*:))?/y],
  ["close", /\)/y],
  ["or", /\|/y],
  ["any", /\./y],
  ["repeat", /[*+?]|\{\d+(?:,\d*)?\}/y],
];

/** Pure. The outline of a pattern that RE2 has accepted. */
export function outlinePattern(pattern: string): PatternOutline {
  const tokens = tokenize(pattern);
  return {
    repeatMax: Math.max(0, ...tokens.filter(({ kind }) => kind === "repeat").map(repeatCount)),
    isAnchored: !tokens.some(setsMultiline) && areAnchored(tokens.filter(({ kind }) => kind !== "flags")),
    hasAnyRun: tokens.some(({ kind }, i) => kind === "any" && isRun(tokens[i + 1])),
  };
}

function tokenize(pattern: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < pattern.length) {
    const token = readPiece(pattern, at);
    tokens.push(token);
    at += token.text.length;
  }
  return tokens;
}

function readPiece(pattern: string, at: number): Token {
  for (const [kind, piece] of pieces) {
    piece.lastIndex = at;
    const text = piece.exec(pattern)?.[0];
    if (text !== undefined) return { kind, text };
  }
  return { kind: "other", text: pattern.charAt(at) };
}

function repeatCount({ text }: Token): number {
  return Math.max(...text.split(/\D+/).map(Number));
}

function isRun(next: Token | undefined): boolean {
  return next?.kind === "repeat" && /^[*+]$|,\}$/.test(next.text);
}

/** `(?m)` and `(?m:` turn `^` and `$` into the ends of lines. */
function setsMultiline({ kind, text }: Token): boolean {
  return (kind === "flags" || (kind === "open" && text.endsWith(":"))) && /^\(\?[^-]*m/.test(text);
}

function areAnchored(tokens: readonly Token[]): boolean {
  return splitAlternatives(tokens).every(isAlternativeAnchored);
}

function isAlternativeAnchored(tokens: readonly Token[]): boolean {
  const [first] = tokens;
  const last = tokens.at(-1);
  if (first?.kind === "begin" && last?.kind === "end") return true;
  return isOneGroup(tokens) && areAnchored(tokens.slice(1, -1));
}

/** Whether the first token opens a group that the last one closes. */
function isOneGroup(tokens: readonly Token[]): boolean {
  let depth = 0;
  return (
    tokens.length > 1 &&
    tokens.every(({ kind }, i) => {
      if (kind === "open") depth += 1;
      if (kind === "close") depth -= 1;
      return depth > 0 || i === tokens.length - 1;
    })
  );
}

function splitAlternatives(tokens: readonly Token[]): Token[][] {
  const alternatives: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (token.kind === "open") depth += 1;
    if (token.kind === "close") depth -= 1;
    if (token.kind === "or" && depth === 0) alternatives.push([]);
    else alternatives.at(-1)?.push(token);
  }
  return alternatives;
}
