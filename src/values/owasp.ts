/** The risks of the OWASP MCP Top 10 (2025), then those of the OWASP Top 10 for Agentic Applications (2026). */
export const owaspCodes = [
  "MCP01",
  "MCP02",
  "MCP03",
  "MCP04",
  "MCP05",
  "MCP06",
  "MCP07",
  "MCP08",
  "MCP09",
  "MCP10",
  "ASI01",
  "ASI02",
  "ASI03",
  "ASI04",
  "ASI05",
  "ASI06",
  "ASI07",
  "ASI08",
  "ASI09",
  "ASI10",
] as const;

/** A risk of one of the two lists. */
export type OwaspCode = (typeof owaspCodes)[number];

/** What OWASP calls them. */
export const owaspNames: Readonly<Record<OwaspCode, string>> = {
  MCP01: "Token Mismanagement and Secret Exposure",
  MCP02: "Privilege Escalation via Scope Creep",
  MCP03: "Tool Poisoning",
  MCP04: "Software Supply Chain Attacks and Dependency Tampering",
  MCP05: "Command Injection and Execution",
  MCP06: "Intent Flow Subversion",
  MCP07: "Insufficient Authentication and Authorization",
  MCP08: "Lack of Audit and Telemetry",
  MCP09: "Shadow MCP Servers",
  MCP10: "Context Injection and Over-Sharing",
  ASI01: "Agent Goal Hijack",
  ASI02: "Tool Misuse and Exploitation",
  ASI03: "Identity and Privilege Abuse",
  ASI04: "Agentic Supply Chain Vulnerabilities",
  ASI05: "Unexpected Code Execution",
  ASI06: "Memory and Context Poisoning",
  ASI07: "Insecure Inter-Agent Communication",
  ASI08: "Cascading Failures",
  ASI09: "Human-Agent Trust Exploitation",
  ASI10: "Rogue Agents",
};

/** Pure. Risks with their names, such as `MCP03 Tool Poisoning`. */
export function owaspText(codes: readonly OwaspCode[]): string {
  return codes.map((code) => `${code} ${owaspNames[code]}`).join("; ");
}
