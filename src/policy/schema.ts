import { z } from "zod";
import { categories, signals } from "./call.ts";
import type { ConditionSource } from "./conditions/condition.ts";
import type { JsonValue } from "../values/json.ts";
import type { PolicyDocument } from "./document.ts";

// The one description of the language: `schema/policy.schema.json` and `docs/policy-reference.md` are generated from it.
// Only shapes are here; what needs more than one field to judge is checked where it is compiled.

const optional = z.exactOptional;

function describe<T extends z.ZodType>(schema: T, description: string): T {
  return schema.describe(description);
}

/** A strict object whose "unrecognized keys" issue carries the known keys as its message, for suggestions. */
function strict<T extends z.ZodRawShape>(fields: T): z.ZodObject<T, z.core.$strict> {
  const known = Object.keys(fields).join(" ");
  return z.strictObject(fields, { error: (issue) => (issue.code === "unrecognized_keys" ? known : undefined) });
}

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const listReference = strict({ $list: z.string().min(1).describe("The name in `lists`.") }).meta({
  id: "listReference",
  title: "List reference",
  description: "Stands for one of the document's `lists`, wherever a list may stand.",
});

function listOf<T extends z.ZodType>(item: T): z.ZodUnion<[z.ZodArray<T>, typeof listReference]> {
  return z.union([z.array(item), listReference]);
}

const toolPattern = z.string().min(1).max(1000).meta({
  id: "toolPattern",
  title: "Tool pattern",
  description: "An exact tool name, compared code point by code point, or a name with `*` for any run of characters.",
});

const anyJson: z.ZodType<JsonValue> = z.custom<JsonValue>((value) => value !== undefined);

const path = z.string().min(1).max(1000).meta({
  id: "path",
  title: "Path",
  description:
    'A fact of the call: a root (`args`, `tool`, `server`, `grant`, `client`, `time`), then `.name`, `[0]`, `[*]`, `.**` or `["name"]`.',
});

/** One condition; recursive through `any`, `all` and `not`. */
const conditionSchema: z.ZodType<ConditionSource> = z
  .lazy(() =>
    z.union([
      strict({
        path: path.describe("The left side: where in the call to look."),
        op: z.string().describe("The operator that compares left and right."),
        value: optional(anyJson).describe("The right side, as JSON. `null` is a problem: use `exists`."),
        value_from: optional(path).describe("The right side, read from the call instead: compares two facts."),
      }),
      strict({ any: z.array(conditionSchema).describe("At least one of these holds.") }),
      strict({ all: z.array(conditionSchema).describe("All of these hold.") }),
      strict({ not: conditionSchema }),
    ]),
  )
  .meta({ id: "condition", title: "Condition", description: "Exactly one of a comparison, `any`, `all` or `not`." });

const predicateFields = {
  name: describe(optional(z.string()), "For people."),
  conditions: describe(z.array(conditionSchema), "Joined by AND. An empty list always holds."),
  on_deny: describe(optional(z.string()), "What the agent is told; without it the engine writes a sentence."),
  mode: describe(
    optional(z.enum(["enforce", "observe"])),
    "`observe` records what the entry would have done and does nothing. Default `enforce`.",
  ),
  valid_from: describe(optional(z.string()), "RFC 3339 time before which the entry does nothing."),
  valid_until: describe(optional(z.string()), "RFC 3339 time after which the entry does nothing."),
};

const approvalFields = {
  approvers: describe(
    optional(z.array(z.string().min(1)).min(1)),
    'Who may answer: `role:`, `group:` or `user:` and a name; a bare word is a role. Default `["approver"]`, which admins include.',
  ),
  quorum: describe(optional(z.int().min(1).max(100)), "How many of them must agree. Default 1."),
  timeout: describe(optional(z.string()), "How long the question stands, such as `10m`. Default `10m`."),
  approval_timeout: describe(optional(z.string()), "The published name of `timeout`."),
  valid_for: describe(optional(z.string()), "How long an approved call may wait to be repeated. Default `5m`."),
  self: describe(
    optional(z.boolean()),
    "Whether the grant's own owner may approve. Default false; true in `callgate run`, where there is one person.",
  ),
  message: describe(optional(z.string()), "What the approver is told."),
};

