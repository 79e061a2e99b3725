import type { Attack } from "../attacks/attack.ts";
import { attackSlugs, loadAttack, loadAttacks } from "../attacks/load-entries.ts";
import { nearestWord } from "../values/suggest.ts";
import { UsageError } from "./command.ts";

/** The attack of that slug. Throws {@link UsageError} when there is none: with why not, or the nearest slug. */
export function attackOf(slug: string | undefined): Attack {
  if (slug === undefined) throw new UsageError("name an attack: `callgate attacks list` shows them");
  const slugs = attackSlugs();
  if (slugs.includes(slug)) return loadAttack(slug);
  const { stoppedByGateway, outOfReach } = loadAttacks();
  const stopped = stoppedByGateway.find((attack) => attack.slug === slug);
  if (stopped !== undefined)
    throw new UsageError(`\`${slug}\` has no entry, as the gateway itself stops it: ${stopped.how}`);
  const beyond = outOfReach.find((attack) => attack.slug === slug);
  if (beyond !== undefined)
    throw new UsageError(`\`${slug}\` has no entry, as it is out of a policy's reach: ${beyond.reason}`);
  const near = nearestWord(slug, slugs);
  const hint = near === undefined ? "`callgate attacks list` shows them" : `did you mean \`${near}\`?`;
  throw new UsageError(`there is no attack \`${slug}\`: ${hint}`);
}
