/** A tool of the echo server, as its `tools/list` shows it. */
export interface EchoTool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: {
    readonly type: "object";
    readonly properties: Readonly<Record<string, unknown>>;
    readonly required?: readonly string[];
    readonly additionalProperties?: boolean;
  };
  readonly annotations?: Readonly<Record<string, boolean>>;
}

const text = { type: "string" };

/** The tools of the echo server: every one answers with its own name and the arguments it was given. */
export const echoTools: readonly EchoTool[] = [
  {
    name: "safe",
    description: "Does nothing of note.",
    inputSchema: { type: "object", properties: { text } },
    annotations: { readOnlyHint: true },
  },
  {
    name: "evil",
    description: "A tool no policy should let through.",
    inputSchema: { type: "object", properties: {} },
  },
  {
    name: "delete_repo",
    description: "Deletes a repository.",
    inputSchema: {
      type: "object",
      properties: { owner: text, repo: text },
      required: ["owner", "repo"],
      additionalProperties: false,
    },
    annotations: { destructiveHint: true },
  },
  {
    name: "refund",
    description: "Pays money back.",
    inputSchema: {
      type: "object",
      properties: { amount: { type: "number", minimum: 0 }, currency: { type: "string", enum: ["EUR", "USD"] } },
      required: ["amount", "currency"],
    },
  },
  {
    name: "send",
    description: "Sends a message to a list of addresses.",
    inputSchema: {
      type: "object",
      properties: { to: { type: "array", items: text }, body: text },
      required: ["to"],
    },
  },
  {
    name: "write_file",
    description: "Writes a file.",
    inputSchema: { type: "object", properties: { path: text, content: text }, required: ["path"] },
  },
  {
    name: "fetch",
    description: "Reads a web address.",
    inputSchema: { type: "object", properties: { url: text }, required: ["url"] },
    annotations: { openWorldHint: true },
  },
  {
    name: "slow",
    description: "Answers after `ms` milliseconds, with progress on the way if the caller asked for it.",
    inputSchema: { type: "object", properties: { ms: { type: "integer", minimum: 0 } }, required: ["ms"] },
  },
  {
    name: "fail",
    description: "Answers with an error result.",
    inputSchema: { type: "object", properties: {} },
  },
];
