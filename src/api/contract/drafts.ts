import { z } from "zod";
import { idText, jsonObject, time } from "./common.ts";
import { type AnyOperation, nothing, type Operation } from "./operation.ts";
import { documentText } from "./policies.ts";
import { inputProblem, type InputProblemView } from "./problem.ts";

/** A text to check. */
export interface DraftToValidate {
  readonly document: string;
  /** The server whose kept list of tools it is held against. */
  readonly server?: string;
}

/** What is wrong with a text, and what is doubtful. */
export interface Validation {
  /** Whether it would be saved. */
  readonly isValid: boolean;
  /** By place in the text. */
  readonly problems: readonly InputProblemView[];
}

/** A draft, checked. */
export const validatePolicy: Operation<{ body: DraftToValidate; answer: Validation }> = {
  id: "validatePolicy",
  method: "POST",
  path: "/policies/validate",
  tag: "policies",
  summary: "Check a text without saving it; with a server also against its tools",
  access: "policies.read",
  params: nothing,
  query: nothing,
  body: z.strictObject({ document: documentText, server: z.exactOptional(idText) }).meta({ id: "DraftToValidate" }),
  answer: z.strictObject({ isValid: z.boolean(), problems: z.array(inputProblem) }).meta({ id: "Validation" }),
  status: 200,
  codes: ["NOT_FOUND"],
};

/** A call that nobody sends. */
export interface ImaginedCall {
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** When; default now. */
  readonly at?: string;
}

/** Who would send it, by which policy, and where. */
export interface ImaginedCaller {
  /** A policy's id, for the version in force; or else `document`. */
  readonly policy?: string;
  readonly document?: string;
  /** The server that is called: its kept tools say what is listed and what arguments are. */
  readonly server: string;
  /** Whose label, owner and tags are read; default: a grant without any. */
  readonly grant?: string;
}

/** A call to explain. */
export interface CallToExplain extends ImaginedCaller {
  readonly call: ImaginedCall;
}

/** Calls to judge, one after the other. */
export interface CallsToTest extends ImaginedCaller {
  readonly calls: readonly ImaginedCall[];
}

/** What would become of a call. */
export interface DecisionView {
  readonly outcome: "allow" | "deny" | "hold";
  readonly code: string;
  /** Pointer to the rule that decided; empty when a call is allowed. */
  readonly rule: string;
  readonly message: string;
}

/** A step of a decision. */
export interface StepView {
  readonly step: number;
  readonly result: "passed" | "denied" | "held" | "asks" | "observed" | "idle";
  readonly rule: string;
  readonly text: string;
}

const decision: z.ZodType<DecisionView> = z
  .strictObject({
    outcome: z.enum(["allow", "deny", "hold"]),
    code: z.string(),
    rule: z.string(),
    message: z.string(),
  })
  .meta({ id: "Decision" });

const imaginedCall: z.ZodType<ImaginedCall> = z
  .strictObject({ tool: z.string().min(1).max(500), arguments: jsonObject, at: z.exactOptional(time) })
  .meta({ id: "ImaginedCall" });

const callerMembers = {
  policy: z.exactOptional(idText),
  document: z.exactOptional(documentText),
  server: idText,
  grant: z.exactOptional(idText),
};

/** Why a policy decides as it does. */
export interface ExplanationView {
  readonly decision: DecisionView;
  /** In order; those after a denial are left out. */
  readonly steps: readonly StepView[];
}

/** A call, explained. */
export const explainCall: Operation<{ body: CallToExplain; answer: ExplanationView }> = {
  id: "explainCall",
  method: "POST",
  path: "/policies/explain",
  tag: "policies",
  summary: "Say what a policy, or a draft, makes of a call, step by step; nothing is called or counted",
  access: "policies.read",
  params: nothing,
  query: nothing,
  body: z.strictObject({ ...callerMembers, call: imaginedCall }).meta({ id: "CallToExplain" }),
  answer: z
    .strictObject({
      decision,
      steps: z.array(
        z.strictObject({
          step: z.int(),
          result: z.enum(["passed", "denied", "held", "asks", "observed", "idle"]),
          rule: z.string(),
          text: z.string(),
        }),
      ),
    })
    .meta({ id: "Explanation" }),
  status: 200,
  codes: ["NOT_FOUND"],
};

/** What would become of calls. */
export interface TestView {
  /** In the order of the calls. */
  readonly decisions: readonly DecisionView[];
}

/** Calls, judged with limits and flows on counters of their own. */
export const testCalls: Operation<{ body: CallsToTest; answer: TestView }> = {
  id: "testCalls",
  method: "POST",
  path: "/policies/test",
  tag: "policies",
  summary: "Judge calls one after the other by a policy, or a draft, on counters of their own; nothing is called",
  access: "policies.read",
  params: nothing,
  query: nothing,
  body: z.strictObject({ ...callerMembers, calls: z.array(imaginedCall).min(1).max(100) }).meta({ id: "CallsToTest" }),
  answer: z.strictObject({ decisions: z.array(decision) }).meta({ id: "TestedCalls" }),
  status: 200,
  codes: ["NOT_FOUND"],
};

/** The operations of this file. */
export const draftOperations: readonly AnyOperation[] = [validatePolicy, explainCall, testCalls];
