import { z } from "zod";
import { idText, type Page, pageOf, type PageQuery, pageQuery, source, time } from "./common.ts";
import { noContent, nothing, type Operation } from "./operation.ts";

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

/** Names a policy. */
export interface PolicyParams {
  readonly policyId: string;
}

const policyParams: z.ZodType<PolicyParams> = z.strictObject({ policyId: idText });

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
