import { RE2JS } from "re2js";
import type { Engine } from "./engines.ts";
import { loadPeer, type Peer, type PeerModule } from "./harness/peers.ts";
import { plainTools, rule, ruledTool, type SampleCall } from "./workload.ts";

/** An engine of a package that may not be here. */
export interface PeerEngine {
  readonly label: string;
  readonly peer: Peer;
  /** Prepares the same rule, with that many tools, and the calls. */
  readonly prepare: (module: PeerModule, calls: readonly SampleCall[], toolCount: number) => Engine["judge"];
}

type Callable = (...args: readonly unknown[]) => unknown;

function isCallable(value: unknown): value is Callable {
  return typeof value === "function";
}

/** A function of a peer's. Throws when the pinned version has none of that name. */
function functionOf(module: PeerModule, name: string): Callable {
  const found = module[name];
  if (!isCallable(found)) throw new Error(`the compared package has no function \`${name}\``);
  return found;
}

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

/** Cedar has no regular expressions: `like` stands in for the pattern. It knows no limits either. */
function cedarPolicies(toolCount: number): string {
  const { amountMax, currencies, forbiddenText } = rule;
  const permits = plainTools(toolCount).map(
    (name) => `permit(principal, action == Action::"call", resource == Tool::"${name}");`,
  );
  return [
    ...permits,
    `permit(principal, action == Action::"call", resource == Tool::"${ruledTool}") when {`,
    `  context.amount <= ${amountMax} && ${JSON.stringify(currencies)}.contains(context.currency) &&`,
    `  context.query like "SELECT * FROM *" };`,
    `forbid(principal, action, resource == Tool::"${ruledTool}") when { context.query like "*${forbiddenText}*" };`,
  ].join("\n");
}

function prepareCedar(module: PeerModule, calls: readonly SampleCall[], toolCount: number): Engine["judge"] {
  const set = `bench-${toolCount}`;
  const parsed = functionOf(module, "preparsePolicySet")(set, { staticPolicies: cedarPolicies(toolCount) });
  if (member(parsed, "type") !== "success") throw new Error(`Cedar refused the policies: ${JSON.stringify(parsed)}`);
  const isAuthorized = functionOf(module, "statefulIsAuthorized");
  const requests = calls.map(({ tool, args }) => ({
    principal: { type: "Grant", id: "alice" },
    action: { type: "Action", id: "call" },
    resource: { type: "Tool", id: tool },
    context: args,
    preparsedPolicySetId: set,
    entities: [],
  }));
  return (index) => member(member(isAuthorized(requests[index % requests.length]), "response"), "decision") === "allow";
}

/** As a host would embed CEL at its fastest: the tool is looked up in a map, and only its expression is evaluated. */
function celExpression(matches: string): string {
  const { amountMax, currencies, queryPattern, forbiddenText } = rule;
  const text = JSON.stringify;
  return (
    `amount <= ${amountMax.toFixed(1)} && currency in ${text(currencies)} && ` +
    `query.${matches}(${text(queryPattern)}) && !query.contains(${text(forbiddenText)})`
  );
}

function prepareCel(
  evaluate: (input: unknown) => unknown,
  calls: readonly SampleCall[],
  toolCount: number,
): Engine["judge"] {
  const programs = new Map<string, (input: unknown) => unknown>(
    plainTools(toolCount).map((name) => [name, () => true]),
  );
  programs.set(ruledTool, evaluate);
  return (index) => {
    const call = calls[index % calls.length];
    if (call === undefined) return false;
    try {
      return programs.get(call.tool)?.(call.args) === true;
    } catch {
      // An expression that cannot be evaluated (a missing argument) throws: the host denies.
      return false;
    }
  };
}

function callMethod(owner: unknown, method: string, args: readonly unknown[]): unknown {
  const found = member(owner, method);
  if (!isCallable(found)) throw new Error(`the compared package has no method \`${method}\``);
  return Reflect.apply(found, owner, args);
}

/** Patterns as cel-js would keep them, but on the engine that Callgate uses. */
function linearMatches(): (text: string, pattern: string) => boolean {
  const patterns = new Map<string, RE2JS>();
  return (text, source) => {
    const pattern = patterns.get(source) ?? RE2JS.compile(source);
    patterns.set(source, pattern);
    return pattern.test(text);
  };
}

function prepareCelJs(matches: "matches" | "linear"): PeerEngine["prepare"] {
  return (module, calls, toolCount) => {
    const environment: unknown = Reflect.construct(functionOf(module, "Environment"), []);
    for (const [name, kind] of Object.entries({ amount: "double", currency: "string", query: "string" })) {
      callMethod(environment, "registerVariable", [name, kind]);
    }
    callMethod(environment, "registerFunction", ["string.linear(string): bool", linearMatches()]);
    const evaluate = callMethod(environment, "parse", [celExpression(matches)]);
    if (!isCallable(evaluate)) throw new Error("the parsed expression cannot be called");
    return prepareCel(evaluate, calls, toolCount);
  };
}

function prepareBufbuildCel(module: PeerModule, calls: readonly SampleCall[], toolCount: number): Engine["judge"] {
  const environment = functionOf(module, "celEnv")();
  const parsed = functionOf(module, "parse")(celExpression("matches"));
  const evaluate = functionOf(module, "plan")(environment, parsed);
  if (!isCallable(evaluate)) throw new Error("the planned expression cannot be called");
  return prepareCel(evaluate, calls, toolCount);
}

const celJs: Peer = { name: "@marcbachmann/cel-js", version: "8.0.0", entry: "lib/index.js" };

/** The engines that Callgate is compared with. */
export const peerEngines: readonly PeerEngine[] = [
  {
    label: "Cedar (cedar-wasm, preparsed)",
    peer: { name: "@cedar-policy/cedar-wasm", version: "4.13.0", entry: "nodejs/cedar_wasm.js" },
    prepare: prepareCedar,
  },
  {
    label: "CEL (cel-js)",
    peer: celJs,
    prepare: prepareCelJs("matches"),
  },
  {
    label: "CEL (cel-js, linear-time regex)",
    peer: celJs,
    prepare: prepareCelJs("linear"),
  },
  {
    label: "CEL (bufbuild)",
    peer: { name: "@bufbuild/cel", version: "0.6.1", entry: "dist/esm/index.js" },
    prepare: prepareBufbuildCel,
  },
];

/** Every peer engine that is here, and the names of those that are not. */
export async function loadPeerEngines(): Promise<{
  readonly found: readonly { readonly engine: PeerEngine; readonly module: PeerModule }[];
  readonly missing: readonly string[];
}> {
  const found: { engine: PeerEngine; module: PeerModule }[] = [];
  const missing: string[] = [];
  for (const engine of peerEngines) {
    const module = await loadPeer(engine.peer);
    if (module === undefined) missing.push(`${engine.peer.name} ${engine.peer.version}`);
    else found.push({ engine, module });
  }
  return { found, missing: [...new Set(missing)] };
}
