import type { Problem } from "../errors.ts";
import { readToolList } from "../protocol/tool-list.ts";
import type { JsonObject, JsonValue } from "../values/json.ts";
import { readTextFile } from "./read-text-file.ts";

/** A tool of a saved list. */
export interface SavedTool {
  readonly name: string;
  readonly inputSchema: JsonValue | undefined;
  /** The whole definition, as the server wrote it. */
  readonly definition: JsonObject;
}

/** Reads a saved `tools/list` answer: the whole JSON-RPC message, its result, or the bare list of tools. */
export function readToolFile(file: string): readonly SavedTool[] | Problem {
  const text = readTextFile(file);
  if (typeof text !== "string") return text;
  for (const wrapped of [text, `{"result":${text}}`, `{"result":{"tools":${text}}}`]) {
    const list = readToolList(wrapped);
    if (list.ok)
      return list.tools.map(({ name, definition }) => ({ name, inputSchema: definition["inputSchema"], definition }));
  }
  return {
    severity: "error",
    code: "TOOLS_INVALID",
    message: `the file \`${file}\` holds no list of tools`,
    file,
    line: 1,
    column: 1,
    path: "",
    hint: "save a server's whole answer to tools/list as JSON",
  };
}
