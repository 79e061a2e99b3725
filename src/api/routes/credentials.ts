import {
  credentialViews,
  demandCredentials,
  removeCredential,
  setCredential,
} from "../../control/upstream-credentials.ts";
import { Secret } from "../../vault/secret.ts";
import type { BindOperation } from "../bind-operation.ts";
import {
  connectServer,
  type CredentialsBody,
  deleteCredential,
  deleteOAuthClient,
  disconnectServer,
  getCredentials,
  putCredential,
  putOAuthClient,
} from "../contract/credentials.ts";
import type { WebParts } from "../web-parts.ts";

/** How the gateway itself is known at the servers behind it. */
export function bindCredentials(bind: BindOperation, { control, upstreamOAuth }: WebParts): void {
  bind(getCredentials, async ({ actor, params: { serverId }, query: { grantId } }) => {
    await demandCredentials(control, actor, { server: serverId, grantId });
    const isAsked = (view: { readonly grantId: string | undefined }): boolean =>
      grantId === undefined || view.grantId === grantId;
    const credentials = credentialViews(control, actor, serverId).filter(isAsked);
    const connections = (await upstreamOAuth.connections(actor, serverId)).filter(isAsked);
    const client = grantId === undefined ? await upstreamOAuth.client(serverId) : undefined;
    const answer: CredentialsBody = {
      credentials: credentials.map(({ setAtMs, ...view }) => ({
        ...view,
        grantId: view.grantId ?? null,
        setAt: timeOf(setAtMs),
      })),
      connections: connections.map(({ expiresMs, updatedMs, ...view }) => ({
        ...view,
        grantId: view.grantId ?? null,
        problem: view.problem ?? null,
        expiresAt: expiresMs === undefined ? null : timeOf(expiresMs),
        updatedAt: timeOf(updatedMs),
      })),
      client:
        client === undefined
          ? null
          : {
              issuer: client.issuer,
              clientId: client.id,
              kind: client.origin,
              hasSecret: client.hasSecret,
              setBy: client.setBy,
              setAt: timeOf(client.setAtMs),
            },
    };
    return { answer };
  });
  bind(putCredential, async ({ actor, params: { serverId: server, kind, name }, query: { grantId }, body }) => {
    await setCredential(control, actor, { server, grantId, kind, name }, Secret.of(body.value));
    return { answer: undefined };
  });
  bind(deleteCredential, async ({ actor, params: { serverId: server, kind, name }, query: { grantId } }) => {
    await removeCredential(control, actor, { server, grantId, kind, name });
    return { answer: undefined };
  });
  bind(connectServer, async ({ actor, params: { serverId: server }, query: { grantId } }) => {
    const { url, expiresMs } = await upstreamOAuth.begin(actor, { server, grantId });
    return { answer: { url, expiresAt: timeOf(expiresMs) } };
  });
  bind(disconnectServer, async ({ actor, params: { serverId: server }, query: { grantId } }) => ({
    answer: { isRevoked: await upstreamOAuth.disconnect(actor, { server, grantId }) },
  }));
  bind(putOAuthClient, async ({ actor, params: { serverId }, body: { clientId: id, clientSecret } }) => {
    const secret = clientSecret === undefined ? undefined : Secret.of(clientSecret);
    await upstreamOAuth.enterClient(actor, serverId, { id, secret });
    return { answer: undefined };
  });
  bind(deleteOAuthClient, async ({ actor, params: { serverId } }) => {
    await upstreamOAuth.removeClient(actor, serverId);
    return { answer: undefined };
  });
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}
