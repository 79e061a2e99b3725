import type { Actor } from "../audit/admin-event.ts";
import type { ControlQueries } from "../store/control-database.ts";
import type { OrganisationRow } from "../store/control-tables.ts";
import {
  type ControlContext,
  demand,
  demandRevision,
  type ExpectedRevision,
  invalid,
  notFound,
} from "./control-context.ts";
import { nameProblems } from "./person.ts";

/** The organisation of this installation. */
export interface OrganisationEntry {
  readonly id: string;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly createdMs: number;
  readonly revision: number;
}

/** The one organisation. Throws `FORBIDDEN`, and `NOT_FOUND` before setup. */
export async function readOrganisation({ database }: ControlContext, actor: Actor): Promise<OrganisationEntry> {
  demand(actor, "members.read");
  return organisationEntry(await storedOrganisation(database.read));
}

/** Renames it. Throws `FORBIDDEN`, `NOT_FOUND`, `REVISION_STALE` and `INPUT_INVALID`. */
export async function renameOrganisation(
  { database }: ControlContext,
  actor: Actor,
  name: string,
  expected: ExpectedRevision,
): Promise<OrganisationEntry> {
  demand(actor, "organisation.write");
  const problems = nameProblems(name, "/name");
  if (problems.length > 0) throw invalid(problems);
  return database.change(actor, async ({ tx, record }) => {
    const before = await storedOrganisation(tx);
    demandRevision(before.revision, expected);
    const after = { ...before, name: name.trim(), revision: before.revision + 1 };
    await tx
      .updateTable("organisations")
      .set({ name: after.name, revision: after.revision })
      .where("id", "=", before.id)
      .execute();
    record({
      action: "organisation.rename",
      objectId: before.id,
      before: { name: before.name },
      after: { name: after.name },
    });
    return organisationEntry(after);
  });
}

async function storedOrganisation(read: ControlQueries): Promise<OrganisationRow> {
  const row = await read.selectFrom("organisations").selectAll().executeTakeFirst();
  if (row === undefined) throw notFound("organisation", "");
  return row;
}

function organisationEntry({ id, name, created_ms, revision }: OrganisationRow): OrganisationEntry {
  return { id, name, createdMs: created_ms, revision };
}
