/**
 * Pure. Whether the text is a URI in the normal form of RFC 3986 §6.2.2: lower-case scheme and host, percent-encoding
 * in upper case and only where it is needed, no dot segments; for `file` an empty authority (`file:///...`).
 */
export function isNormalUri(text: string): boolean {
  const match = /^([a-z][a-z0-9+.-]*):(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/.exec(text);
  if (match === null) return false;
  const [, scheme, authority, path = "", query = "", fragment = ""] = match;
  if (scheme === "file" && authority !== "") return false;
  if (authority !== undefined && !isNormalAuthority(authority)) return false;
  if (path.split("/").some((segment) => segment === "." || segment === "..")) return false;
  return (
    isNormalText(path, /^[!$&'()*+,;=:@/]$/) &&
    [query, fragment].every((part) => isNormalText(part, /^[!$&'()*+,;=:@/?]$/))
  );
}

/** User information, host and port; the host's letters in lower case, inside percent-encoding aside. */
function isNormalAuthority(authority: string): boolean {
  const match = /^(?:([^@]*)@)?(\[[0-9a-f:.]+\]|[^:[\]@]*)(?::(\d*))?$/.exec(authority);
  if (match === null) return false;
  const [, user = "", host = "", port] = match;
  if (port !== undefined && !/^[1-9]\d{0,4}$/.test(port)) return false;
  if (/[A-Z]/.test(host.replaceAll(/%[0-9A-F]{2}/g, ""))) return false;
  return isNormalText(user, /^[!$&'()*+,;=:]$/) && (host.startsWith("[") || isNormalText(host, /^[!$&'()*+,;=]$/));
}

const unreserved = /^[A-Za-z0-9._~-]$/;

/** Unreserved characters and the allowed delimiters as they are, everything else percent-encoded in upper case. */
function isNormalText(text: string, allowed: RegExp): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (character === "%") {
      const digits = text.slice(index + 1, index + 3);
      if (!/^[0-9A-F]{2}$/.test(digits)) return false;
      if (unreserved.test(String.fromCharCode(Number.parseInt(digits, 16)))) return false;
      index += 2;
    } else if (!unreserved.test(character) && !allowed.test(character)) {
      return false;
    }
  }
  return true;
}
