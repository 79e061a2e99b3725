import { denied, type Expected, type MessageCase, rejected } from "../case.ts";

function ask(
  id: string,
  method: string,
  params: string,
  expected: Expected,
  lanes?: MessageCase["lanes"],
): MessageCase {
  return {
    id,
    input: `${method} ${params.slice(0, 60)}`,
    body: `{"jsonrpc":"2.0","id":<id>,"method":"${method}","params":{<meta>${params}}}`,
    method,
    expected,
    ...(lanes === undefined ? {} : { lanes }),
  };
}

/** Their modern form has a header that names the resource or prompt. */
const unnamed = ["http legacy", "stdio legacy", "stdio modern"] as const;
const legacy = ["http legacy", "stdio legacy"] as const;

const resources = { kind: "door closed", rule: "/resources" } as const;
const prompts = { kind: "door closed", rule: "/prompts" } as const;
const notServed = { kind: "not served" } as const;

/** Group 8, as far as it stands: under a policy that allows one tool and says nothing else, every other door is shut. */
export const sideDoorCases: readonly MessageCase[] = [
  ask("B268", "prompts/list", '"cursor":"1"', { kind: "empty list", list: "prompts" }),
  ask("B268", "prompts/get", '"name":"greet"', prompts, unnamed),
  ask(
    "B269",
    "completion/complete",
    '"ref":{"type":"ref/prompt","name":"greet"},"argument":{"name":"a","value":"b"}',
    prompts,
  ),
  ask(
    "B269",
    "completion/complete",
    '"ref":{"type":"ref/resource","uri":"file:///{x}"},"argument":{"name":"x","value":"b"}',
    resources,
  ),
  ...[
    "file:///etc/passwd",
    "FILE:///etc/passwd",
    "file://localhost/etc/passwd",
    "file:/..%2fetc",
    "file:///notes/a.txt",
  ].map((uri) => ask("B270", "resources/read", `"uri":"${uri}"`, resources, unnamed)),
  ask("B270", "resources/list", '"cursor":"1"', { kind: "empty list", list: "resources" }),
  ask("B270", "resources/templates/list", '"cursor":"1"', { kind: "empty list", list: "resourceTemplates" }),
  ask("B270", "resources/subscribe", '"uri":"file:///notes/a.txt"', resources, legacy),
  ask("B272", "logging/setLevel", '"level":"debug"', notServed, legacy),
  ask("B273", "sampling/createMessage", '"messages":[]', notServed),
  ask("B273", "elicitation/create", '"message":"x"', notServed),
  ask("B276", "tasks/get", '"taskId":"t"', { kind: "unknown task" }, unnamed),
  ask("B276", "tasks/result", '"taskId":"t"', { kind: "unknown task" }, legacy),
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
