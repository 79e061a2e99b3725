import { describe, expect, it } from "vitest";
import { endpointFault } from "./endpoint-fault.ts";

const rules = { allowPrivate: false, operatorsOrigin: "https://notes.example.com" };

describe("an address in OAuth metadata", () => {
  it.each([
    "https://as.example.com/authorize",
    "https://as.example.com:8443/realms/a%20b/authorize?tenant=1",
    "https://notes.example.com/token",
  ])("is used when it is a plain public one: %s", (url) => {
    expect(endpointFault(url, rules)).toBeUndefined();
  });

  const refused: readonly (readonly [row: string, url: string])[] = [
    ["B193", "javascript:alert(1)"],
    ["B193", "file:///etc/passwd"],
    ["B193", "https://x.example/$(calc)"],
    ["B193", "https://x.example/`calc`"],
    ["B193", "https://x.example/a;b|c"],
    ["B193", 'https://x.example/"&calc&"'],
    ["B336", "https://2852039166/"],
    ["B336", "https://0xA9FEA9FE/"],
    ["B336", "https://0251.0376.0251.0376/"],
    ["B336", "https://127.1/"],
    ["B336", "https://0/"],
    ["B336", "https://１２７.0.0.1/"],
    ["B337", "https://[::1]/"],
    ["B337", "https://[::]/"],
    ["B337", "https://[::ffff:169.254.169.254]/"],
    ["B337", "https://[64:ff9b::a9fe:a9fe]/"],
    ["B337", "https://[2002:a9fe:a9fe::]/"],
    ["B337", "https://[fc00::1]/"],
    ["B338", "https://localhost/"],
    ["B338", "https://LOCALHOST./"],
    ["B338", "https://x.localhost/"],
    ["B340", "gopher://x.example/"],
    ["B340", "ftp://x.example/"],
    ["B340", "data:text/html,x"],
    ["B340", "unix:/run/x"],
    ["B340", "ws://x.example/"],
    ["B341", "https://good.example@evil.example/"],
    ["B341", "https://evil.example#@good.example"],
    ["B341", "https://evil.example\\@good.example"],
    ["B341", "https://evil.example/\t"],
    ["B341", "https://evil.example/\r\nx: y"],
    ["B342", "https://x.example:22/"],
    ["B342", "https://x.example:5432/"],
    ["B342", "https://x.example:6379/"],
    ["-", "http://as.example.com/token"],
    ["-", ""],
  ];
  it.each(refused)("is refused otherwise [%s]: %s", (_, url) => {
    expect(endpointFault(url, rules)).toEqual(expect.any(String));
  });

  it("may be private where the operator allows it, or where the server is", () => {
    expect(endpointFault("http://127.0.0.1:9/token", { ...rules, allowPrivate: true })).toBeUndefined();
    expect(endpointFault("http://127.0.0.1:9/t", { ...rules, operatorsOrigin: "http://127.0.0.1:9" })).toBeUndefined();
    expect(endpointFault("http://127.0.0.1:8/t", { ...rules, operatorsOrigin: "http://127.0.0.1:9" })).toEqual(
      expect.any(String),
    );
    expect(endpointFault("javascript:alert(1)", { ...rules, allowPrivate: true })).toEqual(expect.any(String));
  });
});
