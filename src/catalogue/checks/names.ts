import type { Finding, Sighting, Subject } from "./finding.ts";
import { latinOf } from "./look-alikes.ts";
import { visibleText } from "./visible-text.ts";

/** Another server whose tools an agent sees beside this one's. */
export interface OtherServer {
  readonly name: string;
  readonly tools: readonly string[];
}

/** Pure. A name as an eye in a hurry reads it: without separators and case, look-alikes as the Latin letter. */
export function skeletonOf(name: string): string {
  return latinOf(name.replaceAll(/[ІΙ]/gu, "l"))
    .toLowerCase()
    .replaceAll(/[\s_.\-/]/gu, "")
    .replaceAll("rn", "m")
    .replaceAll("vv", "w")
    .replaceAll("0", "o")
    .replaceAll(/[1|]/gu, "l");
}

/** Pure. What a name by itself gives to see: letters of several scripts, or such as are no ASCII. */
export function findOddName(name: string): readonly Sighting[] {
  if (/^[\x20-\x7e]*$/u.test(name)) return [];
  const hasLatin = /\p{Script=Latin}/u.test(name);
  const isMixed = hasLatin && /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]/u.test(name);
  if (!isMixed) return [];
  return [
    {
      code: "look_alike",
      severity: "high",
      seen: visibleText(name),
      message: `is written with letters of several scripts, so that it reads as \`${visibleText(skeletonOf(name))}\``,
    },
  ];
}

/** Pure. Names of one kind that a person or a model may take for one another, and names used twice. */
export function findAlikeNames(subjects: readonly Subject[]): readonly Finding[] {
  const counts = new Map<string, number>();
  for (const { kind, name } of subjects) {
    const key = `${kind} ${name}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const firstOf = new Map<string, string>();
  const done = new Set<string>();
  return subjects.flatMap((subject): readonly Finding[] => {
    const { kind, name } = subject;
    if (done.has(`${kind} ${name}`)) return [];
    done.add(`${kind} ${name}`);
    const times = counts.get(`${kind} ${name}`) ?? 1;
    const repeated: readonly Finding[] =
      times === 1
        ? []
        : [
            {
              code: "repeated_name",
              severity: "high",
              subject,
              place: "/name",
              seen: visibleText(name),
              message: `is listed ${times} times: nobody can tell which definition is the one that runs`,
            },
          ];
    const skeleton = `${kind} ${skeletonOf(name)}`;
    const twin = firstOf.get(skeleton);
    if (twin === undefined) {
      firstOf.set(skeleton, name);
      return repeated;
    }
    return [...repeated, alike(subject, twin, "")];
  });
}

/** Pure. Tools named like those of other servers. */
export function findTwinsElsewhere(tools: readonly Subject[], others: readonly OtherServer[]): readonly Finding[] {
  const known = new Map<string, { readonly server: string; readonly tool: string }>();
  for (const { name: server, tools: names } of others) {
    for (const tool of names) {
      const skeleton = skeletonOf(tool);
      if (!known.has(skeleton)) known.set(skeleton, { server, tool });
    }
  }
  return tools.flatMap((subject): readonly Finding[] => {
    const twin = known.get(skeletonOf(subject.name));
    if (twin === undefined) return [];
    const where = ` of the server \`${visibleText(twin.server)}\``;
    if (twin.tool !== subject.name) return [alike(subject, twin.tool, where)];
    const message = `has the same name as a tool${where}: where clients put all tools into one list, either may be called`;
    return [{ code: "same_name", severity: "low", subject, place: "/name", seen: visibleText(twin.tool), message }];
  });
}

function alike(subject: Subject, twin: string, where: string): Finding {
  // Where separators and case alone differ nobody pretended anything.
  const isCaseOnly = plain(subject.name) === plain(twin);
  return {
    code: "look_alike",
    severity: isCaseOnly ? "low" : "high",
    subject,
    place: "/name",
    seen: `${visibleText(subject.name)} and ${visibleText(twin)}`,
    message: isCaseOnly
      ? `differs from \`${visibleText(twin)}\`${where} by case and separators only`
      : `looks like \`${visibleText(twin)}\`${where}`,
  };
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_.\-/]/gu, "");
}

/** Words of a text that may be names of tools: letters, digits and the separators that names have. */
const word = /[\p{L}\p{N}][\p{L}\p{N}_.\-/]*/gu;

/** A name that is no word of prose: it has a separator, a digit or a capital inside. */
const isTelling = /[_\-/\d]|[a-z][A-Z]/u;

/** Beside the name: words that say how something is to be used. */
const steering =
  /\b(?:always|never|must|instead|before|first|whenever|do not|don't|also|replaces?|deprecated|broken)\b/iu;

/**
 * Pure. Tools of other servers that a text names (shadowing: a definition that says how another server's tool is to be
 * used). A name that is also a plain word counts only in quotes and called a tool, or as `mcp__server__tool`. `ownWords` are names that
 * this definition itself gives a meaning.
 */
export function findForeignTools(
  text: string,
  ownWords: ReadonlySet<string>,
  foreign: ReadonlyMap<string, string>,
): readonly Sighting[] {
  if (foreign.size === 0) return [];
  const seen = new Set<string>();
  let isSteering = false;
  for (const match of text.matchAll(word)) {
    const name = match[0].replace(/[.\-/]+$/u, "");
    const tool = /^mcp__.+?__(.+)$/u.exec(name)?.[1] ?? name;
    if (!foreign.has(tool) || ownWords.has(tool)) continue;
    const isCalledTool =
      /["'`“‘]$/u.test(text.slice(Math.max(0, match.index - 1), match.index)) &&
      /^["'`”’] (?:tool|function)\b/iu.test(text.slice(match.index + name.length, match.index + name.length + 12));
    if (!isTelling.test(tool) && !isCalledTool && tool === name) continue;
    seen.add(tool);
    isSteering ||= steering.test(text.slice(Math.max(0, match.index - 80), match.index + name.length + 80));
  }
  const names = [...seen];
  if (names.length === 0) return [];
  const servers = [...new Set(names.map((name) => foreign.get(name) ?? ""))].map((name) => `\`${visibleText(name)}\``);
  return [
    {
      code: "foreign_tool",
      severity: isSteering ? "high" : "low",
      seen: names.slice(0, 5).map(visibleText).join(", "),
      message: `names tools of other servers (${servers.slice(0, 3).join(", ")})${isSteering ? " and says how they are to be used" : ""}`,
    },
  ];
}
