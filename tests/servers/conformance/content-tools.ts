import { fromJsonSchema, type McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";
import { redPixelPng, silentWav, textResult } from "./samples.ts";

/** A schema with keywords that only JSON Schema 2020-12 has, all of which must reach the client. */
const contactSchema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object",
  $defs: {
    address: {
      $anchor: "addressDef",
      type: "object",
      properties: { street: { type: "string" }, city: { type: "string" } },
    },
  },
  properties: {
    name: { type: "string" },
    address: { $ref: "#/$defs/address" },
    contactMethod: { type: "string", enum: ["phone", "email"] },
    phone: { type: "string" },
    email: { type: "string" },
  },
  allOf: [{ anyOf: [{ required: ["phone"] }, { required: ["email"] }] }],
  if: { properties: { contactMethod: { const: "phone" } }, required: ["contactMethod"] },
  // oxlint-disable-next-line unicorn/no-thenable -- the keyword of JSON Schema
  then: { required: ["phone"] },
  else: { required: ["email"] },
  additionalProperties: false,
} as const;

const image = { type: "image", data: redPixelPng, mimeType: "image/png" } as const;

/** Registers the tools that answer with content of one kind or another and need nobody else. */
export function registerContentTools(server: McpServer): void {
  server.registerTool("test_simple_text", { description: "Answers with one line of text" }, () =>
    textResult("This is a simple text response for testing."),
  );
  server.registerTool("test_image_content", { description: "Answers with an image" }, () => ({ content: [image] }));
  server.registerTool("test_audio_content", { description: "Answers with a sound" }, () => ({
    content: [{ type: "audio", data: silentWav, mimeType: "audio/wav" }],
  }));
  server.registerTool("test_embedded_resource", { description: "Answers with a resource in the result" }, () => {
    const text = "This is an embedded resource content.";
    return {
      content: [{ type: "resource", resource: { uri: "test://embedded-resource", mimeType: "text/plain", text } }],
    };
  });
  server.registerTool("test_multiple_content_types", { description: "Answers with text, image and resource" }, () => {
    const uri = "test://mixed-content-resource";
    const text = JSON.stringify({ test: "data", value: 123 });
    return {
      content: [
        { type: "text", text: "Multiple content types test:" },
        image,
        { type: "resource", resource: { uri, mimeType: "application/json", text } },
      ],
    };
  });
  server.registerTool("test_error_handling", { description: "Fails, always" }, () => {
    throw new Error("This tool intentionally returns an error for testing");
  });
  registerSchemaTools(server);
}

/** The tools whose input schema is what is tested. */
function registerSchemaTools(server: McpServer): void {
  server.registerTool(
    "json_schema_2020_12_tool",
    { description: "Takes arguments described with JSON Schema 2020-12", inputSchema: fromJsonSchema(contactSchema) },
    (args) => textResult(`Received ${JSON.stringify(args)}`),
  );
  server.registerTool(
    "test_x_mcp_header",
    {
      description: "Takes an argument that clients over HTTP repeat in a header",
      inputSchema: z.object({
        region: z.string().meta({ "x-mcp-header": "Region" }),
        level: z.int().optional(),
      }),
    },
    ({ region, level }) => textResult(`region=${region}, level=${level ?? "none"}`),
  );
}
