import { z } from "zod";
import { idText, type Page, pageOf, type PageQuery, pageQuery, source, time } from "./common.ts";
import { type AnyOperation, noContent, nothing, type Operation } from "./operation.ts";
import { inputProblem, type InputProblemView } from "./problem.ts";

/** A policy in a list. */
export interface PolicySummary {
  readonly id: string;
  readonly title: string;
  readonly source: "file" | "database";
  /** The version in force. */
  readonly version: number;
  readonly sha256: string;
  /** Whether this program can load the text; if not, everything under the policy is denied. */
  readonly isLoaded: boolean;
  /** Ids of the grants that have it. */
  readonly grants: readonly string[];
  readonly updatedAt: string | null;
  readonly revision: number;
}

/** A policy with the text in force. */
export interface PolicyView extends PolicySummary {
  /** JSON or YAML, as it was saved. */
  readonly document: string;
}

const summaryMembers = {
  id: z.string(),
  title: z.string(),
  source,
  version: z.int(),
  sha256: z.string(),
  isLoaded: z.boolean(),
  grants: z.array(z.string()),
  updatedAt: time.nullable(),
  revision: z.int(),
};

const policySummary: z.ZodType<PolicySummary> = z.strictObject(summaryMembers).meta({ id: "PolicySummary" });

const policy: z.ZodType<PolicyView> = z
  .strictObject({ ...summaryMembers, document: z.string() })
  .meta({ id: "Policy" });

/** A policy after it was saved. */
export interface SavedPolicyView {
  readonly policy: PolicyView;
  /** What is doubtful in the text and does not stop it from loading. */
  readonly warnings: readonly InputProblemView[];
}

/** A policy after it was saved. */
export const savedPolicy: z.ZodType<SavedPolicyView> = z
  .strictObject({ policy, warnings: z.array(inputProblem) })
  .meta({ id: "SavedPolicy" });

const title = z.string().min(1).max(200);
const note = z.string().max(2_000);

/** The text of a policy, JSON or YAML. */
export const documentText: z.ZodType<string> = z.string().min(1).max(1_000_000);

/** A policy to make. */
export interface PolicyToCreate {
  /** Its name; never changes. */
  readonly id: string;
  /** Default: the id. */
  readonly title?: string;
  readonly document: string;
  /** Why, for those who read the history. */
  readonly note?: string;
}

/** What changes of a policy. A new text is a new version. */
export interface PolicyToSave {
  readonly title?: string;
  readonly document?: string;
  readonly note?: string;
}

const policyToCreate: z.ZodType<PolicyToCreate> = z
  .strictObject({
    id: idText,
    title: z.exactOptional(title),
    document: documentText,
    note: z.exactOptional(note),
  })
  .meta({ id: "PolicyToCreate" });

const policyToSave: z.ZodType<PolicyToSave> = z
  .strictObject({
    title: z.exactOptional(title),
    document: z.exactOptional(documentText),
    note: z.exactOptional(note),
  })
  .meta({ id: "PolicyToSave" });

/** Names a policy. */
export interface PolicyParams {
  readonly policyId: string;
}

/** The path's part that names a policy. */
export const policyParams: z.ZodType<PolicyParams> = z.strictObject({ policyId: idText });

/** All policies. */
export const listPolicies: Operation<{ query: PageQuery; answer: Page<PolicySummary> }> = {
  id: "listPolicies",
  method: "GET",
  path: "/policies",
  tag: "policies",
  summary: "List the policies, by name",
  access: "policies.read",
  params: nothing,
  query: pageQuery,
  body: noContent,
  answer: pageOf("PolicyPage", policySummary),
  status: 200,
  codes: [],
};

/** A new policy. */
export const createPolicy: Operation<{ body: PolicyToCreate; answer: SavedPolicyView }> = {
  id: "createPolicy",
  method: "POST",
  path: "/policies",
  tag: "policies",
  summary: "Make a policy with its first version",
  access: "policies.write",
  params: nothing,
  query: nothing,
  body: policyToCreate,
  answer: savedPolicy,
  status: 201,
  revision: "shown",
  isRepeatable: "plain",
  codes: ["NAME_TAKEN"],
};

/** One policy. */
export const getPolicy: Operation<{ params: PolicyParams; answer: PolicyView }> = {
  id: "getPolicy",
  method: "GET",
  path: "/policies/{policyId}",
  tag: "policies",
  summary: "Read a policy with the text in force",
  access: "policies.read",
  params: policyParams,
  query: nothing,
  body: noContent,
  answer: policy,
  status: 200,
  revision: "shown",
  codes: ["NOT_FOUND"],
};

/** A policy's next version. */
export const savePolicy: Operation<{ params: PolicyParams; body: PolicyToSave; answer: SavedPolicyView }> = {
  id: "savePolicy",
  method: "PATCH",
  path: "/policies/{policyId}",
  tag: "policies",
  summary: "Save a policy: a new text is the next version, in force from the next call on",
  access: "policies.write",
  params: policyParams,
  query: nothing,
  body: policyToSave,
  answer: savedPolicy,
  status: 200,
  revision: "demanded",
  codes: ["NOT_FOUND", "READ_ONLY"],
};

/** Whether grants that have the policy are left without one. */
export interface DetachQuery {
  readonly detach: "true" | "false";
}

/** Grants that are without a policy now: everything of them is denied. */
export interface DetachedGrants {
  readonly grantsWithoutPolicy: readonly string[];
}

/** A policy, gone. */
export const deletePolicy: Operation<{ params: PolicyParams; query: DetachQuery; answer: DetachedGrants }> = {
  id: "deletePolicy",
  method: "DELETE",
  path: "/policies/{policyId}",
  tag: "policies",
  summary: "Remove a policy; its versions stay readable",
  access: "policies.write",
  params: policyParams,
  query: z.strictObject({ detach: z.enum(["true", "false"]).default("false") }),
  body: noContent,
  answer: z.strictObject({ grantsWithoutPolicy: z.array(z.string()) }).meta({ id: "DetachedGrants" }),
  status: 200,
  revision: "demanded",
  codes: ["NOT_FOUND", "READ_ONLY", "IN_USE"],
};

/** Which grants get the policy, and for which of their servers. */
export interface Attachment {
  readonly server: string;
  readonly grants: readonly string[];
}

/** The grants that have the policy for that server now. */
export interface AttachedView extends Attachment {
  readonly policy: string;
}

const grantIds = z.array(idText).min(1).max(1_000);

/** A policy to many grants at once. */
export const attachPolicy: Operation<{ params: PolicyParams; body: Attachment; answer: AttachedView }> = {
  id: "attachPolicy",
  method: "POST",
  path: "/policies/{policyId}/attach",
  tag: "policies",
  summary: "Give grants this policy for a server that they open, all or none",
  access: "grants.attach",
  params: policyParams,
  query: nothing,
  body: z.strictObject({ server: idText, grants: grantIds }).meta({ id: "Attachment" }),
  answer: z
    .strictObject({ policy: z.string(), server: z.string(), grants: z.array(z.string()) })
    .meta({ id: "AttachedPolicy" }),
  status: 200,
  codes: ["NOT_FOUND", "READ_ONLY"],
};

/** The operations of this file. */
export const policyOperations: readonly AnyOperation[] = [
  listPolicies,
  createPolicy,
  getPolicy,
  savePolicy,
  deletePolicy,
  attachPolicy,
];
