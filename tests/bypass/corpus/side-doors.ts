import { denied, type MessageCase, rejected } from "../case.ts";

function door(id: string, method: string, params: string, lanes?: MessageCase["lanes"]): MessageCase {
  return {
    id,
    input: `${method} ${params.slice(0, 60)}`,
    body: `{"jsonrpc":"2.0","id":<id>,"method":"${method}","params":{<meta>${params}}}`,
    method,
    expected: { kind: "not served" },
    ...(lanes === undefined ? {} : { lanes }),
  };
}

/** Their modern form has a header that names the resource or prompt; the gateway refuses the method in both eras. */
const legacy = ["http legacy", "stdio legacy", "stdio modern"] as const;

/** Group 8, as far as it stands: every door but the tools' is shut. */
export const sideDoorCases: readonly MessageCase[] = [
  door("B268", "prompts/list", '"cursor":"1"'),
  door("B268", "prompts/get", '"name":"greet"', legacy),
  door("B269", "completion/complete", '"ref":{"type":"ref/prompt","name":"greet"},"argument":{"name":"a","value":"b"}'),
  ...[
    "file:///etc/passwd",
    "FILE:///etc/passwd",
    "file://localhost/etc/passwd",
    "file:/..%2fetc",
    "file:///notes/a.txt",
  ].map((uri) => door("B270", "resources/read", `"uri":"${uri}"`, legacy)),
  door("B270", "resources/list", '"cursor":"1"'),
  door("B270", "resources/templates/list", '"cursor":"1"'),
  door("B270", "resources/subscribe", '"uri":"file:///notes/a.txt"', ["http legacy", "stdio legacy"]),
  door("B272", "logging/setLevel", '"level":"debug"', ["http legacy", "stdio legacy"]),
  door("B273", "sampling/createMessage", '"messages":[]'),
  door("B273", "elicitation/create", '"message":"x"'),
  door("B276", "tasks/get", '"taskId":"t"', legacy),
  door("B276", "tasks/result", '"taskId":"t"', ["http legacy", "stdio legacy"]),
  {
    id: "B276",
    input: "a call of a denied tool with task augmentation",
    body: '{"jsonrpc":"2.0","id":<id>,"method":"tools/call","params":{<meta>"name":"evil","arguments":{},"task":{"ttl":1000}}}',
    tool: "evil",
    expected: denied("default_deny", "(default deny)"),
  },
  {
    id: "B282",
    input: "a notification's name on a request",
    body: '{"jsonrpc":"2.0","id":<id>,"method":"notifications/tools/list_changed","params":{<meta>"x":1}}',
    method: "notifications/tools/list_changed",
    expected: rejected("notification_with_id", -32601),
  },
];
