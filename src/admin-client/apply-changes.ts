import { editGrant, mintGrant, revokeGrant } from "../api/contract/grants.ts";
import { createPolicy, deletePolicy, savePolicy } from "../api/contract/policies.ts";
import { createServer, deleteServer, editServer } from "../api/contract/servers.ts";
import type { ApiClient } from "./api-client.ts";
import type { Change, Step } from "./plan-changes.ts";

/** A grant that was minted, with the token that is shown now and never again. */
export interface MintedToken {
  readonly label: string;
  readonly id: string;
  readonly token: string;
}

/** What came of a plan. */
export interface Applied {
  readonly done: readonly Change[];
  readonly tokens: readonly MintedToken[];
  /** The change that did not go through and why; those after it were not tried. Undefined when all is done. */
  readonly failed: { readonly change: Change; readonly error: unknown } | undefined;
}

/** Makes the changes of a plan one after the other, and stops at the first that is refused. Never rejects. */
export async function applyChanges(client: ApiClient, changes: readonly Change[]): Promise<Applied> {
  const done: Change[] = [];
  const tokens: MintedToken[] = [];
  for (const change of changes) {
    try {
      const token = await take(client, change.step);
      if (token !== undefined) tokens.push(token);
      done.push(change);
    } catch (error) {
      return { done, tokens, failed: { change, error } };
    }
  }
  return { done, tokens, failed: undefined };
}

async function take(client: ApiClient, step: Step): Promise<MintedToken | undefined> {
  switch (step.kind) {
    case "create_policy":
      await client.send(createPolicy, { body: step.body });
      return undefined;
    case "save_policy": {
      const { policyId, revision, body } = step;
      await client.send(savePolicy, { params: { policyId }, revision, body });
      return undefined;
    }
    case "create_server":
      await client.send(createServer, { body: step.body });
      return undefined;
    case "edit_server": {
      const { serverId, revision, body } = step;
      await client.send(editServer, { params: { serverId }, revision, body });
      return undefined;
    }
    case "mint_grant": {
      const { grant, token } = await client.send(mintGrant, { body: step.body });
      return { label: grant.label, id: grant.id, token };
    }
    case "edit_grant": {
      const { grantId, revision, body } = step;
      await client.send(editGrant, { params: { grantId }, revision, body });
      return undefined;
    }
    case "revoke_grant":
      await client.send(revokeGrant, { params: { grantId: step.grantId } });
      return undefined;
    case "delete_server":
      await client.send(deleteServer, { params: { serverId: step.serverId }, revision: step.revision });
      return undefined;
    case "delete_policy": {
      const { policyId, revision, isDetaching } = step;
      const query = { detach: isDetaching ? ("true" as const) : ("false" as const) };
      await client.send(deletePolicy, { params: { policyId }, revision, query });
      return undefined;
    }
  }
}
