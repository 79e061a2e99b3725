/** Where the operations are, below the gateway's origin. */
export const apiPath = "/api/v1";
