import { z } from "zod";
import { type Finding, severities, type Severity } from "../../catalogue/checks/finding.ts";

/** What in a definition a person should look at. */
export interface FindingView {
  readonly code: string;
  readonly severity: Severity;
  /** RFC 6901 pointer into the definition. */
  readonly place: string;
  /** Made visible and cut. */
  readonly seen: string;
  readonly message: string;
}

/** The same with the tool that it is in; the name is the server's text. */
export interface ToolFindingView extends FindingView {
  readonly tool: string;
}

const members = {
  code: z.string(),
  severity: z.enum(severities),
  place: z.string(),
  seen: z.string(),
  message: z.string(),
};

/** In a definition that is known from where it stands. */
export const finding: z.ZodType<FindingView> = z.strictObject(members);

/** In one of a server's tools. */
export const toolFinding: z.ZodType<ToolFindingView> = z
  .strictObject({ tool: z.string(), ...members })
  .meta({ id: "ToolFinding" });

/** Pure. A finding as the API shows it. */
export function findingView({ code, severity, place, seen, message }: Finding): FindingView {
  return { code, severity, place, seen, message };
}
