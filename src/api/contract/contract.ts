import { accountOperations } from "./account.ts";
import { catalogueOperations } from "./catalogue.ts";
import { credentialOperations } from "./credentials.ts";
import { adminEventOperations } from "./admin-events.ts";
import { callOperations } from "./calls.ts";
import { counterOperations } from "./counters.ts";
import { draftOperations } from "./drafts.ts";
import { effectiveOperations } from "./effective.ts";
import { grantOperations } from "./grants.ts";
import { memberOperations } from "./members.ts";
import type { AnyOperation } from "./operation.ts";
import { organisationOperations } from "./organisation.ts";
import { policyOperations } from "./policies.ts";
import { policyVersionOperations } from "./policy-versions.ts";
import { reviewOperations } from "./reviews.ts";
import { serverToolOperations } from "./server-tools.ts";
import { serverOperations } from "./servers.ts";

/** Every operation of the HTTP API, as the OpenAPI document lists them. */
export const contract: readonly AnyOperation[] = [
  ...serverOperations,
  ...serverToolOperations,
  ...reviewOperations,
  ...credentialOperations,
  ...policyOperations,
  ...policyVersionOperations,
  ...draftOperations,
  ...grantOperations,
  ...effectiveOperations,
  ...organisationOperations,
  ...memberOperations,
  ...accountOperations,
  ...callOperations,
  ...adminEventOperations,
  ...catalogueOperations,
  ...counterOperations,
];
