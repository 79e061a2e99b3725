import { type ExpectedRevision, invalid } from "../control/control-context.ts";
import { AppError } from "../errors.ts";

/** Pure. The `ETag` of a revision (RFC 9110 §8.8.3). */
export function entityTag(revision: number): string {
  return `"${revision}"`;
}

/**
 * Pure. What an `If-Match` says (RFC 9110 §13.1.1): the tag that the thing was read with, or `*` for whatever is there.
 * Throws `REVISION_MISSING` without one, and `INPUT_INVALID` for anything that is no tag of ours.
 */
export function expectedRevision(ifMatch: string | undefined): ExpectedRevision {
  if (ifMatch === undefined) {
    throw new AppError("REVISION_MISSING", "send `If-Match` with the `ETag` that the thing was read with");
  }
  if (ifMatch === "*") return "any";
  const revision = /^"(\d{1,15})"$/.exec(ifMatch)?.[1];
  if (revision !== undefined) return Number(revision);
  const hint = 'send the `ETag` as it was, such as `If-Match: "3"`';
  throw invalid([{ path: "", message: "the header `If-Match` is no `ETag` of this API", hint }]);
}
