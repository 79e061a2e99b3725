import type { OutcomeRow } from "../../audit/row.ts";
import type { GatewayContext } from "../context.ts";
import type { UpstreamAnswer } from "../upstream-request.ts";

/** Closes an admitted call: ends its leases, gives back what was provably not used, records how it ended. */
export async function settle(
  context: GatewayContext,
  requestId: string,
  answer: UpstreamAnswer,
  upstreamMs: number,
): Promise<void> {
  const isNotSent = answer.kind !== "answered" && answer.isNotSent;
  const row: OutcomeRow = {
    kind: "outcome",
    time: new Date(context.clock.wallMs()).toISOString(),
    requestId,
    status: statusOf(answer),
    resultBytes: answer.kind === "answered" ? Buffer.byteLength(answer.text) : 0,
    upstreamMicros: Math.round(upstreamMs * 1000),
    isRefunded: isNotSent,
  };
  try {
    await context.store.settle({ requestId, isNotSent, row });
  } catch (error) {
    // The charge stays and the call reads `unknown` in the audit: never a refund that is not certain.
    context.logger.error({ requestId, error: String(error) }, "outcome could not be recorded");
  }
}

function statusOf(answer: UpstreamAnswer): OutcomeRow["status"] {
  switch (answer.kind) {
    case "cancelled":
      return answer.isNotSent ? "not_sent" : "cancelled";
    case "failed":
      if (answer.isNotSent) return "not_sent";
      if (answer.code === "UPSTREAM_TIMEOUT") return "timeout";
      return answer.code === "UPSTREAM_GARBAGE" ? "result_withheld" : "upstream_exited";
    case "answered":
      if (answer.response.isError) return "upstream_error";
      return answer.response.isToolError ? "tool_error" : "completed";
  }
}
