import { ownReferences, packageReference, referencesOf } from "../catalogue/references.ts";
import { identityLevels, type ServerRecord } from "../catalogue/server-record.ts";
import type { CatalogueEntry } from "./catalogue-store.ts";

/**
 * Pure. What is known of a server together with what somebody tells of it now. Its tools are those of the better look:
 * what was seen counts more than what a registry tells, what was looked at here more than what came along, the later look
 * more than the earlier. Facts add up, the better known publisher's first; who tells the same server again replaces what
 * it told. References that only the other side names are `onlyListed`, so that no program is judged by a look at another.
 */
export function mergeEntry(known: CatalogueEntry, incoming: CatalogueEntry): CatalogueEntry {
  const isNews = isBetterLook(incoming, known);
  const [seen, other] = isNews ? [incoming, known] : [known, incoming];
  const isRetold = tellsAgain(known, incoming);
  const before = isRetold ? onlyListedPart(known.record) : known.record;
  const [first, second] = isNews ? [incoming.record, before] : [before, incoming.record];
  const better = isRetold || isBetterKnown(incoming.record, known.record) ? incoming.record : known.record;
  const repository = better.repository ?? known.record.repository ?? incoming.record.repository;
  const registryName = known.record.registryName ?? incoming.record.registryName;
  const description = incoming.record.description ?? known.record.description;
  const packages = distinct([...first.packages, ...second.packages], packageReference);
  const remotes = distinct([...first.remotes, ...second.remotes], (address) => address.toLowerCase());
  const { onlyListed: _onlyListed, ...look } = seen.record;
  const own = new Set(ownReferences(seen.record));
  const isExamined = seen.isExamined;
  const onlyListed = isExamined ? referencesOf({ ...look, packages, remotes }).filter((name) => !own.has(name)) : [];
  const { auth, annotations } = look.posture;
  return {
    origin: seen.origin,
    isExamined,
    record: {
      ...look,
      slug: known.record.slug,
      name: better.name,
      identity: better.identity,
      packages,
      remotes,
      transport: [...new Set([...first.transport, ...second.transport])],
      posture: { auth: auth === "unknown" ? other.record.posture.auth : auth, annotations },
      ...(registryName === undefined ? {} : { registryName }),
      ...(repository === undefined ? {} : { repository }),
      ...(description === undefined ? {} : { description }),
      ...(onlyListed.length === 0 ? {} : { onlyListed }),
    },
  };
}

/**
 * Pure. Whether two records of one slug that share no reference are of one server: names of the registry tell, and one
 * that is made of a reference, or of another such name, says nothing.
 */
export function isNamedAlike(known: ServerRecord, incoming: ServerRecord): boolean {
  const names = [known.registryName, incoming.registryName].map((name) => name?.toLowerCase());
  if (names.every((name) => name !== undefined)) return names[0] === names[1];
  if (referencesOf(known).length === 0 || referencesOf(incoming).length === 0) return true;
  return known.source !== "live" && incoming.source !== "live" && known.name === incoming.name;
}

function isBetterLook(incoming: CatalogueEntry, known: CatalogueEntry): boolean {
  if (!incoming.isExamined || !known.isExamined) return incoming.isExamined || !known.isExamined;
  const isTold = ({ record }: CatalogueEntry): boolean => record.source === "registry";
  if (isTold(incoming) !== isTold(known)) return isTold(known);
  if (incoming.origin !== known.origin) return incoming.origin === "local";
  return incoming.origin === "bundled" || known.record.scannedAt <= incoming.record.scannedAt;
}

/** A look at the server itself never tells who publishes it, so it replaces nothing that others told. */
function tellsAgain(known: CatalogueEntry, incoming: CatalogueEntry): boolean {
  const { slug, source } = incoming.record;
  const isSameTeller = known.origin === incoming.origin && known.record.source === source && source !== "live";
  return isSameTeller && known.record.slug === slug;
}

function isBetterKnown(incoming: ServerRecord, known: ServerRecord): boolean {
  return identityLevels.indexOf(incoming.identity.level) > identityLevels.indexOf(known.identity.level);
}

function onlyListedPart({ packages, remotes, onlyListed = [] }: ServerRecord) {
  return {
    packages: packages.filter((reference) => onlyListed.includes(packageReference(reference))),
    remotes: remotes.filter((address) => onlyListed.includes(address.toLowerCase())),
    transport: [],
  };
}

function distinct<T>(items: readonly T[], keyOf: (item: T) => string): readonly T[] {
  const seen = new Map<string, T>();
  for (const item of items) if (!seen.has(keyOf(item))) seen.set(keyOf(item), item);
  return [...seen.values()];
}
