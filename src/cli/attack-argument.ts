import type { Attack } from "../attacks/attack.ts";
import { attackSlugs, loadAttack } from "../attacks/load-entries.ts";
import { nearestWord } from "../values/suggest.ts";
import { UsageError } from "./command.ts";

/** The attack of that slug. Throws {@link UsageError} with the nearest slug when there is none. */
export function attackOf(slug: string | undefined): Attack {
  if (slug === undefined) throw new UsageError("name an attack: `callgate attacks list` shows them");
  const slugs = attackSlugs();
  if (slugs.includes(slug)) return loadAttack(slug);
  const near = nearestWord(slug, slugs);
  const hint = near === undefined ? "`callgate attacks list` shows them" : `did you mean \`${near}\`?`;
  throw new UsageError(`there is no attack \`${slug}\`: ${hint}`);
}