const predicate = strict(predicateFields).meta({
  id: "predicate",
  title: "Predicate",
  description: "Conditions that hold together, and what to say of them.",
});

const approveIf = strict({ ...predicateFields, ...approvalFields }).meta({
  id: "approveIf",
  title: "Approval predicate",
  description: "A predicate that holds the call for a person.",
});

const limit = strict({
  counter: describe(z.string().min(1).max(200), "The limit's name, unique in its list."),
  max: describe(z.number().min(0), "What may be used in a window."),
  window: describe(
    optional(z.union([z.number(), z.string()])),
    'Seconds, or `"minute"`, `"hour"`, `"90s"`, `"15m"`, `"24h"`, `"7d"`, which slide; `"day"` and `"month"` reset at midnight of `time_zone`. 1 s to 366 d. Required unless `concurrent`.',
  ),
  scope: describe(
    optional(z.enum(["grant", "owner", "session", "server", "all"])),
    "Whose calls count together. Default `grant`. `server`: anyone on this server. `all`: anyone on every server of the organisation.",
  ),
  by: describe(optional(path), "One counter for each value of this argument; at most 10,000 live values."),
  increment: describe(optional(z.number().min(0)), "What one call uses. Default 1."),
  increment_from: describe(
    optional(path),
    "Add this argument's value: a spend cap. With `[*]` the sum of the elements.",
  ),
  increment_length_of: describe(optional(path), "Add the length of this list."),
  concurrent: describe(optional(z.boolean()), "`max` calls in flight instead of a window. Default false."),
  refund: describe(
    optional(z.enum(["not_sent", "never"])),
    "`not_sent` gives the use back only if no byte of the request left for the upstream. Default `not_sent`.",
  ),
  on_deny: describe(optional(z.string()), "What the agent is told when there is no room."),
}).meta({ id: "limit", title: "Limit", description: "A quota. Every limit of a call must have room." });

const commonFields = {
  require: describe(optional(z.array(predicate)), "Each must hold, or the call is denied."),
  deny_if: describe(optional(z.array(predicate)), "If any holds or cannot be judged, the call is denied."),
  approve_if: describe(
    optional(z.array(approveIf)),
    "If any holds or cannot be judged, the call is held for a person.",
  ),
  limits: describe(optional(z.array(limit)), "Every one must have room."),
  rate_limit: describe(
    optional(z.union([z.string(), strict({ max: z.number().min(0), window: z.number() })])),
    'One more limit, scope `grant`: `"10/minute"`, or `{ "max": 10, "window": 60 }` with the window in seconds.',
  ),
  spend_limit: describe(
    optional(z.string()),
    'One more limit on the sum of `args.amount`: `"$500/day"`. Loads with a warning that names the assumed argument.',
  ),
  validate_arguments: describe(
    optional(z.boolean()),
    "Check the arguments against the tool's own input schema before any predicate. Default false.",
  ),
  unknown_arguments: describe(
    optional(z.enum(["allow", "deny"])),
    "Arguments the input schema does not name. Default `deny` when it says `additionalProperties: false`, else `allow`.",
  ),
};

const rules = strict({
  action: describe(
    optional(z.enum(["allow", "deny", "require_approval"])),
    "`deny`: every call. `require_approval`: every call is held for a person. `allow` adds nothing.",
  ),
  reason: describe(optional(z.string()), 'The message of `action: "deny"` or `"require_approval"`.'),
  ...commonFields,
  ...approvalFields,
}).meta({
  id: "rules",
  title: "Rules of a tool",
  description: "What calls of this tool must obey; `{}` adds nothing.",
});

