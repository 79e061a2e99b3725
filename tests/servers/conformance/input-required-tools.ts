import {
  acceptedContent,
  CLIENT_CAPABILITIES_META_KEY,
  inputRequired,
  inputResponse,
  type CallToolResult,
  type InputRequest,
  type InputRequiredResult,
  type McpServer,
  type RequestStateCodec,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import { sampledText, sampling } from "./asking-tools.ts";
import { textResult } from "./samples.ts";

/** What the tools remember between two calls, sealed, in the client's hands. */
export interface State {
  readonly step: string;
  readonly name?: string;
}

type Answer = CallToolResult | InputRequiredResult;
type Codec = RequestStateCodec<State>;

const nameSchema = z.object({ name: z.string() });
const confirmSchema = z.object({ ok: z.boolean() });
const colorSchema = z.object({ color: z.string() });

const prefix = "test_input_required_result_";

function ask(message: string, requestedSchema: z.ZodObject): InputRequest {
  return inputRequired.elicit({ message, requestedSchema });
}

function elicitation(ctx: ServerContext): Answer {
  const answer = acceptedContent(ctx.mcpReq.inputResponses, "user_name", nameSchema);
  if (answer !== undefined) return textResult(`Hello, ${answer.name}!`);
  return inputRequired({ inputRequests: { user_name: ask("What is your name?", nameSchema) } });
}

function capital(ctx: ServerContext): Answer {
  const answer = inputResponse(ctx.mcpReq.inputResponses, "capital_question");
  if (answer.kind === "sampling") return textResult(sampledText(answer.result));
  return inputRequired({ inputRequests: { capital_question: sampling("What is the capital of France?", 100) } });
}

function listRoots(ctx: ServerContext): Answer {
  const answer = inputResponse(ctx.mcpReq.inputResponses, "client_roots");
  if (answer.kind === "roots") return textResult(`Roots: ${answer.roots.map((root) => root.uri).join(", ")}`);
  return inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } });
}

/** Asks to confirm, and believes the answer only with the state that went with the question. */
async function confirm(ctx: ServerContext, codec: Codec): Promise<Answer> {
  const answer = acceptedContent(ctx.mcpReq.inputResponses, "confirm", confirmSchema);
  const state = ctx.mcpReq.requestState<State>();
  if (answer !== undefined && state?.step === "confirm") return textResult(`state-ok, confirmed: ${answer.ok}`);
  return inputRequired({
    inputRequests: { confirm: ask("Please confirm", confirmSchema) },
    requestState: await codec.mint({ step: "confirm" }),
  });
}

async function multipleInputs(ctx: ServerContext, codec: Codec): Promise<Answer> {
  const { inputResponses } = ctx.mcpReq;
  const user = acceptedContent(inputResponses, "user_name", nameSchema);
  const greeting = inputResponse(inputResponses, "greeting");
  const roots = inputResponse(inputResponses, "client_roots");
  if (user !== undefined && greeting.kind === "sampling" && roots.kind === "roots") {
    return textResult(`${sampledText(greeting.result)} ${user.name}, with ${roots.roots.length} roots`);
  }
  return inputRequired({
    inputRequests: {
      user_name: ask("What is your name?", nameSchema),
      greeting: sampling("Generate a greeting", 50),
      client_roots: inputRequired.listRoots(),
    },
    requestState: await codec.mint({ step: "inputs" }),
  });
}

async function multiRound(ctx: ServerContext, codec: Codec): Promise<Answer> {
  const { inputResponses } = ctx.mcpReq;
  const state = ctx.mcpReq.requestState<State>();
  const color = acceptedContent(inputResponses, "step2", colorSchema);
  if (state?.step === "step2" && color !== undefined) return textResult(`${state.name} likes ${color.color}`);
  const user = acceptedContent(inputResponses, "step1", nameSchema);
  if (state?.step === "step1" && user !== undefined) {
    return inputRequired({
      inputRequests: { step2: ask("Step 2: What is your favorite color?", colorSchema) },
      requestState: await codec.mint({ step: "step2", name: user.name }),
    });
  }
  return inputRequired({
    inputRequests: { step1: ask("Step 1: What is your name?", nameSchema) },
    requestState: await codec.mint({ step: "step1" }),
  });
}

const envelopeSchema = z.object({ [CLIENT_CAPABILITIES_META_KEY]: z.record(z.string(), z.unknown()) });

function declaredCapabilities(ctx: ServerContext): Readonly<Record<string, unknown>> {
  return envelopeSchema.safeParse(ctx.mcpReq.envelope).data?.[CLIENT_CAPABILITIES_META_KEY] ?? {};
}

/** Asks only what the client says it can answer. */
function withinCapabilities(ctx: ServerContext): Answer {
  const declared = declaredCapabilities(ctx);
  const inputRequests: Record<string, InputRequest> = {};
  if (declared["sampling"] !== undefined) inputRequests["thought"] = sampling("Think of a number", 20);
  if (declared["elicitation"] !== undefined) inputRequests["user_name"] = ask("What is your name?", nameSchema);
  if (declared["roots"] !== undefined) inputRequests["client_roots"] = inputRequired.listRoots();
  const open = Object.keys(inputRequests).filter((key) => ctx.mcpReq.inputResponses?.[key] === undefined);
  if (open.length === 0) return textResult("Nothing left to ask");
  return inputRequired({ inputRequests });
}

/** Registers the tools that answer by asking back (MCP 2026-07-28, multi round-trip requests). */
export function registerInputRequiredTools(server: McpServer, codec: Codec): void {
  const tools: Readonly<Record<string, (ctx: ServerContext) => Answer | Promise<Answer>>> = {
    elicitation,
    sampling: capital,
    list_roots: listRoots,
    request_state: (ctx) => confirm(ctx, codec),
    tampered_state: (ctx) => confirm(ctx, codec),
    multiple_inputs: (ctx) => multipleInputs(ctx, codec),
    multi_round: (ctx) => multiRound(ctx, codec),
    capabilities: withinCapabilities,
  };
  for (const [name, run] of Object.entries(tools)) {
    server.registerTool(`${prefix}${name}`, { description: `Asks back before it answers: ${name}` }, run);
  }
}
