import { isList, isObject, type JsonObject, type JsonValue } from "../../values/json.ts";
import { toPointer } from "../../values/pointer.ts";
import { type Finding, severities, type Sighting, type Subject } from "./finding.ts";
import { findHiddenCharacters, findTerminalEscapes, findTextOutOfSight } from "./hidden-characters.ts";
import { findInstructions } from "./instructions.ts";
import { findAlikeNames, findForeignTools, findOddName, findTwinsElsewhere, type OtherServer } from "./names.ts";
import { findSecrets } from "./secrets.ts";
import { visibleText } from "./visible-text.ts";

/** One definition of a server's lists, as the server gave it. */
export interface Definition {
  readonly subject: Subject;
  readonly definition: JsonObject;
}

/** What a server says of itself and offers. */
export interface Definitions {
  /** Its `instructions` and information, where it gave any. */
  readonly server: Definition | undefined;
  readonly entries: readonly Definition[];
  /** Servers that the same agent uses beside it. */
  readonly others: readonly OtherServer[];
}

const depthMax = 100;
const stringsMax = 100_000;
/** Of one text, and of all texts of a server together. What is beyond is not looked at, which is a finding itself. */
const textCharactersMax = 100_000;
const allCharactersMax = 8_000_000;
const findingsMax = 1_000;
const longCharacters = 4_000;
const veryLongCharacters = 16_000;

interface Place {
  readonly steps: readonly string[];
  readonly text: string;
  readonly isKey: boolean;
}

/**
 * Pure. Looks through every text of a server's definitions, keys among them. Bounded in depth, in texts and in findings,
 * because a server wrote it. Worst first; the same definitions give the same findings.
 */
export function checkDefinitions({ server, entries, others }: Definitions): readonly Finding[] {
  const tools = entries.map(({ subject }) => subject).filter(({ kind }) => kind === "tool");
  const ownTools = new Set(tools.map(({ name }) => name));
  const foreign = new Map(others.flatMap(({ name, tools: names }) => names.map((tool) => [tool, name] as const)));
  const all = server === undefined ? entries : [server, ...entries];
  let left = allCharactersMax;
  const ofTexts = all.flatMap(({ subject, definition }) => {
    if (left <= 0) return [];
    const places = textsOf(definition);
    left -= places.reduce((sum, { text }) => sum + text.length, 0);
    const ownWords = new Set([...ownTools, ...places.filter((place) => !isProse(place)).map(({ text }) => text)]);
    const found = places.flatMap((place) =>
      lookAt(place, subject, ownWords, foreign).map((sighting) => placed(sighting, subject, place)),
    );
    return onceEach(found);
  });
  const ofNames = tools.flatMap((subject) =>
    findOddName(subject.name).map((sighting): Finding => ({ ...sighting, subject, place: "/name" })),
  );
  const named = [...ofNames, ...findAlikeNames(entries.map(({ subject }) => subject))];
  const elsewhere = findTwinsElsewhere(tools, others);
  const unseen = left > 0 ? [] : [notLookedAt(all)];
  return worstFirst([...unseen, ...ofTexts, ...named, ...elsewhere]).slice(0, findingsMax);
}

function lookAt(
  place: Place,
  { kind }: Subject,
  ownWords: ReadonlySet<string>,
  foreign: ReadonlyMap<string, string>,
): readonly Sighting[] {
  const { steps, isKey } = place;
  const text = place.text.slice(0, textCharactersMax);
  const last = steps.at(-1) ?? "";
  const isName = steps.length === 1 && (last === "name" || last === "uri");
  return [
    ...findHiddenCharacters(text),
    ...findTerminalEscapes(text),
    ...(isKey ? [] : findTextOutOfSight(text)),
    ...(isName && kind === "tool" ? [] : findInstructions(isKey ? text.replaceAll(/[_-]/gu, " ") : text)),
    ...(isProse(place) ? findForeignTools(text, ownWords, foreign) : []),
    ...(isKey ? [] : findSecrets(text, steps)),
    ...(isKey ? [] : findTooLong(place.text)),
    ...(last === "$ref" && !isKey && /^[a-z][a-z0-9+.-]{0,20}:/iu.test(text) ? [remoteReference(text)] : []),
  ];
}

function findTooLong(text: string): readonly Sighting[] {
  if (text.length < longCharacters) return [];
  return [
    {
      code: "too_long",
      severity: text.length < veryLongCharacters ? "low" : "medium",
      seen: visibleText(text.slice(0, 60)),
      message: `is ${text.length} characters long: people do not read that much, and every session pays for it`,
    },
  ];
}

function notLookedAt([first]: readonly Definition[]): Finding {
  return {
    code: "too_long",
    severity: "high",
    subject: { kind: "server", name: first?.subject.name ?? "" },
    place: "",
    seen: `over ${allCharactersMax} characters`,
    message: "has so much text in its definitions that not all of it was looked at",
  };
}

function remoteReference(text: string): Sighting {
  const message = "takes a part of its schema from an address, which can change it at any time";
  return { code: "remote_reference", severity: "medium", seen: visibleText(text), message };
}

/** Whether a text is written to be read, and is no name or value. */
function isProse({ steps, isKey }: Place): boolean {
  return !isKey && /^(?:description|title|instructions|\$comment)$/u.test(steps.at(-1) ?? "");
}

const oncePerDefinition: ReadonlySet<string> = new Set(["instructions", "foreign_tool"]);

/** What a definition says in many places is one finding, at the first of the worst of them. */
function onceEach(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Set<string>();
  return worstFirst(findings).filter(({ code, message }) => {
    if (!oncePerDefinition.has(code)) return true;
    const key = code === "instructions" ? message : code;
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
}

function worstFirst(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted((a, b) => severities.indexOf(b.severity) - severities.indexOf(a.severity));
}

function placed(sighting: Sighting, subject: Subject, { steps }: Place): Finding {
  return { ...sighting, subject, place: toPointer(steps) };
}

/** Every string of a definition with where it stands; keys stand at their members. */
function textsOf(definition: JsonObject): readonly Place[] {
  const places: Place[] = [];
  const visit = (value: JsonValue, steps: readonly string[]): void => {
    if (steps.length > depthMax || places.length >= stringsMax) return;
    if (typeof value === "string") places.push({ steps, text: value, isKey: false });
    else if (isList(value)) value.forEach((item, index) => visit(item, [...steps, String(index)]));
    else if (isObject(value)) {
      for (const [key, member] of Object.entries(value)) {
        const at = [...steps, key];
        places.push({ steps: at, text: key, isKey: true });
        visit(member, at);
      }
    }
  };
  visit(definition, []);
  return places;
}
