import {
  type ApiTokenEntry,
  createApiToken as makeApiToken,
  demandMember,
  endApiToken,
  listApiTokens as readApiTokens,
} from "../../control/api-tokens.ts";
import { endSession as endSessionOf } from "../../control/sign-in.ts";
import { listSessions as readSessions } from "../../identity/sessions.ts";
import type { BindOperation } from "../bind-operation.ts";
import {
  type ApiTokenView,
  createApiToken,
  endSession,
  getWho,
  listApiTokens,
  listSessions,
  revokeApiToken,
} from "../contract/account.ts";
import { pageOfAll } from "../cursor.ts";
import { timeText } from "../time-text.ts";
import type { WebParts } from "../web-parts.ts";

/** What members have of their own: sessions and API tokens. */
export function bindAccount(bind: BindOperation, { control, clock }: WebParts): void {
  bind(getWho, ({ actor, session }) => ({
    answer: {
      kind: session === undefined ? ("api_token" as const) : ("member" as const),
      memberId: actor.memberId ?? null,
      name: actor.name,
      role: actor.role,
      csrfToken: session?.csrfToken ?? null,
    },
  }));
  bind(listSessions, async ({ actor, session, query }) => {
    const sessions = await readSessions(control.database.read, demandMember(actor), clock.wallMs());
    const byId = sessions.map((entry) => [entry.idSha256, entry] as const);
    return {
      answer: pageOfAll("sessions", byId, query, ({ idSha256, address, userAgent, createdMs, seenMs }) => ({
        id: idSha256,
        isThis: idSha256 === session?.idSha256,
        address: address ?? null,
        userAgent: userAgent ?? null,
        createdAt: timeText(createdMs),
        seenAt: timeText(seenMs),
      })),
    };
  });
  bind(endSession, async ({ actor, params }) => {
    await endSessionOf(control, actor, params.sessionId);
    return { answer: undefined };
  });
  bind(listApiTokens, async ({ actor, query }) => {
    const tokens = await readApiTokens(control, actor);
    const byId = tokens.map((token) => [token.id, token] as const);
    return { answer: pageOfAll("api-tokens", byId, query, apiTokenView) };
  });
  bind(createApiToken, async ({ actor, body: { label, role, expiresAt } }) => {
    const expiresMs = expiresAt === undefined ? undefined : Date.parse(expiresAt);
    const { token, ...entry } = await makeApiToken(control, actor, { label, role, expiresMs });
    return { answer: { ...apiTokenView(entry), token } };
  });
  bind(revokeApiToken, async ({ actor, params }) => {
    await endApiToken(control, actor, params.tokenId);
    return { answer: undefined };
  });
}

function apiTokenView({ id, label, role, createdMs, expiresMs, lastUsedMs }: ApiTokenEntry): ApiTokenView {
  return {
    id,
    label,
    role,
    createdAt: timeText(createdMs),
    expiresAt: timeText(expiresMs),
    lastUsedAt: timeText(lastUsedMs),
  };
}
