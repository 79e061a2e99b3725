import { type Preset, presets } from "../../catalogue/recommend.ts";
import type { ServerView } from "../../catalogue-store/views.ts";
import type { PolicyToApply } from "../../control/apply-policy.ts";
import { type ControlContext, notFound } from "../../control/control-context.ts";
import { validateDraft } from "../../control/drafts.ts";
import { policyNameProblem } from "../../control/names.ts";
import { readVersion } from "../../control/policies.ts";
import type { ControlState, GrantEntry, PolicyEntry, ServerEntry } from "../../control/state.ts";
import type { Problem } from "../../errors.ts";
import { sha256Hex } from "../../identity/token.ts";
import { canonicalJson } from "../../values/canonical.ts";
import { isServer } from "./registered-servers.ts";

/** Begins the note of versions that came from here as they stand in the catalogue. */
const fromCatalogue = "from the catalogue: ";

/** What is to be applied, as a form says it. */
export interface ApplyInput {
  /** A registered server's id. */
  readonly server: string;
  /** A preset, or `tool:<slug>`. */
  readonly what: string;
  /** The policy's name; `""` for the one that we suggest. */
  readonly name: string;
  /** The text; `""` for the recommendation as it stands. */
  readonly document: string;
}

/** A policy of the catalogue that can be chosen. */
export interface ChosenPolicy {
  readonly what: string;
  /** The preset, or the tool's slug. */
  readonly label: Preset | (string & {});
  /** Undefined for a preset. */
  readonly tool: string | undefined;
  /** The recommendation as text. */
  readonly document: string;
}

/** Grants that have one policy for the server now. */
export interface GrantsByPolicy {
  /** Undefined: none, and so everything is denied. */
  readonly policy: PolicyEntry | undefined;
  readonly grants: readonly GrantEntry[];
}

/** A grant that has the policy for a server. */
export interface Having {
  readonly grant: GrantEntry;
  readonly server: string;
}

/** What applying would do, as things stand. */
export interface ApplyPlan {
  readonly server: ServerEntry;
  /** Whether the server is known to be the one that the policy was written for. */
  readonly isSame: boolean;
  readonly chosen: ChosenPolicy;
  readonly name: string;
  readonly document: string;
  /** Why the policy cannot have that name. */
  readonly nameFault: string | undefined;
  /** What is wrong with the document, and what is doubtful of it for this server. */
  readonly problems: readonly Problem[];
  /** The policy that has the name now. */
  readonly current: PolicyEntry | undefined;
  /** Grants of the server that will be given the policy. */
  readonly given: readonly GrantsByPolicy[];
  /** Who has the policy already, for this server or another: a new version is theirs too. */
  readonly having: readonly Having[];
  /** Grants of the operator's files with another policy: they cannot be changed here. */
  readonly fixed: readonly GrantEntry[];
  /** Undefined where something is wrong, or nothing would change. */
  readonly step: PolicyToApply | undefined;
  /** A digest of everything here that is decided on: another plan, another digest. */
  readonly digest: string;
}

/** What applying would do. Throws `NOT_FOUND` for a server or a policy that is not there. */
export async function planApply(control: ControlContext, view: ServerView, input: ApplyInput): Promise<ApplyPlan> {
  const state = control.state();
  const server = state.servers.get(input.server);
  if (server === undefined) throw notFound("server", input.server);
  const chosen = chosenPolicy(view, input.what);
  const name = input.name === "" ? `${server.id}-${chosen.label}`.slice(0, 64) : input.name;
  const document = input.document === "" ? chosen.document : input.document;
  const current = state.policies.get(name);
  const nameFault = await faultOfName(control, name, document, current);
  const problems = await validateDraft(control, document, server.id);
  const live = liveGrants(state);
  const others = live.filter(({ servers }) => servers.has(server.id) && servers.get(server.id) !== name);
  const given = others.filter(({ source }) => source === "database");
  const isSaid = current?.document === document;
  const isRefused = nameFault !== undefined || problems.some(({ severity }) => severity === "error");
  const note = `${document === chosen.document ? fromCatalogue : "edited, of the catalogue's "}${view.slug}`;
  const step: PolicyToApply = {
    id: name,
    text: isSaid ? undefined : { document, note },
    revision: current?.source === "database" ? current.revision : undefined,
    server: server.id,
    grants: new Map(given.map(({ id, revision }) => [id, revision])),
  };
  const plan = {
    server,
    isSame: isServer(server.settings.access, view),
    chosen,
    name,
    document,
    nameFault,
    problems,
    current,
    given: [...Map.groupBy(given, ({ servers }) => servers.get(server.id))].map(([policy, grants]) => ({
      policy: policy === undefined ? undefined : state.policies.get(policy),
      grants,
    })),
    having: live.flatMap((grant) => havingOf(grant, name)),
    fixed: others.filter(({ source }) => source === "file"),
    step: isRefused || (isSaid && given.length === 0) ? undefined : step,
  };
  return { ...plan, digest: digestOf(plan) };
}

/** Pure. All grants that were not revoked, as people look for them: by label. */
export function liveGrants({ grants }: Pick<ControlState, "grants">): readonly GrantEntry[] {
  return [...grants.values()]
    .filter(({ revokedMs }) => revokedMs === undefined)
    .toSorted((a, b) => a.label.localeCompare(b.label, "en") || (a.id < b.id ? -1 : 1));
}

/** Pure. The policies of a server that can be chosen; of a tool too, which comes first. */
export function chosenPolicy({ policies, tools }: Pick<ServerView, "policies" | "tools">, what: string): ChosenPolicy {
  const preset = presets.find((known) => known === what);
  if (preset !== undefined)
    return { what, label: preset, tool: undefined, document: textOf(policies[preset].document) };
  const tool = tools.find(({ slug }) => `tool:${slug}` === what);
  if (tool === undefined) throw notFound("policy", what.slice(0, 80));
  return { what, label: tool.slug, tool: tool.name, document: textOf(tool.recommended) };
}

function textOf(document: unknown): string {
  return JSON.stringify(document, undefined, 2);
}

/** Nothing that a person wrote is replaced: of policies of that name only one that came from here gets a next version. */
async function faultOfName(
  { database }: ControlContext,
  name: string,
  document: string,
  current: PolicyEntry | undefined,
): Promise<string | undefined> {
  const problem = policyNameProblem(name);
  if (problem !== undefined) return `${problem.message}: ${problem.hint}`;
  if (current === undefined || current.document === document) return undefined;
  if (current.source === "file")
    return `the policy \`${name}\` comes from the operator's files: give this one another name`;
  const { note } = await readVersion(database.read, name, current.version);
  if (note.startsWith(fromCatalogue)) return undefined;
  return `the policy \`${name}\` did not come from the catalogue, or was edited since: give this one another name`;
}

function havingOf(grant: GrantEntry, policy: string): readonly Having[] {
  return [...grant.servers].flatMap(([server, has]) => (has === policy ? [{ grant, server }] : []));
}

function digestOf({ server, name, document, current, given, having, fixed }: Omit<ApplyPlan, "digest">): string {
  return sha256Hex(
    canonicalJson({
      server: server.id,
      name,
      document,
      current: current === undefined ? null : [current.revision, current.sha256],
      given: given.map(({ policy, grants }) => [
        policy === undefined ? null : [policy.id, policy.sha256],
        grants.map(({ id, revision }) => [id, revision]),
      ]),
      having: having.map((one) => [one.grant.id, one.server]),
      fixed: fixed.map(({ id }) => id),
    }),
  );
}
