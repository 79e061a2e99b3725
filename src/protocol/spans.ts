/** A stretch of a text, in UTF-16 units; `end` is behind the last. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A member of an object: its key with quotes, and its value. */
export interface Member {
  readonly key: Span;
  readonly value: Span;
}

/** Steps into a JSON text: names of members, indices of elements. */
export type SpanPath = readonly (string | number)[];

/*
 * INVARIANT: every text given to this file was accepted by scanJson or scanText. So brackets match, strings end, and
 * no object holds a key twice. Edits by span leave every other character as it was.
 */

/** Pure. Where the value at a path stands, outer white space left out; undefined when there is none. */
export function memberSpan(text: string, path: SpanPath): Span | undefined {
  let span = valueSpan(text, 0);
  for (const step of path) {
    const next = typeof step === "string" ? memberOf(text, span, step)?.value : elementsOf(text, span)?.[step];
    if (next === undefined) return undefined;
    span = next;
  }
  return span;
}

/** Pure. Where the elements of the list at a path stand, in order; undefined when there is no list. */
export function elementSpans(text: string, path: SpanPath): readonly Span[] | undefined {
  const list = memberSpan(text, path);
  return list === undefined ? undefined : elementsOf(text, list);
}

/** Pure. Where the members of the object at a path stand, in order; undefined when there is no object. */
export function memberSpans(text: string, path: SpanPath): readonly Member[] | undefined {
  const object = memberSpan(text, path);
  return object === undefined ? undefined : membersOf(text, object);
}

/** Pure. The text with other text in the place of a span. */
export function replaceSpan(text: string, span: Span, replacement: string): string {
  return text.slice(0, span.start) + replacement + text.slice(span.end);
}

/**
 * Pure. The text without the elements or members (spans of all of one list or object, in order) that `isKept` turns
 * down, each with one comma.
 */
export function cutSpans(text: string, spans: readonly Span[], isKept: (index: number) => boolean): string {
  const [first] = spans;
  const last = spans.at(-1);
  if (first === undefined || last === undefined) return text;
  let cut = text.slice(0, first.start);
  let separatorStart: number | undefined;
  let separatorEnd = 0;
  spans.forEach((span, index) => {
    if (separatorStart !== undefined && separatorEnd === 0) separatorEnd = span.start;
    if (!isKept(index)) return;
    if (separatorStart !== undefined) cut += text.slice(separatorStart, separatorEnd);
    cut += text.slice(span.start, span.end);
    separatorStart = span.end;
    separatorEnd = 0;
  });
  return cut + text.slice(last.end);
}

/**
 * Pure. The text with the member of the object at `path` set to a value (JSON text): in its place when it is there,
 * else as the first member. Unchanged when there is no object at the path.
 */
export function setMember(text: string, path: SpanPath, name: string, json: string): string {
  const object = memberSpan(text, path);
  const members = object === undefined ? undefined : membersOf(text, object);
  if (object === undefined || members === undefined) return text;
  const member = memberOf(text, object, name);
  if (member !== undefined) return replaceSpan(text, member.value, json);
  const at = object.start + 1;
  const added = `${JSON.stringify(name)}:${json}${members.length === 0 ? "" : ","}`;
  return text.slice(0, at) + added + text.slice(at);
}

/** Pure. The text without those members of the object at `path` whose names `isKept` turns down. */
export function cutMembers(text: string, path: SpanPath, isKept: (name: string) => boolean): string {
  const members = memberSpans(text, path) ?? [];
  const whole = members.map(({ key, value }) => ({ start: key.start, end: value.end }));
  return cutSpans(text, whole, (index) => members.slice(index, index + 1).every(({ key }) => isKept(keyOf(text, key))));
}

function memberOf(text: string, object: Span, name: string): Member | undefined {
  return membersOf(text, object)?.find(({ key }) => keyOf(text, key) === name);
}

function keyOf(text: string, key: Span): string {
  const raw = text.slice(key.start + 1, key.end - 1);
  return raw.includes("\\") ? JSON.parse(`"${raw}"`) : raw;
}

function membersOf(text: string, object: Span): readonly Member[] | undefined {
  if (text.charCodeAt(object.start) !== openBrace) return undefined;
  const members: Member[] = [];
  let at = skipBlanks(text, object.start + 1);
  while (text.charCodeAt(at) !== closeBrace) {
    const key = valueSpan(text, at);
    const value = valueSpan(text, skipBlanks(text, key.end) + 1);
    members.push({ key, value });
    at = skipSeparator(text, value.end);
  }
  return members;
}

function elementsOf(text: string, list: Span): readonly Span[] | undefined {
  if (text.charCodeAt(list.start) !== openBracket) return undefined;
  const elements: Span[] = [];
  let at = skipBlanks(text, list.start + 1);
  while (text.charCodeAt(at) !== closeBracket) {
    const element = valueSpan(text, at);
    elements.push(element);
    at = skipSeparator(text, element.end);
  }
  return elements;
}

const quote = 34;
const comma = 44;
const openBracket = 91;
const backslash = 92;
const closeBracket = 93;
const openBrace = 123;
const closeBrace = 125;

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) <= 32) at += 1;
  return at;
}

/** Past white space, and a comma with more of it. */
function skipSeparator(text: string, from: number): number {
  const at = skipBlanks(text, from);
  return text.charCodeAt(at) === comma ? skipBlanks(text, at + 1) : at;
}

function valueSpan(text: string, from: number): Span {
  const start = skipBlanks(text, from);
  const code = text.charCodeAt(start);
  if (code === quote) return { start, end: endOfString(text, start) };
  if (code === openBrace || code === openBracket) return { start, end: endOfContainer(text, start) };
  let end = start;
  while (isScalarCode(text.charCodeAt(end))) end += 1;
  return { start, end };
}

/** Letters, digits, sign and point: what numbers, `true`, `false` and `null` are made of. */
function isScalarCode(code: number): boolean {
  return code > 32 && code !== comma && code !== closeBracket && code !== closeBrace;
}

function endOfContainer(text: string, start: number): number {
  let depth = 0;
  let at = start;
  do {
    const code = text.charCodeAt(at);
    if (code === quote) at = endOfString(text, at);
    else {
      if (code === openBrace || code === openBracket) depth += 1;
      else if (code === closeBrace || code === closeBracket) depth -= 1;
      at += 1;
    }
  } while (depth > 0);
  return at;
}

/** Index behind the closing quote: the first one with an even number of backslashes before it. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end + 1;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === backslash) backslashes += 1;
  return backslashes % 2 === 1;
}
