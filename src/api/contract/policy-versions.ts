import { z } from "zod";
import { idText, type Page, pageOf, type PageQuery, pageQuery, time } from "./common.ts";
import { type AnyOperation, noContent, nothing, type Operation } from "./operation.ts";
import { policyParams, type PolicyParams, savedPolicy, type SavedPolicyView } from "./policies.ts";

/** A version of a policy, without its text. */
export interface VersionSummary {
  readonly version: number;
  readonly sha256: string;
  readonly note: string;
  readonly createdBy: string;
  readonly createdAt: string;
}

/** A version with its text. */
export interface VersionView extends VersionSummary {
  readonly document: string;
}

const versionMembers = {
  version: z.int(),
  sha256: z.string(),
  note: z.string(),
  createdBy: z.string(),
  createdAt: time,
};

const versionSummary: z.ZodType<VersionSummary> = z.strictObject(versionMembers).meta({ id: "PolicyVersionSummary" });

const versionView: z.ZodType<VersionView> = z
  .strictObject({ ...versionMembers, document: z.string() })
  .meta({ id: "PolicyVersion" });

/** A policy's history. */
export const listVersions: Operation<{ params: PolicyParams; query: PageQuery; answer: Page<VersionSummary> }> = {
  id: "listVersions",
  method: "GET",
  path: "/policies/{policyId}/versions",
  tag: "policies",
  summary: "List the versions of a policy, also of one that was removed, the latest first",
  access: "policies.read",
  params: policyParams,
  query: pageQuery,
  body: noContent,
  answer: pageOf("PolicyVersionPage", versionSummary),
  status: 200,
  codes: ["NOT_FOUND"],
};

const versionNumber = z.coerce.number().int().min(1).max(1_000_000_000);

/** Names a version. */
export interface VersionParams extends PolicyParams {
  readonly version: number;
}

const versionParams: z.ZodType<VersionParams> = z.strictObject({ policyId: idText, version: versionNumber });

/** One version. */
export const getVersion: Operation<{ params: VersionParams; answer: VersionView }> = {
  id: "getVersion",
  method: "GET",
  path: "/policies/{policyId}/versions/{version}",
  tag: "policies",
  summary: "Read a version of a policy, also of one that was removed",
  access: "policies.read",
  params: versionParams,
  query: nothing,
  body: noContent,
  answer: versionView,
  status: 200,
  codes: ["NOT_FOUND"],
};

/** Which versions are compared. */
export interface DiffQuery {
  readonly from: number;
  readonly to: number;
}

/** What changed between two versions. */
export interface DiffView extends DiffQuery {
  /** As `diff -u` shows it; empty when nothing did. */
  readonly diff: string;
}

/** Two versions side by side. */
export const diffVersions: Operation<{ params: PolicyParams; query: DiffQuery; answer: DiffView }> = {
  id: "diffVersions",
  method: "GET",
  path: "/policies/{policyId}/diff",
  tag: "policies",
  summary: "Compare two versions of a policy",
  access: "policies.read",
  params: policyParams,
  query: z.strictObject({ from: versionNumber, to: versionNumber }),
  body: noContent,
  answer: z.strictObject({ from: z.int(), to: z.int(), diff: z.string() }).meta({ id: "PolicyDiff" }),
  status: 200,
  codes: ["NOT_FOUND"],
};

/** An earlier version in force again, as the next one. */
export const restoreVersion: Operation<{ params: VersionParams; answer: SavedPolicyView }> = {
  id: "restoreVersion",
  method: "POST",
  path: "/policies/{policyId}/versions/{version}/restore",
  tag: "policies",
  summary: "Save an earlier version's text as the next version",
  access: "policies.write",
  params: versionParams,
  query: nothing,
  body: noContent,
  answer: savedPolicy,
  status: 200,
  revision: "demanded",
  codes: ["NOT_FOUND", "READ_ONLY"],
};

/** The operations of this file. */
export const policyVersionOperations: readonly AnyOperation[] = [
  listVersions,
  getVersion,
  diffVersions,
  restoreVersion,
];
