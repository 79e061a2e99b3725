import { risks } from "../catalogue/classify/classify-tool.ts";
import type { Risk } from "../catalogue/record.ts";
import type { CatalogueParts } from "../catalogue-store/views.ts";
import { composeCatalogue } from "../compose/catalogue.ts";
import { categories, type Category } from "../policy/index.ts";
import { nearestWord } from "../values/suggest.ts";
import { type Arguments, type Option, UsageError } from "./command.ts";

/** The option of every command on the catalogue. */
export const catalogueOption: Readonly<Record<"catalogue", Option>> = {
  catalogue: {
    type: "string",
    value: "FILE",
    description: "the catalogue's file, default catalogue.sqlite in the data folder (CALLGATE_HOME)",
  },
};

/** Opens the catalogue that the arguments name, for as long as `use` runs. Throws what opening throws. */
export async function withCatalogue<T>(args: Arguments, use: (parts: CatalogueParts) => T | Promise<T>): Promise<T> {
  const parts = composeCatalogue(args.text("catalogue"));
  try {
    return await use(parts);
  } finally {
    parts.store.close();
  }
}

/** A category's word, in any case. Throws {@link UsageError} for another one. */
export function readCategory(word: string): Category {
  const found = categories.find((category) => category.toLowerCase() === word.toLowerCase());
  if (found === undefined) throw new UsageError(unknownWord("category", word, categories));
  return found;
}

/** A risk's word, in any case. Throws {@link UsageError} for another one. */
export function readRisk(word: string): Risk {
  const all = [...new Set(Object.values(risks))];
  const found = all.find((risk) => risk.toLowerCase() === word.toLowerCase());
  if (found === undefined) throw new UsageError(unknownWord("risk", word, all));
  return found;
}

/** A whole number of an option from 1 to `max`. Throws {@link UsageError}. */
export function readCount(args: Arguments, name: string, fallback: number, max: number): number {
  const count = Number(args.text(name) ?? fallback);
  if (!Number.isInteger(count) || count < 1 || count > max)
    throw new UsageError(`\`--${name}\` takes a whole number from 1 to ${max}`);
  return count;
}

function unknownWord(what: string, word: string, words: readonly string[]): string {
  const near = nearestWord(word, words);
  return `unknown ${what} \`${word}\`: ${near === undefined ? `use ${words.join(", ")}` : `did you mean \`${near}\`?`}`;
}
