import type { Actor } from "../audit/admin-event.ts";
import { type ControlContext, demand } from "./control-context.ts";
import { attachWithin } from "./many-grants.ts";
import { createWithin, demandPolicyWithin, saveWithin } from "./policies.ts";

/** A policy's text, and who gets it for a server: with the revisions of everything that was looked at before. */
export interface PolicyToApply {
  readonly id: string;
  /** Undefined where the policy in force says this already. */
  readonly text:
    | {
        readonly document: string;
        /** Why, for those who read the history. */
        readonly note: string;
      }
    | undefined;
  /** Of the policy as it was looked at; undefined for one that is not there yet, and for one of the operator's file. */
  readonly revision: number | undefined;
  readonly server: string;
  /** Grants that open the server, each with its revision. */
  readonly grants: ReadonlyMap<string, number>;
}

/**
 * Saves a policy and gives it to grants, both or neither. Throws `FORBIDDEN`, `NOT_FOUND`, `READ_ONLY`, `NAME_TAKEN`,
 * `INPUT_INVALID`, and `REVISION_STALE` when the policy or one of the grants was changed meanwhile.
 */
export async function applyPolicy(
  context: ControlContext,
  actor: Actor,
  { id, text, revision, server, grants }: PolicyToApply,
): Promise<void> {
  demand(actor, "policies.write");
  demand(actor, "grants.attach");
  await context.database.change(actor, async (change) => {
    if (text !== undefined) {
      const { document, note } = text;
      if (revision === undefined) await createWithin(context, change, actor, id, { title: id, document, note });
      else await saveWithin(context, change, actor, id, { document, note }, revision);
    } else if (revision !== undefined) await demandPolicyWithin(context, change, id, revision);
    await attachWithin(context, change, id, server, grants);
  });
}
