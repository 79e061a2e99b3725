import type { Operator } from "../document.ts";

/** What a path usually leads to, so that operators can be chosen that fit. */
export type Kind =
  | "text"
  | "number"
  | "url"
  | "filePath"
  | "address"
  | "instant"
  | "boolean"
  | "list"
  | "object"
  | "tree";

/** Paths by what they usually lead to; one that stands twice is taken twice as often. */
export const pathsByKind: Readonly<Record<Kind, readonly string[]>> = {
  text: [
    "args.note",
    "args.note",
    "args.note",
    "args.note",
    "args.note",
    "args.key",
    "args.meta.env",
    'args["odd key"]',
    "args.to[0]",
    "args.to[*]",
    "args.parts[*].name",
    "args.parts[0].name",
    "grant.tags.team",
    'grant.tags["team"]',
    "args.key",
    "args.toString",
    "args.hasOwnProperty",
    "args.meta.toString",
    "grant.tags.valueOf",
    "grant.owner",
    "grant.label",
    "client.name",
    "client.version",
    "server.name",
    "tool.name",
    "tool.category",
    "tool.signals[*]",
    "time.weekday",
    "time.date",
  ],
  number: [
    "args.amount",
    "args.amount",
    "args.count",
    "args.meta.level",
    "args.parts[*].size",
    "args.amounts[*]",
    "args.amounts[1]",
    "time.hour",
  ],
  url: ["args.url", "args.urls[*]"],
  filePath: ["args.path", "args.paths[*]"],
  address: ["args.ip", "client.ip"],
  instant: ["args.when", "time.now"],
  boolean: ["args.flag"],
  list: ["args.to", "args.amounts", "args.parts", "tool.signals", "args.urls"],
  object: ["args", "args.meta", "args.parts[0]", "args.meta.deep"],
  tree: [
    "args.**",
    "args.meta.**",
    "args.parts.**",
    "args.**.name",
    "args.tree.**",
    "args.**[*]",
    "args.tree.**.k",
    "args.tree.**.k[*]",
    "args.parts[*].**",
    "args.**[*].name",
    "args.**.k[0]",
    "args.**[*][*]",
    "args.tree.**.name.size",
    "args.tree.k.**",
    "args.parts[*].name.**",
  ],
};

/** Operators that fit what a path usually leads to. */
export const operatorsByKind: Readonly<Record<Kind, readonly Operator[]>> = {
  text: [
    "eq",
    "neq",
    "in",
    "not_in",
    "regex",
    "matches",
    "contains",
    "starts_with",
    "ends_with",
    "exists",
    "length_lte",
    "length_gte",
  ],
  number: ["eq", "neq", "in", "not_in", "lt", "lte", "gt", "gte", "exists"],
  url: ["host_in", "host_in", "host_in", "starts_with", "exists"],
  filePath: ["within", "within", "ends_with"],
  address: ["cidr", "cidr", "eq"],
  instant: ["before", "after"],
  boolean: ["eq", "neq", "in", "exists"],
  list: ["contains", "contains", "length_lte", "length_gte", "exists", "eq"],
  object: ["exists", "length_lte", "length_gte", "eq", "neq"],
  tree: [
    "contains",
    "regex",
    "matches",
    "eq",
    "in",
    "starts_with",
    "lt",
    "exists",
    "neq",
    "not_in",
    "ends_with",
    "host_in",
    "length_lte",
  ],
};
