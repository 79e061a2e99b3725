import { describe, expect, it } from "vitest";
import { addressedOrigin, resourceOfMetadataPath, serverOfResource } from "./resource-address.ts";

const local = "http://127.0.0.1:7777";
const hosted = "https://mcp.example.com";

describe("the address of a resource", () => {
  const resources: readonly (readonly [own: string, resource: string, server: string | undefined])[] = [
    [local, "http://127.0.0.1:7777/mcp", ""],
    [local, "http://127.0.0.1:7777/mcp/notes", "notes"],
    [local, "http://localhost:7777/mcp/notes", "notes"],
    [local, "http://[::1]:7777/mcp", ""],
    [local, "https://localhost:7777/mcp", undefined],
    [local, "http://localhost:7778/mcp", undefined],
    [local, "http://127.0.0.2:7777/mcp", undefined],
    [hosted, "https://mcp.example.com/mcp/notes", "notes"],
    [hosted, "http://mcp.example.com/mcp/notes", undefined],
    [hosted, "http://localhost:443/mcp", undefined],
    [hosted, "https://mcp.example.com.evil.example/mcp", undefined],
    [hosted, "https://user@mcp.example.com/mcp", undefined],
    [hosted, "https://mcp.example.com/mcp/", undefined],
    [hosted, "https://mcp.example.com/mcp/notes?x=1", undefined],
    [hosted, "https://mcp.example.com/mcp/notes#x", undefined],
    [hosted, "https://mcp.example.com/mcp/a/../notes", undefined],
    [hosted, "https://mcp.example.com/", undefined],
    [hosted, "/mcp", undefined],
  ];
  it.each(resources)("of %s: %s is %s", (own, resource, server) => {
    expect(serverOfResource(own, resource)).toBe(server);
  });

  it("is as the client wrote it where both names are the same machine", () => {
    expect(addressedOrigin(local, "localhost:7777")).toBe("http://localhost:7777");
    expect(addressedOrigin(local, "other.example:7777")).toBe(local);
    expect(addressedOrigin(local, undefined)).toBe(local);
    expect(addressedOrigin(hosted, "localhost:7777")).toBe(hosted);
  });

  it("has its metadata at a well-known path", () => {
    expect(resourceOfMetadataPath("/.well-known/oauth-protected-resource/mcp")).toBe("/mcp");
    expect(resourceOfMetadataPath("/.well-known/oauth-protected-resource/mcp/notes")).toBe("/mcp/notes");
    expect(resourceOfMetadataPath("/.well-known/oauth-protected-resource/mcp/a/b")).toBeUndefined();
    expect(resourceOfMetadataPath("/.well-known/oauth-protected-resource")).toBeUndefined();
  });
});
