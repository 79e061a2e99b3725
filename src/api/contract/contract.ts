import { accountOperations } from "./account.ts";
import { credentialOperations } from "./credentials.ts";
import { draftOperations } from "./drafts.ts";
import { grantOperations } from "./grants.ts";
import { memberOperations } from "./members.ts";
import { organisationOperations } from "./organisation.ts";
import type { AnyOperation } from "./operation.ts";
import { policyOperations } from "./policies.ts";
import { reviewOperations } from "./reviews.ts";
import { serverOperations } from "./servers.ts";

/** Every operation of the HTTP API, as the OpenAPI document lists them. */
export const contract: readonly AnyOperation[] = [
  ...serverOperations,
  ...reviewOperations,
  ...credentialOperations,
  ...policyOperations,
  ...draftOperations,
  ...grantOperations,
  ...organisationOperations,
  ...memberOperations,
  ...accountOperations,
];
