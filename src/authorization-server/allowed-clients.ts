import { type ControlContext, notFound } from "../control/control-context.ts";
import { revokeWithin } from "../control/grants.ts";
import type { GrantEntry } from "../control/state.ts";
import type { Person } from "./consent.ts";

/** The grants that clients hold by this person's consent and that still work, by label. */
export function allowedClients({ state, clock }: ControlContext, memberId: string): readonly GrantEntry[] {
  const nowMs = clock.wallMs();
  return [...state().grants.values()]
    .filter(({ client, createdBy }) => client !== undefined && createdBy === memberId)
    .filter(({ revokedMs, expiresMs }) => revokedMs === undefined && (expiresMs ?? Infinity) > nowMs)
    .toSorted((a, b) => a.label.localeCompare(b.label));
}

/** Takes back what a person let a client do; everybody may, of their own. Throws `NOT_FOUND` for anything else. */
export async function endAllowedClient(control: ControlContext, person: Person, grantId: string): Promise<void> {
  if (!allowedClients(control, person.memberId).some(({ id }) => id === grantId)) throw notFound("client", grantId);
  await control.database.change(person, (change) => revokeWithin(control, change, [grantId]));
}
