import { isList, isObject, type JsonObject, type JsonValue } from "../../values/json.ts";

/** A text of a definition: a string, or a key, which stands at its member. */
export interface Place {
  readonly steps: readonly string[];
  readonly text: string;
  readonly isKey: boolean;
}

/** How much is looked at. */
export interface TextBounds {
  readonly texts: number;
  /** UTF-16 units of all texts together. */
  readonly characters: number;
}

/** The texts of one definition, in the order in which they stand there. */
export interface Texts {
  readonly places: readonly Place[];
  /** Where something is that is nested deeper than anyone looks. */
  readonly tooDeep: readonly string[] | undefined;
  /** Where the bounds were reached: nothing from there on is among the places. */
  readonly tooMuch: readonly string[] | undefined;
}

/** Levels of a definition that are looked at. */
export const depthMax = 100;

/** Pure. Every string and key of a definition, within bounds, and where they ended what was seen. */
export function textsOf(definition: JsonObject, bounds: TextBounds): Texts {
  const places: Place[] = [];
  let characters = 0;
  let tooDeep: readonly string[] | undefined;
  let tooMuch: readonly string[] | undefined;
  const take = (steps: readonly string[], text: string, isKey: boolean): void => {
    if (places.length >= bounds.texts || characters >= bounds.characters) tooMuch ??= steps;
    if (tooMuch !== undefined) return;
    places.push({ steps, text, isKey });
    characters += text.length;
  };
  const visit = (value: JsonValue, above: readonly string[], step: string): void => {
    if (tooMuch !== undefined || (typeof value !== "string" && !isList(value) && !isObject(value))) return;
    const steps = [...above, step];
    if (steps.length > depthMax) tooDeep ??= steps;
    else if (typeof value === "string") take(steps, value, false);
    else if (isList(value)) value.forEach((item, index) => visit(item, steps, String(index)));
    else members(value, steps);
  };
  const members = (value: JsonObject, steps: readonly string[]): void => {
    for (const [key, member] of Object.entries(value)) {
      if (tooMuch !== undefined) return;
      take([...steps, key], key, true);
      visit(member, steps, key);
    }
  };
  members(definition, []);
  return { places, tooDeep, tooMuch };
}
