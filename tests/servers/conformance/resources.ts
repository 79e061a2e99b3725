import { ResourceTemplate, type McpServer } from "@modelcontextprotocol/server";
import { redPixelPng } from "./samples.ts";

/** Registers three resources and a template, and keeps the list of subscriptions of the 2025 revisions. */
export function registerResources(server: McpServer): void {
  const text = (name: string, description: string, content: string): void => {
    const uri = `test://${name}`;
    server.registerResource(name, uri, { description, mimeType: "text/plain" }, () => ({
      contents: [{ uri, mimeType: "text/plain", text: content }],
    }));
  };
  text("static-text", "A text that never changes", "This is the content of the static text resource.");
  text("watched-resource", "A text to subscribe to", "This is the content of the watched resource.");
  const binary = "test://static-binary";
  server.registerResource("static-binary", binary, { description: "An image", mimeType: "image/png" }, () => ({
    contents: [{ uri: binary, mimeType: "image/png", blob: redPixelPng }],
  }));
  server.registerResource(
    "template",
    new ResourceTemplate("test://template/{id}/data", { list: undefined }),
    { description: "Data for an id", mimeType: "application/json" },
    (uri, { id }) => {
      const data = { id, templateTest: true, data: `Data for ID: ${String(id)}` };
      return { contents: [{ uri: uri.href, mimeType: "application/json", text: JSON.stringify(data) }] };
    },
  );
  const subscribed = new Set<string>();
  server.server.setRequestHandler("resources/subscribe", ({ params }) => {
    subscribed.add(params.uri);
    return {};
  });
  server.server.setRequestHandler("resources/unsubscribe", ({ params }) => {
    subscribed.delete(params.uri);
    return {};
  });
}
