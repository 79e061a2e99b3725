import type { ProblemList } from "../documents/problem-list.ts";
import type { Problem } from "../errors.ts";
import type { JsonObject } from "../values/json.ts";
import { toPointer } from "../values/pointer.ts";
import {
  type Coverage,
  isStoppedByGateway,
  messageRule,
  type Replay,
  type ReplayAction,
  type ReplayStep,
  type ReplayTool,
  type StepOutcome,
} from "./attack.ts";
import { addProblem, readShape } from "./read-shape.ts";
import { replaySchema, type StepDocument, type ToolDocument } from "./shapes.ts";

/** Pure. Reads `replays/<slug>.yaml`, or all problems of it. */
export function parseReplay(
  text: string,
  file: string,
): { readonly replay: Replay | undefined; readonly problems: readonly Problem[] } {
  const { value, problems } = readShape(text, file, replaySchema);
  if (value === undefined) return { replay: undefined, problems: problems.sorted() };
  const tools = value.tools.map(toTool);
  const steps = value.steps.flatMap((step, index) => {
    const made = toStep(step, toPointer(["steps", index]), problems);
    return made === undefined ? [] : [made];
  });
  checkTools(tools, steps, problems);
  if (!steps.some(({ role }) => role === "attack")) addProblem(problems, "/steps", "no step is the attack", "add one");
  if (!steps.some(({ role }) => role === "work"))
    addProblem(problems, "/steps", "no step is the agent's own work", "add a call that must go through");
  const { grant, resources = {}, prompts = {} } = value;
  const replay = { grant: { owner: grant?.owner, tags: grant?.tags ?? {} }, tools, resources, prompts, steps };
  return { replay: problems.hasError ? undefined : replay, problems: problems.sorted() };
}

function toTool(tool: ToolDocument): ReplayTool {
  return {
    server: tool.server,
    name: tool.name,
    isLater: tool.later ?? false,
    title: tool.title,
    description: tool.description,
    inputSchema: inputSchemaOf(tool),
    annotations: tool.annotations,
    result: tool.result ?? "done",
    isError: tool.fails ?? false,
    asks: tool.asks,
  };
}

function inputSchemaOf({ input, required }: ToolDocument): JsonObject {
  return { type: "object", properties: input ?? {}, ...(required === undefined ? {} : { required }) };
}

function toStep(step: StepDocument, path: string, problems: ProblemList): ReplayStep | undefined {
  const roles = (["bait", "attack", "work"] as const).filter((role) => step[role] !== undefined);
  const [role] = roles;
  const action = toAction(step);
  if (role === undefined || roles.length > 1) {
    addProblem(problems, path, "a step is one of `bait`, `attack` and `work`", "say with one of them what happens");
    return undefined;
  }
  if (action === undefined) {
    addProblem(
      problems,
      path,
      "a step is one of `call`, `see`, `read`, `prompt` and `send`",
      "name what is called, or seen",
    );
    return undefined;
  }
  const { stopped, passes } = step;
  if (role === "attack" && (stopped === undefined) === (passes === undefined))
    addProblem(problems, path, "an attack is either `stopped` or `passes`", "write one of the two");
  if (role !== "attack" && (stopped !== undefined || passes !== undefined))
    addProblem(problems, path, "only an attack may be stopped", "make it an `attack`, or leave this out");
  const expected = stopped === undefined ? ({ kind: "passed" } as const) : ({ kind: "stopped", ...stopped } as const);
  if ((action.kind === "send") !== isStoppedByGateway({ expected })) {
    const message = `what is sent as it stands is stopped by \`${messageRule}\`, and nothing else is`;
    addProblem(problems, path, message, "write anything else as a `call`, `see`, `read` or `prompt`");
  }
  return { role, says: step[role] ?? "", action, expected, because: passes ?? "" };
}

function toAction(step: StepDocument): ReplayAction | undefined {
  const { call, see, read, prompt, send, headers = {}, asked, repeat = 1 } = step;
  if ([call, see, read, prompt, send].filter((name) => name !== undefined).length !== 1) return undefined;
  if (call !== undefined && asked !== undefined) return { kind: "ask", tool: call, door: asked };
  if (call !== undefined) return { kind: "call", tool: call, args: step.with ?? {}, repeat };
  if (see !== undefined) return { kind: "see", tool: see };
  if (read !== undefined) return { kind: "read", uri: read };
  if (send !== undefined) return { kind: "send", text: send, headers };
  return prompt === undefined ? undefined : { kind: "prompt", prompt };
}

function checkTools(tools: readonly ReplayTool[], steps: readonly ReplayStep[], problems: ProblemList): void {
  for (const [index, { name, isLater }] of tools.entries()) {
    const isRepeated = tools.findIndex((tool) => tool.name === name && tool.isLater === isLater) !== index;
    const path = toPointer(["tools", index]);
    if (isRepeated) addProblem(problems, path, "another tool has that name, on this server or another", "rename one");
  }
  for (const [index, { action }] of steps.entries()) {
    if (!("tool" in action)) continue;
    const tool = tools.find(({ name }) => name === action.tool);
    const path = toPointer(["steps", index]);
    if (tool === undefined) addProblem(problems, path, "the server has no tool of that name", "add it to `tools`");
    else if (action.kind === "ask" && tool.asks !== action.door)
      addProblem(problems, path, "the tool does not ask for that", "say so in `asks` of the tool");
  }
}

/** Pure. The label that a replay's own expectations amount to: what share of the attack's steps is stopped. */
export function coverageOf(
  steps: readonly { readonly role: ReplayStep["role"]; readonly expected: StepOutcome }[],
): Coverage {
  const attacks = steps.filter(({ role }) => role === "attack");
  const stopped = attacks.filter(({ expected }) => expected.kind === "stopped").length;
  if (stopped === 0) return "none";
  return stopped === attacks.length ? "full" : "partial";
}
