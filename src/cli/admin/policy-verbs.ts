import { readTextFile } from "../../config/read-text-file.ts";
import { validatePolicy } from "../../api/contract/drafts.ts";
import {
  attachPolicy,
  createPolicy,
  deletePolicy,
  getPolicy,
  listPolicies,
  savePolicy,
  type SavedPolicyView,
} from "../../api/contract/policies.ts";
import { diffVersions, getVersion, listVersions, restoreVersion } from "../../api/contract/policy-versions.ts";
import type { InputProblemView } from "../../api/contract/problem.ts";
import { type Arguments, type Option, UsageError } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { formatFields, formatTable } from "../output/table.ts";
import { shown } from "../output/rows.ts";
import { type AdminVerb, type Shown, word } from "./admin-verb.ts";

const saveOptions: Readonly<Record<string, Option>> = {
  title: { type: "string", value: "TEXT", description: "what people see" },
  note: { type: "string", value: "TEXT", description: "why, for those who read the history" },
};

/** `callgate policies ...` */
export const policyVerbs: Readonly<Record<string, AdminVerb>> = {
  list: {
    takes: "",
    description: "Lists the policies.",
    example: "callgate policies list",
    run: async (client) => {
      const policies = await client.all(listPolicies);
      const rows = policies.map(({ id, version, source, isLoaded, grants }) => [
        id,
        `${version}`,
        source,
        isLoaded ? `${grants.length} grants` : "cannot be loaded: denies everything",
      ]);
      return { value: policies, lines: formatTable(["ID", "VERSION", "FROM", "USED BY"], rows) };
    },
  },
  show: {
    takes: "ID",
    description: "Prints a policy's text as it was saved: the one in force, or a version.",
    options: { version: { type: "string", value: "N", description: "another version than the one in force" } },
    example: "callgate policies show careful > policy.json",
    run: async (client, args) => {
      const policyId = word(args, 0);
      const text = args.text("version");
      const value =
        text === undefined
          ? await client.send(getPolicy, { params: { policyId } })
          : await client.send(getVersion, { params: { policyId, version: versionOf(text) } });
      return { value, lines: [value.document.replace(/\n$/, "")] };
    },
  },
  create: {
    takes: "ID FILE",
    description: "Makes a policy with its first version.",
    options: saveOptions,
    example: "callgate policies create careful policy.json",
    run: async (client, args) =>
      showSaved(
        await client.send(createPolicy, { body: { id: word(args, 0), document: readFile(args), ...described(args) } }),
      ),
  },
  save: {
    takes: "ID FILE",
    description: "Saves a text as a policy's next version, in force from the next call on.",
    options: saveOptions,
    example: "callgate policies save careful policy.json --note 'refunds up to 200'",
    run: async (client, args) => {
      const params = { policyId: word(args, 0) };
      const document = readFile(args);
      const { revision } = await client.send(getPolicy, { params });
      return showSaved(await client.send(savePolicy, { params, revision, body: { document, ...described(args) } }));
    },
  },
  versions: {
    takes: "ID",
    description: "Lists the versions of a policy, the latest first.",
    example: "callgate policies versions careful",
    run: async (client, args) => {
      const versions = await client.all(listVersions, { params: { policyId: word(args, 0) } });
      const rows = versions.map(({ version, createdAt, createdBy, note }) => [
        `${version}`,
        createdAt,
        createdBy,
        note,
      ]);
      return { value: versions, lines: formatTable(["VERSION", "SAVED", "BY", "NOTE"], rows) };
    },
  },
  diff: {
    takes: "ID FROM [TO]",
    description: "Compares two versions of a policy; without TO the one in force. Exit code 1 when they differ.",
    example: "callgate policies diff careful 3 5",
    run: async (client, args) => {
      const params = { policyId: word(args, 0) };
      const to = word(args, 2);
      const query = {
        from: versionOf(word(args, 1)),
        to: to === "" ? (await client.send(getPolicy, { params })).version : versionOf(to),
      };
      const value = await client.send(diffVersions, { params, query });
      const exitCode = value.diff === "" ? exitCodes.done : exitCodes.refused;
      return { value, lines: value.diff === "" ? ["they are the same"] : shownLines(value.diff), exitCode };
    },
  },
  restore: {
    takes: "ID VERSION",
    description: "Saves an earlier version's text as the next version.",
    example: "callgate policies restore careful 3",
    run: async (client, args) => {
      const params = { policyId: word(args, 0), version: versionOf(word(args, 1)) };
      const { revision } = await client.send(getPolicy, { params: { policyId: params.policyId } });
      return showSaved(await client.send(restoreVersion, { params, revision }));
    },
  },
  attach: {
    takes: "ID SERVER GRANT ...",
    description: "Gives grants this policy for a server that they open, all or none.",
    example: "callgate policies attach careful notes k3v9x2m4q8z1",
    run: async (client, args) => {
      const [policyId = "", server = "", ...grants] = args.positionals;
      const value = await client.send(attachPolicy, { params: { policyId }, body: { server, grants } });
      return { value, lines: [`${value.grants.length} grants have the policy ${value.policy} on ${value.server} now`] };
    },
  },
  remove: {
    takes: "ID",
    description: "Removes a policy; its versions stay readable. Refused while grants have it, unless `--detach`.",
    options: {
      detach: { type: "boolean", description: "leave those grants without a policy: everything is denied there" },
    },
    example: "callgate policies remove careful",
    run: async (client, args) => {
      const params = { policyId: word(args, 0) };
      const { revision } = await client.send(getPolicy, { params });
      const query = { detach: args.flag("detach") ? ("true" as const) : ("false" as const) };
      const value = await client.send(deletePolicy, { params, query, revision });
      const left = value.grantsWithoutPolicy.map(
        (grant) => `the grant ${grant} has no policy now: it denies everything`,
      );
      return { value, lines: [`removed the policy ${params.policyId}`, ...left] };
    },
  },
  validate: {
    takes: "FILE",
    description: "Has the gateway check a text without saving it. Exit code 1 when it would not be saved.",
    options: { server: { type: "string", value: "ID", description: "hold it against the tools of this server too" } },
    example: "callgate policies validate policy.json --server notes",
    run: async (client, args) => {
      const server = args.text("server");
      const document = readFile(args, 0);
      const body = { document, ...(server === undefined ? {} : { server }) };
      const value = await client.send(validatePolicy, { body });
      const summary = `${word(args, 0)} ${value.isValid ? "is valid" : "would not be saved"}`;
      const exitCode = value.isValid ? exitCodes.done : exitCodes.refused;
      return { value, lines: [...problemLines(value.problems), summary], exitCode };
    },
  },
};

