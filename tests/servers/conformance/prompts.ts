import {
  acceptedContent,
  completable,
  inputRequired,
  type GetPromptResult,
  type McpServer,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import { redPixelPng } from "./samples.ts";

type Content = GetPromptResult["messages"][number]["content"];

const places = ["paris", "park", "party", "perth"];

const contextSchema = z.object({ context: z.string() });

function fromUser(...contents: readonly Content[]): GetPromptResult {
  return { messages: contents.map((content) => ({ role: "user", content })) };
}

function text(value: string): Content {
  return { type: "text", text: value };
}

/** Registers the prompts, one of which asks back before it answers; `arg1` and `arg2` can be completed. */
export function registerPrompts(server: McpServer): void {
  const suggested = completable(z.string(), (value) => places.filter((place) => place.startsWith(value)));
  server.registerPrompt("test_simple_prompt", { description: "A prompt without arguments" }, () =>
    fromUser(text("This is a simple prompt for testing.")),
  );
  server.registerPrompt(
    "test_prompt_with_arguments",
    { description: "A prompt with two arguments", argsSchema: z.object({ arg1: suggested, arg2: suggested }) },
    ({ arg1, arg2 }) => fromUser(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)),
  );
  server.registerPrompt(
    "test_prompt_with_embedded_resource",
    { description: "A prompt that holds a resource", argsSchema: z.object({ resourceUri: z.string() }) },
    ({ resourceUri }) => {
      const resource = { uri: resourceUri, mimeType: "text/plain", text: "Embedded resource content for testing." };
      return fromUser({ type: "resource", resource }, text("Please process the embedded resource above."));
    },
  );
  server.registerPrompt("test_prompt_with_image", { description: "A prompt that holds an image" }, () =>
    fromUser({ type: "image", data: redPixelPng, mimeType: "image/png" }, text("Please analyze the image above.")),
  );
  server.registerPrompt("test_input_required_result_prompt", { description: "A prompt that asks back" }, (ctx) => {
    const answer = acceptedContent(ctx.mcpReq.inputResponses, "user_context", contextSchema);
    if (answer !== undefined) return fromUser(text(`Answer in this context: ${answer.context}`));
    const message = "What context should the prompt use?";
    const question = inputRequired.elicit({ message, requestedSchema: contextSchema });
    return inputRequired({ inputRequests: { user_context: question } });
  });
}
