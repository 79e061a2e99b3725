import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { operators } from "../../src/policy/conditions/operators.ts";
import { loadPolicy } from "../../src/policy/index.ts";
import { readDecisionCases, readDocumentCases } from "./decision-case.ts";

const schema: object = JSON.parse(readFileSync(join(import.meta.dirname, "../../schema/policy.schema.json"), "utf8"));
const isValid = new Ajv2020({ strict: false }).compile(schema);

const policies = readDecisionCases().flatMap(([, group]) => (group.policy === undefined ? [] : [group.policy]));

/** Codes that are about the shape of a document, which editors check by the JSON Schema. */
const shapeCodes = ["KEY_UNKNOWN", "KEY_MISSING", "TYPE_WRONG", "VALUE_UNKNOWN", "VALUE_OUT_OF_RANGE"];

describe("schema/policy.schema.json", () => {
  it.each(policies.map((policy, index) => [index, policy] as const))(
    "accepts policy %i of the decision tables",
    (_, policy) => {
      expect([isValid(policy), isValid.errors]).toEqual([true, null]);
    },
  );

  it.each(
    readDocumentCases()
      .filter((one) => one.document !== undefined)
      .map((one) => [one.name, one] as const),
  )("agrees with the loader: %s", (_, one) => {
    const { problems } = loadPolicy(JSON.stringify(one.document), { identity: { id: "p", version: 1, sha256: "00" } });
    // The members of a named list are known only to the loader.
    const isShapeFault = problems.some(({ code, path }) => shapeCodes.includes(code) && !path.endsWith("/$list"));
    const hasUnknownOperator = problems.some(({ code }) => code === "OPERATOR_UNKNOWN");
    expect(isValid(one.document)).toBe(!isShapeFault && !hasUnknownOperator);
  });

  it("offers every operator", () => {
    const policy = (op: string): unknown =>
      parse(
        `{ version: "1", default: deny, all_tools: { deny_if: [{ conditions: [{ path: args.a, op: ${op}, value: 1 }] }] } }`,
      );
    expect(operators.filter((op) => !isValid(policy(op)))).toEqual([]);
    expect(isValid(policy("equals"))).toBe(false);
  });
});
