import { ProblemList } from "../documents/problem-list.ts";
import { readDocument } from "../documents/read-document.ts";
import { invalid } from "../control/control-context.ts";
import { AppError } from "../errors.ts";
import type { JsonValue } from "../values/json.ts";

/**
 * The body as JSON; undefined when there is none. A text that two parsers could read differently is refused: repeated
 * keys, numbers that a double does not hold as written, broken UTF-8. Throws `MEDIA_TYPE_UNSUPPORTED`, `INPUT_INVALID`.
 */
export async function readJsonBody(request: Request): Promise<JsonValue | undefined> {
  const bytes = await request.arrayBuffer();
  if (bytes.byteLength === 0) return undefined;
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i.test(type)) {
    throw new AppError("MEDIA_TYPE_UNSUPPORTED", "send the body as `content-type: application/json`");
  }
  const text = decode(bytes);
  const problems = new ProblemList(text, undefined);
  const value = readDocument(text, "body.json", problems);
  if (value !== undefined && !problems.hasError) return value;
  const found = problems.sorted().filter(({ severity }) => severity === "error");
  throw invalid(
    found.length > 0 ? found : [{ path: "", message: "the body is not JSON", hint: "send one JSON value" }],
  );
}

function decode(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw invalid([{ path: "", message: "the body is not UTF-8", hint: "send JSON in UTF-8" }]);
  }
}