const commonRules = strict(commonFields).meta({
  id: "commonRules",
  title: "Rules of every tool",
  description: "Applies to every call, at each step after the tool's own rules.",
});

const selectorFields = {
  tools: describe(optional(listOf(toolPattern)), "Tools by name or pattern."),
  categories: describe(optional(listOf(z.enum(categories))), "Tools by reviewed category."),
  signals: describe(optional(listOf(z.enum(signals))), "Tools by the catalogue's signals."),
  servers: describe(optional(listOf(toolPattern)), "Every tool of these servers."),
};

const selector = strict(selectorFields).meta({
  id: "selector",
  title: "Selector",
  description: "Selects tools; its members are joined by OR. A tool without a review has every category and signal.",
});

const flow = strict({
  name: describe(optional(z.string()), "For people."),
  after: describe(selector, "The earlier calls."),
  within: describe(z.union([z.number(), z.string()]), "For how long after them: `30m`, or seconds."),
  scope: describe(optional(z.enum(["grant", "owner", "session"])), "Whose earlier calls. Default `grant`."),
  deny: describe(optional(selector), "These later calls are denied."),
  require_approval: describe(
    optional(strict({ ...selectorFields, ...approvalFields })),
    "These later calls are held for a person.",
  ),
  on_deny: describe(optional(z.string()), "What the agent is told."),
}).meta({
  id: "flow",
  title: "Flow",
  description: "What may not follow what. Exactly one of `deny` and `require_approval`.",
});

const door = z
  .union([
    z.enum(["allow", "deny"]),
    strict({
      allow: describe(optional(listOf(toolPattern)), "Only these pass."),
      deny: describe(optional(listOf(toolPattern)), "These do not pass; beats `allow`."),
    }),
  ])
  .meta({
    id: "door",
    title: "Door",
    description: "Another way to the server besides tools. Without it `default` decides.",
  });

const switchDoor = z.enum(["allow", "deny"]);

/** The shape of a policy document, version "1" (policy.md §1). */
export const policySchema: z.ZodType<PolicyDocument> = strict({
  version: describe(z.literal("1"), "The language's version."),
  default: describe(z.enum(["allow", "deny"]), "What happens to a tool that nothing below selects."),
  $schema: describe(optional(anyJson), "For editors."),
  description: describe(optional(anyJson), "For people."),
  metadata: describe(optional(anyJson), "For people and programs of theirs."),
  hide: describe(
    optional(listOf(toolPattern)),
    'Taken out of every tool list; a call is answered as for a tool that does not exist. `"*"` hides all.',
  ),
  tools: describe(
    optional(z.record(z.string(), rules)),
    'Rules by tool name or pattern. `{}` allows the tool under `"default": "deny"`.',
  ),
  categories: describe(
    optional(
      strict({
        Read: optional(rules),
        Write: optional(rules),
        Execute: optional(rules),
        Destructive: optional(rules),
        Financial: optional(rules),
      }),
    ),
    "Rules by the catalogue's reviewed category, for tools that no name or pattern selects.",
  ),
  all_tools: describe(optional(commonRules), "Rules of every call, after the tool's own."),
  flows: describe(optional(z.array(flow)), "What may not follow what."),
  resources: describe(optional(door), "Reading resources, by URI."),
  prompts: describe(optional(door), "Getting prompts, by name."),
  sampling: describe(optional(switchDoor), "The server may ask the client's model."),
  elicitation: describe(optional(switchDoor), "The server may ask the person."),
  roots: describe(optional(switchDoor), "The server may ask for the client's roots."),
  lists: describe(optional(z.record(z.string(), z.array(scalar))), 'Named lists, used as `{ "$list": "name" }`.'),
  time_zone: describe(optional(z.string()), "IANA name for `day`, `month` and `time.*`. Default `UTC`."),
}).meta({ title: "Callgate policy", description: 'A policy document, version "1".' });