function showSaved(value: SavedPolicyView): Shown {
  const { id, version, sha256, grants } = value.policy;
  const fields = formatFields({ id, version: `${version}`, sha256, "in force for": `${grants.length} grants` });
  return { value, lines: [...problemLines(value.warnings), ...fields] };
}

/** Mistakes in a text for people, each with its place and what to do. */
export function problemLines(problems: readonly InputProblemView[]): readonly string[] {
  return problems.map(({ severity = "error", code = "", line = 1, column = 1, path, message, hint }) =>
    shown(`${severity} ${code} ${line}:${column} ${path}: ${message}; ${hint}`),
  );
}

/** Lines of a text that others wrote, for a terminal. */
export function shownLines(text: string): readonly string[] {
  return text.replace(/\n$/, "").split("\n").map(shown);
}

function readFile(args: Arguments, index = 1): string {
  const text = readTextFile(word(args, index));
  if (typeof text === "string") return text;
  throw new UsageError(text.message);
}

function described(args: Arguments): { readonly title?: string; readonly note?: string } {
  const [title, note] = [args.text("title"), args.text("note")];
  return { ...(title === undefined ? {} : { title }), ...(note === undefined ? {} : { note }) };
}

function versionOf(text: string): number {
  const version = Number(text);
  if (Number.isInteger(version) && version > 0) return version;
  throw new UsageError(`\`${text}\` is not the number of a version`);
}
