import { setTimeout as sleep } from "node:timers/promises";
import type { McpServer } from "@modelcontextprotocol/server";
import { textResult } from "./samples.ts";

/** Pause between two notifications, milliseconds: long enough that they leave in packets of their own. */
const stepMs = 50;

/** Registers the tools that send notifications before they answer, or answer on another stream. */
export function registerStreamingTools(server: McpServer): void {
  server.registerTool("test_tool_with_logging", { description: "Logs three times" }, async (ctx) => {
    await ctx.mcpReq.log("info", "Tool execution started");
    await sleep(stepMs);
    await ctx.mcpReq.log("info", "Tool processing data");
    await sleep(stepMs);
    await ctx.mcpReq.log("info", "Tool execution completed");
    return textResult("Three messages were logged");
  });
  server.registerTool("test_logging_tool", { description: "Logs once, for those who asked for logs" }, async (ctx) => {
    await ctx.mcpReq.log("info", "A message for those who want it");
    return textResult("Logged");
  });
  server.registerTool("test_tool_with_progress", { description: "Reports progress three times" }, async (ctx) => {
    const progressToken = ctx.mcpReq._meta?.progressToken;
    for (const progress of [0, 50, 100]) {
      if (progress > 0) await sleep(stepMs);
      if (progressToken === undefined) continue;
      const params = { progressToken, progress, total: 100, message: `${progress} of 100` };
      await ctx.mcpReq.notify({ method: "notifications/progress", params });
    }
    return textResult("All steps done");
  });
  server.registerTool("test_reconnection", { description: "Cuts its stream and answers on the next" }, async (ctx) => {
    await sleep(stepMs);
    ctx.http?.closeSSE?.();
    await sleep(2 * stepMs);
    return textResult("Answered after the stream was cut");
  });
}
