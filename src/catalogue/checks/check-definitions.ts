import type { JsonObject } from "../../values/json.ts";
import { toPointer } from "../../values/pointer.ts";
import { type Finding, severities, type Sighting, type Subject } from "./finding.ts";
import { findHiddenCharacters, findTerminalEscapes, findTextOutOfSight } from "./hidden-characters.ts";
import { createInstructionSearch, type InstructionSearch } from "./instructions.ts";
import { findAlikeNames, findForeignTools, findOddName, findTwinsElsewhere, type OtherServer } from "./names.ts";
import { findSecrets } from "./secrets.ts";
import { depthMax, type Place, type TextBounds, textsOf } from "./texts-of.ts";
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

/** Of all definitions of a server together, and of one text. What is beyond is not looked at, which is a finding itself. */
const allMax: TextBounds = { texts: 200_000, characters: 2_000_000 };
const textCharactersMax = 100_000;
const findingsMax = 1_000;
const longCharacters = 4_000;
const veryLongCharacters = 16_000;
const stepCharactersMax = 200;

/** Of each end of a text, what is read together with its neighbours'. */
const edgeCharacters = 100;

/**
 * Pure. Looks through every text of a server's definitions, keys among them. Bounded in depth, in texts and in findings,
 * because a server wrote it. Worst first; the same definitions give the same findings.
 */
export function checkDefinitions({ server, entries, others }: Definitions): readonly Finding[] {
  const tools = entries.map(({ subject }) => subject).filter(({ kind }) => kind === "tool");
  const ownTools = new Set(tools.map(({ name }) => name));
  const foreign = new Map(others.flatMap(({ name, tools: names }) => names.map((tool) => [tool, name] as const)));
  const all = server === undefined ? entries : [server, ...entries];
  const instructionsIn = createInstructionSearch();
  let left = allMax;
  let isFull = false;
  const ofTexts = all.flatMap(({ subject, definition }) => {
    if (isFull) return [];
    const { places, tooDeep, tooMuch } = textsOf(definition, left);
    const characters = places.reduce((sum, { text }) => sum + text.length, 0);
    left = { texts: left.texts - places.length, characters: left.characters - characters };
    isFull = tooMuch !== undefined;
    const ownWords = new Set([...ownTools, ...places.filter((place) => !isProse(place)).map(({ text }) => text)]);
    const found = places.flatMap((place) =>
      lookAt(place, subject, { ownWords, foreign, instructionsIn }).map((sighting) =>
        placed(sighting, subject, place.steps),
      ),
    );
    const together = brokenSentences(places).flatMap((text) =>
      instructionsIn(text).map((sighting) => placed(sighting, subject, [])),
    );
    const unseen = [
      ...(tooDeep === undefined ? [] : [placed(notLookedAt(deepMessage), subject, tooDeep)]),
      ...(tooMuch === undefined ? [] : [placed(notLookedAt(muchMessage), subject, tooMuch)]),
    ];
    return onceEach([...unseen, ...found, ...together]);
  });
  const ofNames = tools.flatMap((subject) =>
    findOddName(subject.name).map((sighting): Finding => ({ ...sighting, subject, place: "/name" })),
  );
  const named = [...ofNames, ...findAlikeNames(entries.map(({ subject }) => subject))];
  const elsewhere = findTwinsElsewhere(tools, others);
  return worstFirst([...ofTexts, ...named, ...elsewhere]).slice(0, findingsMax);
}

/** What one look at a text needs to know of the others. */
interface Surroundings {
  /** Names that the definition itself gives a meaning. */
  readonly ownWords: ReadonlySet<string>;
  /** Servers by the names of their tools. */
  readonly foreign: ReadonlyMap<string, string>;
  readonly instructionsIn: InstructionSearch;
}

function lookAt(
  place: Place,
  { kind }: Subject,
  { ownWords, foreign, instructionsIn }: Surroundings,
): readonly Sighting[] {
  const { steps, isKey } = place;
  const text = place.text.slice(0, textCharactersMax);
  const last = steps.at(-1) ?? "";
  const isName = steps.length === 1 && (last === "name" || last === "uri");
  return [
    ...findHiddenCharacters(text),
    ...findTerminalEscapes(text),
    ...(isKey ? [] : findTextOutOfSight(text)),
    ...instructionsIn(
      text,
      steps.findLast((_, index) => steps[index - 1] === "properties"),
    ).filter(({ severity }) => !(isName && kind === "tool") || severity === "critical"),
    ...(isProse(place) ? findForeignTools(text, ownWords, foreign) : []),
    ...(isKey ? [] : findSecrets(text, steps)),
    ...(isKey ? [] : findTooLong(place.text)),
    ...findTooMuch(place.text),
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

const deepMessage = `is nested deeper than ${depthMax} levels, and what is below was not looked at`;
const muchMessage = "has so much text, with the definitions before it, that nothing was looked at from here on";

function notLookedAt(message: string, text = ""): Sighting {
  return { code: "not_looked_at", severity: "high", seen: visibleText(text.slice(0, 60)), message };
}

function findTooMuch(text: string): readonly Sighting[] {
  if (text.length <= textCharactersMax) return [];
  const message = `is ${text.length} characters long, and what is behind the first ${textCharactersMax} was not looked at`;
  return [notLookedAt(message, text)];
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

function placed(sighting: Sighting, subject: Subject, steps: readonly string[]): Finding {
  const cut = steps.map((step) => (step.length > stepCharactersMax ? `${step.slice(0, stepCharactersMax)}…` : step));
  return { ...sighting, subject, place: toPointer(cut) };
}

/** What begins in one text of a definition and goes on in the next, title and description first. */
function brokenSentences(places: readonly Place[]): readonly string[] {
  const prose = places.filter(isProse);
  const first = ["title", "description"].flatMap((name) =>
    prose.filter(({ steps }) => steps.length === 1 && steps[0] === name),
  );
  const sentences: string[][] = [[]];
  for (const { text } of new Set([...first, ...prose])) {
    const isLong = text.length > 2 * edgeCharacters;
    sentences.at(-1)?.push(isLong ? text.slice(0, edgeCharacters) : text);
    if (isLong) sentences.push([text.slice(-edgeCharacters)]);
    if (/[.!?]\s*$/u.test(text.slice(-edgeCharacters))) sentences.push([]);
  }
  return sentences.filter(({ length }) => length > 1).map((parts) => parts.join(" "));
}
