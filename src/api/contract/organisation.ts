import { z } from "zod";
import { time } from "./common.ts";
import { type AnyOperation, noContent, nothing, type Operation } from "./operation.ts";

/** The one organisation of an installation. */
export interface OrganisationView {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly revision: number;
}

const organisation: z.ZodType<OrganisationView> = z
  .strictObject({ id: z.string(), name: z.string(), createdAt: time, revision: z.int() })
  .meta({ id: "Organisation" });

/** What of an organisation can be changed. */
export interface OrganisationEdit {
  readonly name: string;
}

const organisationEdit: z.ZodType<OrganisationEdit> = z.strictObject({ name: z.string().min(1).max(200) });

/** The organisation. */
export const getOrganisation: Operation<{ answer: OrganisationView }> = {
  id: "getOrganisation",
  method: "GET",
  path: "/organisation",
  tag: "organisation",
  summary: "Read the organisation",
  access: "members.read",
  params: nothing,
  query: nothing,
  body: noContent,
  answer: organisation,
  status: 200,
  revision: "shown",
  codes: ["NOT_FOUND"],
};

/** Another name for it. */
export const editOrganisation: Operation<{ body: OrganisationEdit; answer: OrganisationView }> = {
  id: "editOrganisation",
  method: "PATCH",
  path: "/organisation",
  tag: "organisation",
  summary: "Rename the organisation",
  access: "organisation.write",
  params: nothing,
  query: nothing,
  body: organisationEdit,
  answer: organisation,
  status: 200,
  revision: "demanded",
  codes: ["NOT_FOUND"],
};

/** Every operation on the organisation. */
export const organisationOperations: readonly AnyOperation[] = [getOrganisation, editOrganisation];
