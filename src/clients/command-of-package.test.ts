import { describe, expect, it } from "vitest";
import type { PackageReference } from "../catalogue/server-record.ts";
import { commandOfPackage } from "./command-of-package.ts";
import { packageOfAccess } from "./package-of-command.ts";

describe("commandOfPackage", () => {
  it.each<PackageReference>([
    { registry: "npm", name: "notes-mcp" },
    { registry: "npm", name: "@acme/notes", version: "1.2.3-beta.1" },
    { registry: "pypi", name: "mcp-server-fetch", version: "2025.4.7" },
    { registry: "oci", name: "ghcr.io/acme/notes", version: "1.0" },
  ])("gives a command that is that package's: %o", (reference) => {
    const { command, args } = commandOfPackage(reference) ?? { command: "", args: [] };
    expect(packageOfAccess({ kind: "command", command, args, env: {}, cwd: undefined })).toEqual(reference);
  });

  it.each<PackageReference>([
    { registry: "npm", name: "--call" },
    { registry: "npm", name: "https://evil.example/x.tgz" },
    { registry: "npm", name: "notes", version: "$(id)" },
    { registry: "oci", name: "-v/:/host" },
    { registry: "pypi", name: "a b" },
    { registry: "nuget", name: "Notes.Mcp" },
  ])("gives none for a name that is not plain or a registry without a runner: %o", (reference) => {
    expect(commandOfPackage(reference)).toBeUndefined();
  });
});
