/** Text that JSON writes as it is, between quotes. */
const plainText = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

/**
 * Pure. The canonical JSON text of plain data (RFC 8785): members sorted by UTF-16 code units, no white space, numbers and
 * strings as ECMAScript writes them. Members that are undefined are left out, as `JSON.stringify` does.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === "string") return quote(value);
  if (Array.isArray(value)) return canonicalList(value);
  return isRecord(value) ? canonicalObject(value) : (JSON.stringify(value) ?? "null");
}

function canonicalList(list: readonly unknown[]): string {
  let text = "";
  for (const item of list) text += `${text === "" ? "" : ","}${canonicalJson(item)}`;
  return `[${text}]`;
}

function canonicalObject(object: Readonly<Record<string, unknown>>): string {
  let text = "";
  for (const name of Object.keys(object).toSorted()) {
    const member = object[name];
    if (member !== undefined) text += `${text === "" ? "" : ","}${quote(name)}:${canonicalJson(member)}`;
  }
  return `{${text}}`;
}

/** Most texts of a row need no escapes, and telling so is faster than asking `JSON.stringify` for each. */
function quote(text: string): string {
  return plainText.test(text) ? `"${text}"` : JSON.stringify(text);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
