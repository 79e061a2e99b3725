import { z } from "zod";

/** An error as it is sent (RFC 9457). */
export interface ProblemView {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** Stable; each has a page in `docs/errors/`. */
  readonly code: string;
  readonly detail: string;
  readonly requestId: string;
  /** What is wrong with what was sent. */
  readonly problems?: readonly InputProblemView[];
}

/** One mistake: where (JSON pointer, RFC 6901), what, and what to do. Mistakes in a document say line and column too. */
export interface InputProblemView {
  readonly path: string;
  readonly message: string;
  readonly hint: string;
  readonly code?: string;
  readonly severity?: "error" | "warning";
  readonly line?: number;
  readonly column?: number;
}

/** A mistake in what was sent, or in a document in it. */
export const inputProblem: z.ZodType<InputProblemView> = z
  .strictObject({
    path: z.string(),
    message: z.string(),
    hint: z.string(),
    code: z.exactOptional(z.string()),
    severity: z.exactOptional(z.enum(["error", "warning"])),
    line: z.exactOptional(z.int()),
    column: z.exactOptional(z.int()),
  })
  .meta({ id: "InputProblem" });

/** Every answer that is no success. */
export const problem: z.ZodType<ProblemView> = z
  .strictObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string(),
    requestId: z.string(),
    problems: z.exactOptional(z.array(inputProblem)),
  })
  .meta({ id: "Problem" });
