import { createHash } from "node:crypto";
import type { Problem } from "../errors.ts";
import { loadPolicy } from "../policy/index.ts";
import { type Attack, type SectionName, sectionHeadings } from "./attack.ts";
import { coverageOf, parseReplay } from "./parse-replay.ts";
import { addProblem, problemAt, readShape } from "./read-shape.ts";
import { type FrontMatter, frontMatterSchema } from "./shapes.ts";

/** The two files of an entry. */
export interface EntryFiles {
  /** What both are named after. */
  readonly slug: string;
  readonly markdown: string;
  /** Undefined when there is none. */
  readonly replay: string | undefined;
}

/** Pure. Reads one entry, or all problems of its two files. A warning on its policy counts as a problem too. */
export function parseEntry({ slug, markdown, replay }: EntryFiles): {
  readonly attack: Attack | undefined;
  readonly problems: readonly Problem[];
} {
  const file = `${slug}.md`;
  const front = readFrontMatter(slug, markdown, file);
  const body = readSections(markdown, file);
  const replayFile = `${slug}.yaml`;
  const played =
    replay === undefined
      ? { replay: undefined, problems: [problemAt(replayFile, 1, "the entry has no replay", "write one beside it")] }
      : parseReplay(replay, replayFile);
  const loaded = readPolicy(slug, body.sections.policy, file);
  const problems = [
    ...hiddenCharacters(markdown, file),
    ...hiddenCharacters(replay ?? "", replayFile),
    ...front.problems,
    ...body.problems,
    ...loaded.problems,
    ...played.problems,
  ];
  if (front.value === undefined || loaded.policy === undefined || played.replay === undefined)
    return { attack: undefined, problems };
  const shown = coverageOf(played.replay.steps);
  if (shown !== front.value.coverage) {
    const message = `the coverage is \`${front.value.coverage}\`, but its replay shows \`${shown}\``;
    problems.push(problemAt(file, 1, message, "make the label or the replay honest"));
  }
  if (problems.length > 0) return { attack: undefined, problems };
  const sources = front.value.sources.map(({ title, url, date }) => ({ title, url, date }));
  const { sections } = body;
  const { policy, text: policyText } = loaded;
  return { attack: { ...front.value, sources, sections, policyText, policy, replay: played.replay }, problems };
}

/** Text that people read may hold nothing that they cannot see. */
function hiddenCharacters(markdown: string, file: string): readonly Problem[] {
  return markdown
    .split("\n")
    .flatMap((line, index) =>
      /[\p{Cc}\p{DI}\p{Cf}\p{Co}\p{Zl}\p{Zp}]/u.test(line)
        ? [
            problemAt(
              file,
              index + 1,
              "the line holds a control or invisible character",
              "write its code point, in a replay as an escape",
            ),
          ]
        : [],
    );
}

const frontMatter = /^---\n(.*?\n)---\n/s;
const dateForm = /^\d{4}(-\d{2}(-\d{2})?)?$/;

function readFrontMatter(
  slug: string,
  markdown: string,
  file: string,
): { readonly value: FrontMatter | undefined; readonly problems: readonly Problem[] } {
  const text = frontMatter.exec(markdown)?.[1];
  if (text === undefined)
    return { value: undefined, problems: [problemAt(file, 1, "there is no front matter", "start with `---`")] };
  // The empty line stands for the `---`, so that lines are counted as in the file.
  const { value, problems } = readShape(`\n${text}`, file, frontMatterSchema);
  if (value === undefined) return { value, problems: problems.sorted() };
  if (value.slug !== slug)
    addProblem(problems, "/slug", `the slug is not the file's name \`${slug}\``, "make them the same");
  for (const [index, { url, date }] of value.sources.entries()) {
    if (!URL.canParse(url) || new URL(url).protocol !== "https:")
      addProblem(problems, `/sources/${index}/url`, "a source is an https address", "write the whole address");
    if (!dateForm.test(date))
      addProblem(problems, `/sources/${index}/date`, "a date is YYYY, YYYY-MM or YYYY-MM-DD", "write what is known");
  }
  return { value, problems: problems.sorted() };
}

const names = ["summary", "how", "happened", "notice", "policy", "remains"] as const satisfies readonly SectionName[];

function readSections(
  markdown: string,
  file: string,
): { readonly sections: Readonly<Record<SectionName, string>>; readonly problems: readonly Problem[] } {
  const [, ...parts] = markdown.replace(frontMatter, "\n").split(/^## /m);
  const found = parts.map((part) => {
    const end = part.indexOf("\n");
    return { heading: part.slice(0, end), text: part.slice(end).trim() };
  });
  const textOf = (name: SectionName): string =>
    found.find(({ heading }) => heading === sectionHeadings[name])?.text ?? "";
  const wanted = names.map((name) => sectionHeadings[name]);
  const isRight = found.map(({ heading }) => heading).join("\n") === wanted.join("\n");
  const isFilled = names.every((name) => textOf(name) !== "");
  const sections = {
    summary: textOf("summary"),
    how: textOf("how"),
    happened: textOf("happened"),
    notice: textOf("notice"),
    policy: textOf("policy"),
    remains: textOf("remains"),
  };
  if (isRight && isFilled) return { sections, problems: [] };
  const hint = `write these, each with text: ${wanted.map((heading) => `\`## ${heading}\``).join(", ")}`;
  return { sections, problems: [problemAt(file, 1, "the sections are not those of an entry", hint)] };
}

function readPolicy(
  slug: string,
  section: string,
  file: string,
): { readonly policy: Attack["policy"] | undefined; readonly text: string; readonly problems: readonly Problem[] } {
  const fences = [...section.matchAll(/^```json\n(.*?)^```$/gms)];
  const text = fences[0]?.[1] ?? "";
  if (fences.length !== 1) {
    const problem = problemAt(file, 1, "the section of the policy has not one document", "fence one with ```json");
    return { policy: undefined, text, problems: [problem] };
  }
  const identity = { id: slug, version: 1, sha256: createHash("sha256").update(text).digest("hex") };
  const { policy, problems } = loadPolicy(text, { identity, file: `${file} (policy)` });
  return { policy, text, problems };
}
