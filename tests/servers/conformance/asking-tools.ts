import {
  inputRequired,
  inputResponse,
  type CallToolResult,
  type InputRequest,
  type InputRequiredResult,
  type McpServer,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import { textResult } from "./samples.ts";

/** A form for the user, with properties of the kinds that a client must show. */
type Form = Extract<Parameters<typeof inputRequired.elicit>[0]["requestedSchema"], { type: "object" }>;

const contactForm: Form = {
  type: "object",
  properties: {
    username: { type: "string", description: "User's response" },
    email: { type: "string", description: "User's email address" },
  },
  required: ["username", "email"],
};

const formWithDefaults: Form = {
  type: "object",
  properties: {
    name: { type: "string", default: "John Doe" },
    age: { type: "integer", default: 30 },
    score: { type: "number", default: 95.5 },
    status: { type: "string", enum: ["active", "inactive", "pending"], default: "active" },
    verified: { type: "boolean", default: true },
  },
};

function titled(word: string): { const: string; title: string }[] {
  return ["First", "Second", "Third"].map((ordinal, i) => ({ const: `value${i + 1}`, title: `${ordinal} ${word}` }));
}

const formWithEnums: Form = {
  type: "object",
  properties: {
    untitledSingle: { type: "string", enum: ["option1", "option2", "option3"] },
    titledSingle: { type: "string", oneOf: titled("Option") },
    legacyEnum: {
      type: "string",
      enum: ["opt1", "opt2", "opt3"],
      enumNames: ["Option One", "Option Two", "Option Three"],
    },
    untitledMulti: { type: "array", items: { type: "string", enum: ["option1", "option2", "option3"] } },
    titledMulti: { type: "array", items: { anyOf: titled("Choice") } },
  },
};

const key = "answer";

/** Asks the client's model one question: `sampling/createMessage`. Pure. */
export function sampling(text: string, maxTokens: number): InputRequest {
  return inputRequired.createMessage({ messages: [{ role: "user", content: { type: "text", text } }], maxTokens });
}

/** The text of a model's answer; empty when it has none. Pure. */
export function sampledText(result: { readonly content: unknown }): string {
  const blocks: readonly unknown[] = Array.isArray(result.content) ? result.content : [result.content];
  return blocks.map((block) => z.object({ text: z.string() }).safeParse(block).data?.text ?? "").join("");
}

/**
 * Asks for a form once, then tells what came back. The SDK sends the question as the era of the connection wants it: as
 * a request of the server's (2025), or as a result the client answers by calling again (2026).
 */
function askForm(ctx: ServerContext, message: string, form: Form, label: string): CallToolResult | InputRequiredResult {
  const answer = inputResponse(ctx.mcpReq.inputResponses, key);
  if (answer.kind !== "elicit") {
    const question = inputRequired.elicit({ mode: "form", message, requestedSchema: form });
    return inputRequired({ inputRequests: { [key]: question } });
  }
  return textResult(`${label}: action=${answer.action}, content=${JSON.stringify(answer.content ?? {})}`);
}

/** Registers the tools that need the client's user or model to answer, in both eras. */
export function registerAskingTools(server: McpServer): void {
  server.registerTool(
    "test_sampling",
    { description: "Passes a prompt to the client's model", inputSchema: z.object({ prompt: z.string() }) },
    ({ prompt }, ctx) => {
      const answer = inputResponse(ctx.mcpReq.inputResponses, key);
      if (answer.kind !== "sampling") return inputRequired({ inputRequests: { [key]: sampling(prompt, 100) } });
      return textResult(`LLM response: ${sampledText(answer.result)}`);
    },
  );
  server.registerTool(
    "test_elicitation",
    { description: "Asks the user for a name and an address", inputSchema: z.object({ message: z.string() }) },
    ({ message }, ctx) => askForm(ctx, message, contactForm, "User response"),
  );
  server.registerTool(
    "test_elicitation_sep1034_defaults",
    { description: "Asks the user with a form whose fields have defaults" },
    (ctx) => askForm(ctx, "Please check these values", formWithDefaults, "Elicitation completed"),
  );
  server.registerTool(
    "test_elicitation_sep1330_enums",
    { description: "Asks the user with a form of choices" },
    (ctx) => askForm(ctx, "Please choose", formWithEnums, "Elicitation completed"),
  );
  server.registerTool(
    "test_streaming_elicitation",
    { description: "Asks the user, for tests of what a response stream may hold" },
    (ctx) => askForm(ctx, "Please tell your name and address", contactForm, "User response"),
  );
  server.registerTool(
    "test_missing_capability",
    { description: "Needs the client's model, and is refused without that capability" },
    (ctx) => {
      const answer = inputResponse(ctx.mcpReq.inputResponses, key);
      if (answer.kind !== "sampling") return inputRequired({ inputRequests: { [key]: sampling("Say yes", 10) } });
      return textResult(sampledText(answer.result));
    },
  );
}
