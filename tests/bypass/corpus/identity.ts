import { callWith, denied, type MessageCase, notFound, rejected } from "../case.ts";

const named = (
  id: string,
  name: string,
  expected: MessageCase["expected"],
  input = JSON.stringify(name),
): MessageCase => ({
  id,
  input: `the tool ${input}`,
  tool: name,
  body: callWith(`"name":${JSON.stringify(name)},"arguments":{}`),
  expected,
});

const unknown = notFound("unknown_tool");

/** Group 3: tool identity. `delete_repo` exists upstream and is hidden; `evil` exists and is not allowed. */
export const identityCases: readonly MessageCase[] = [
  named("B100", "delete_repo", notFound("hidden")),
  ...["delete_repo ", " delete_repo", "delete_repo\n", "delete_repo\t"].map((name) => named("B100", name, unknown)),
  ...["Delete_Repo", "SAFE", "Safe"].map((name) => named("B101", name, unknown)),
  ...["ｄelete_repo", "dеlete_repo", "delete\u200b_repo", "delete_repo\u0000", "safe\u200d"].map((name) =>
    named("B102", name, unknown),
  ),
  ...["", "x".repeat(129), "x".repeat(1_000_000)].map((name): MessageCase => ({
    id: "B104",
    input: `a name of ${name.length} characters`,
    body: callWith(`"name":"${name}","arguments":{}`),
    // Over HTTP in the modern era the header cannot agree with such a name, or is too long for a header.
    lanes: ["http legacy", "stdio legacy", "stdio modern"],
    expected: rejected("tool_name_invalid", -32602),
    mirror: callWith('"name":"safe","arguments":{}'),
  })),
  named("B104", "x".repeat(128), unknown, "of 128 characters"),
  ...['["safe"]', "1", '{"toString":1}', "null", "true"].map((name): MessageCase => ({
    id: "B105",
    input: `\`name\` ${name}`,
    body: callWith(`"name":${name},"arguments":{}`),
    lanes: ["http legacy", "stdio legacy", "stdio modern"],
    expected: rejected("tool_name_invalid", -32602),
  })),
  ...['["safe"]', "1", "null"].map((name): MessageCase => ({
    id: "B105",
    input: `\`name\` ${name} under a header that names a tool`,
    body: callWith(`"name":${name},"arguments":{}`),
    lanes: ["http modern"],
    expected: rejected("header_mismatch", -32020),
  })),
  ...["constructor", "toString", "__proto__", "hasOwnProperty", "prototype", "valueOf"].map((name) =>
    named("B106", name, unknown),
  ),
  {
    ...named("B120", "safe", denied("unreviewed_tool", "(unreviewed tool)"), "safe, which calls itself read-only"),
    policy: "reviewed",
  },
];
