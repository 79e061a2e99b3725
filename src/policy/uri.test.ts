import { describe, expect, it } from "vitest";
import { isNormalUri } from "./uri.ts";

describe("isNormalUri", () => {
  it.each([
    "file:///home/a/b.txt",
    "file:///",
    "https://example.com",
    "https://example.com/a%20b?q=1&r=%2F#frag",
    "https://user:pw@example.com:8443/x",
    "https://[2001:db8::1]:443/",
    "postgres://db/schema/table",
    "note:a",
    "urn:isbn:0451450523",
    "custom+x.y-z:path/to@thing;a=b",
    "mailto:a@example.com",
    "x://%C3%A9.example/",
  ])("takes %s", (uri) => {
    expect(isNormalUri(uri)).toBe(true);
  });

  it.each([
    ["no scheme", "home/a"],
    ["an upper-case scheme", "FILE:///a"],
    ["an upper-case host", "https://Example.com/"],
    ["a host of file", "file://localhost/etc/passwd"],
    ["file without its authority", "file:/etc/passwd"],
    ["a dot segment", "file:///home/../etc/passwd"],
    ["a single dot segment", "file:///home/./a"],
    ["an encoded dot segment", "file:///home/%2E%2E/etc/passwd"],
    ["lower-case percent digits", "https://example.com/%c3%a9"],
    ["an encoded letter", "https://example.com/%61"],
    ["a lone percent sign", "https://example.com/100%"],
    ["a space", "https://example.com/a b"],
    ["a backslash", "file:///c:\\a"],
    ["a raw letter beyond ASCII", "https://example.com/é"],
    ["a control character", "https://example.com/a\nb"],
    ["a bad port", "https://example.com:0443/"],
    ["an empty port", "https://example.com:/"],
    ["a bad address", "https://[zz]/"],
    ["two at signs", "https://a@b@c/"],
    ["user information with a slash", "https://a|b@c/"],
    ["a host with a bracket", "https://exa[mple/"],
    ["a host with a space", "https://exa mple/"],
    ["a bad query", "https://example.com/?a b"],
    ["a bad fragment", "https://example.com/#a b"],
    ["the empty text", ""],
  ])("refuses %s", (_, uri) => {
    expect(isNormalUri(uri)).toBe(false);
  });
});
