import { isList, isObject, type JsonValue } from "../values/json.ts";
import type { ServerRecord, ToolParameter, ToolRecord } from "./server-record.ts";

/** Signs of an allowed value that is a word, not a sentence of the server's. */
const wordPattern = /^\S{1,64}(?: \S{1,64}){0,2}$/u;

/**
 * Pure. A record without any sentence of the server's: no titles, descriptions and schemas, of annotations only the
 * hints, of allowed values only words, of findings not what was seen. Names, types, judgements and our own sentences stay.
 */
export function factsOnly(record: ServerRecord): ServerRecord {
  const { description: _description, ...rest } = record;
  return {
    ...rest,
    tools: record.tools.map(toolFacts),
    findings: record.findings.map((finding) => ({ ...finding, seen: "" })),
  };
}

function toolFacts(tool: ToolRecord): ToolRecord {
  const { title: _title, description: _description, inputSchema: _in, outputSchema: _out, annotations, ...rest } = tool;
  const hints = hintsOf(annotations);
  return {
    ...rest,
    parameters: tool.parameters.map(parameterFacts),
    ...(hints === undefined ? {} : { annotations: hints }),
    findings: tool.findings.map((finding) => ({ ...finding, seen: "" })),
  };
}

function parameterFacts({ name, type, required, enum: choices }: ToolParameter): ToolParameter {
  const areWords = choices?.every((choice) =>
    typeof choice === "string" ? choice === "" || wordPattern.test(choice) : !isList(choice) && !isObject(choice),
  );
  return { name, type, required, ...(choices !== undefined && areWords === true ? { enum: choices } : {}) };
}

function hintsOf(annotations: JsonValue | undefined): JsonValue | undefined {
  if (!isObject(annotations)) return undefined;
  return Object.fromEntries(Object.entries(annotations).filter(([, value]) => typeof value === "boolean"));
}
