import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import * as fc from "fast-check";
import type { JsonObject, JsonValue } from "../../../src/values/json.ts";
import { isObject } from "../../../src/values/json.ts";
import { type AdminGateway, startAdmin, textAt } from "../../kit/admin.ts";
import { type ApiRequest, type FuzzedOperation, fuzzedOperations } from "./api-requests.ts";
import type { Pools } from "./schema-values.ts";

/** A gateway whose HTTP API is asked whatever its own OpenAPI document allows, and what it does not. */
export interface ApiTarget {
  readonly operations: readonly FuzzedOperation[];
  /** Sends a request and throws when the answer is a fault, or none that the document describes. The status. */
  send(operation: FuzzedOperation, request: ApiRequest): Promise<number>;
}

const document = '{"version":"1","default":"deny","tools":{"safe":{}}}';

/** Starts one, with a server, a policy and a grant of the files and of the store each. Closed by `closeAll`. */
export async function startApiTarget(): Promise<ApiTarget> {
  const admin = await startAdmin({
    servers: { echo: [] },
    policies: { p: document },
    grants: { g: { servers: { echo: "p" } } },
    settings: { allow: { private_addresses: true } },
  });
  const pools = await fill(admin);
  const answer = await admin.stranger("GET", "/openapi.json");
  const openapi: JsonValue = JSON.parse(answer.text);
  if (!isObject(openapi)) throw new Error("there is no OpenAPI document");
  const check = answerCheck(openapi);
  return {
    operations: fuzzedOperations(openapi, pools),
    send: async (operation, request) => {
      const response = await fetch(`${admin.gateway.origin}/api/v1${request.path}`, {
        method: request.method,
        headers: {
          authorization: `Bearer ${admin.tokens.admin}`,
          ...(request.body === undefined ? {} : { "content-type": "application/json" }),
          ...request.headers,
        },
        ...(request.body === undefined ? {} : { body: request.body }),
      });
      check(operation, response, await response.text());
      return response.status;
    },
  };
}

/** Things to ask for; what requests are made of now and then. */
async function fill({ as }: AdminGateway): Promise<Pools> {
  const access = { kind: "url", url: "http://127.0.0.1:1/mcp", transport: "streamable-http" };
  await as.admin("POST", "/servers", { body: { id: "notes", access } });
  await as.admin("POST", "/policies", { body: { id: "open", document } });
  const made = await as.admin("POST", "/grants", { body: { label: "a", servers: { notes: "open" } } });
  const grant = textAt(made, "grant", "id");
  const [servers, policies, grants] = [
    ["echo", "notes", "none"],
    ["p", "open", "none"],
    ["g", grant, "none"],
  ];
  return {
    serverId: servers,
    server: servers,
    policyId: policies,
    policy: policies,
    grantId: grants,
    grant: grants,
    document: [document],
    // Nothing is asked that is not on this machine.
    access: [access],
    url: [access.url],
    issuer: [access.url],
    version: [1, 2],
    "If-Match": ['"1"', "*", '"7"'],
  };
}

function answerCheck(openapi: JsonObject): (operation: FuzzedOperation, response: Response, text: string) => void {
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema(openapi, "openapi");
  const compiled = new Map<string, ValidateFunction>();
  const validator = (schema: JsonObject): ValidateFunction => {
    const text = JSON.stringify(schema).replaceAll('"#/components/', '"openapi#/components/');
    const known = compiled.get(text) ?? ajv.compile(JSON.parse(text));
    compiled.set(text, known);
    return known;
  };
  return ({ id, answers }, response, text) => {
    const status = String(response.status);
    const fault = (what: string): Error => new Error(`${id} answered ${status}, ${what}: ${text.slice(0, 500)}`);
    if (status === "500") throw fault("a fault of the gateway's own");
    if (!answers.has(status)) throw fault("which its document does not name");
    const schema = answers.get(status);
    if (schema === undefined) {
      if (text !== "") throw fault("which has no content");
      return;
    }
    const type = response.status < 400 ? "application/json" : "application/problem+json";
    if (response.headers.get("content-type") !== type) throw fault("of another type");
    const validate = validator(schema);
    if (!validate(JSON.parse(text))) throw fault(ajv.errorsText(validate.errors));
  };
}

/** A property of one operation: whatever is sent, the answer is one that its document describes. */
export function answersAsDescribed(
  target: ApiTarget,
  operation: FuzzedOperation,
  seen: (status: number) => void,
): fc.IAsyncProperty<[ApiRequest]> {
  return fc.asyncProperty(operation.requests, async (request) => {
    seen(await target.send(operation, request));
  });
}
