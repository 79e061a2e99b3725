import { isList, isObject, type JsonObject, type JsonValue, ownMember } from "../values/json.ts";

/** Which calls the hook is asked about: those of MCP tools. */
const matcher = "mcp__.*";

/** Seconds after which Claude Code goes on without an answer. */
const timeoutSeconds = 10;

/** What stands in a command of ours, whichever version wrote it. */
const ownCommand = /callgate[^\n]* precheck --hook$/u;

/** Pure. The entry of Claude Code's settings that runs a command before calls of MCP tools. */
export function hookEntry(command: string): JsonObject {
  return { matcher, hooks: [{ type: "command", command, timeout: timeoutSeconds }] };
}

/** Pure. Settings with our hook once, an older one of ours replaced. What else stands there stays as it is. */
export function withHook(settings: JsonObject, command: string): JsonObject {
  const bare = withoutHook(settings);
  const hooks = ownMember(bare, "hooks");
  const before = isObject(hooks) ? ownMember(hooks, "PreToolUse") : undefined;
  const entries = [...(isList(before) ? before : []), hookEntry(command)];
  return { ...bare, hooks: { ...(isObject(hooks) ? hooks : {}), PreToolUse: entries } };
}

/** Pure. Settings without our hook; what held nothing else goes with it. The same value when there is none. */
export function withoutHook(settings: JsonObject): JsonObject {
  const hooks = ownMember(settings, "hooks");
  const entries = isObject(hooks) ? ownMember(hooks, "PreToolUse") : undefined;
  if (!isObject(hooks) || !isList(entries) || !hasHook(settings)) return settings;
  const kept = entries.flatMap((entry) => entryWithoutHook(entry));
  const others = without(hooks, "PreToolUse");
  const left = kept.length === 0 ? others : { ...others, PreToolUse: kept };
  return Object.keys(left).length === 0 ? without(settings, "hooks") : { ...settings, hooks: left };
}

/** Pure. Whether our hook is there; with a command, whether it is that one and no other of ours. */
export function hasHook(settings: JsonObject, command?: string): boolean {
  const hooks = ownMember(settings, "hooks");
  const entries = isObject(hooks) ? ownMember(hooks, "PreToolUse") : undefined;
  const own = (isList(entries) ? entries : []).flatMap(commandsOf).filter((text) => ownCommand.test(text));
  return command === undefined ? own.length > 0 : own.length === 1 && own[0] === command;
}

function entryWithoutHook(entry: JsonValue): readonly JsonValue[] {
  const hooks = isObject(entry) ? ownMember(entry, "hooks") : undefined;
  if (!isObject(entry) || !isList(hooks)) return [entry];
  const kept = hooks.filter((hook) => !isOwn(hook));
  if (kept.length === hooks.length) return [entry];
  return kept.length === 0 ? [] : [{ ...entry, hooks: kept }];
}

function commandsOf(entry: JsonValue): readonly string[] {
  const hooks = isObject(entry) ? ownMember(entry, "hooks") : undefined;
  return (isList(hooks) ? hooks : []).flatMap((hook) => commandOf(hook) ?? []);
}

function isOwn(hook: JsonValue): boolean {
  return ownCommand.test(commandOf(hook) ?? "");
}

function commandOf(hook: JsonValue): string | undefined {
  const command = isObject(hook) ? ownMember(hook, "command") : undefined;
  return typeof command === "string" ? command : undefined;
}

function without(object: JsonObject, name: string): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => key !== name));
}
