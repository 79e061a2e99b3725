import { describe, expect, it } from "vitest";
import { browserName } from "./browser-name.ts";

const chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36";
const cases: readonly (readonly [userAgent: string | undefined, name: string])[] = [
  [chrome, "Chrome on Linux"],
  [`${chrome.replace("X11; Linux x86_64", "Windows NT 10.0; Win64; x64")} Edg/143.0.0.0`, "Edge on Windows"],
  ["Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:147.0) Gecko/20100101 Firefox/147.0", "Firefox on macOS"],
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 26_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1",
    "Safari on iOS",
  ],
  ["Mozilla/5.0 (Android 16; Mobile; rv:147.0) Gecko/147.0 Firefox/147.0", "Firefox on Android"],
  ["curl/8.17.0", "curl/8.17.0"],
  ["x".repeat(500), "x".repeat(60)],
  ["", "an unknown browser"],
  [undefined, "an unknown browser"],
];

describe("the name of a browser", () => {
  it.each(cases)("of %j is %s", (userAgent, name) => {
    expect(browserName(userAgent)).toBe(name);
  });
});
