import {
  type DefinitionBetween,
  readUnreviewed,
  reviewTools,
  type UnreviewedTool,
  withdrawReview,
} from "../../control/reviews.ts";
import type { BindOperation } from "../bind-operation.ts";
import { findingView } from "../contract/findings.ts";
import * as contract from "../contract/reviews.ts";
import { pageOfAll } from "../cursor.ts";
import type { WebParts } from "../web-parts.ts";

/** Definitions of tools that wait for a person, and what that person says of them. */
export function bindReviews(bind: BindOperation, { control }: WebParts): void {
  bind(contract.listUnreviewed, async ({ params: { serverId }, query }) => {
    const waiting = await readUnreviewed(control, serverId);
    const entries = waiting.map((one) => [one.tool, one] as const);
    return { answer: pageOfAll("unreviewed", entries, query, unreviewedView) };
  });
  bind(contract.reviewTools, async ({ actor, params: { serverId }, body }) => {
    await reviewTools(control, actor, serverId, body.reviews);
    return { answer: undefined };
  });
  bind(contract.withdrawReview, async ({ actor, params: { serverId, tool } }) => {
    await withdrawReview(control, actor, serverId, tool);
    return { answer: undefined };
  });
}

function unreviewedView(waiting: UnreviewedTool): contract.UnreviewedView {
  const { tool, state, category, signals, between } = waiting;
  return { tool, state, category, signals, ...seenView(waiting), between: between.map(seenView) };
}

function seenView(seen: DefinitionBetween): contract.SeenDefinitionView {
  const { sha256, definition, changes, findings, firstSeenMs, lastSeenMs } = seen;
  return {
    sha256,
    definition,
    changes: changes.map(({ path, kind, before = null, after = null }) => ({ path, kind, before, after })),
    findings: findings.map(findingView),
    firstSeenAt: new Date(firstSeenMs).toISOString(),
    lastSeenAt: new Date(lastSeenMs).toISOString(),
  };
}
