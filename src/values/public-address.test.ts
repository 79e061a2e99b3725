import { describe, expect, it } from "vitest";
import { isPublicAddress, outboundUrlFault, parseAddress } from "./public-address.ts";

const closed: readonly [text: string, why: string][] = [
  ["0.0.0.0", "this host"],
  ["10.1.2.3", "private"],
  ["100.64.0.1", "shared between providers"],
  ["100.100.100.200", "a cloud's metadata"],
  ["127.0.0.1", "loopback"],
  ["127.255.255.254", "loopback, its other end"],
  ["168.63.129.16", "a cloud's own service"],
  ["169.254.169.254", "metadata"],
  ["169.254.170.2", "metadata of containers"],
  ["172.16.0.1", "private"],
  ["172.31.255.255", "private, its other end"],
  ["192.0.0.192", "metadata"],
  ["192.168.1.1", "private"],
  ["198.18.0.1", "benchmarks"],
  ["203.0.113.9", "documentation"],
  ["224.0.0.1", "multicast"],
  ["239.255.255.250", "multicast"],
  ["255.255.255.255", "broadcast"],
  ["::", "unspecified"],
  ["::1", "loopback"],
  ["::7f00:1", "IPv4-compatible loopback"],
  ["::ffff:10.0.0.1", "IPv4-mapped private"],
  ["::ffff:a9fe:a9fe", "IPv4-mapped metadata"],
  ["64:ff9b::a9fe:a9fe", "NAT64 of metadata"],
  ["64:ff9b::7f00:1", "NAT64 of loopback"],
  ["64:ff9b:1::1", "local NAT64"],
  ["100::1", "discard"],
  ["2001::1", "Teredo"],
  ["2001:db8::1", "documentation"],
  ["2002:a9fe:a9fe::", "6to4 of metadata"],
  ["2002:7f00:1::1", "6to4 of loopback"],
  ["3fff::1", "documentation"],
  ["5f00::1", "segment routing"],
  ["fc00::1", "unique local"],
  ["fd00:ec2::254", "metadata"],
  ["fe80::1", "link-local"],
  ["fec0::1", "site-local"],
  ["ff02::1", "multicast"],
];

const open: readonly string[] = [
  "1.1.1.1",
  "9.255.255.255",
  "11.0.0.0",
  "100.63.255.255",
  "100.128.0.0",
  "168.63.129.15",
  "172.15.255.255",
  "172.32.0.0",
  "192.167.255.255",
  "192.169.0.0",
  "198.17.255.255",
  "198.20.0.0",
  "223.255.255.255",
  "::ffff:1.1.1.1",
  "64:ff9b::101:101",
  "2002:101:101::1",
  "2001:4860:4860::8888",
  "2600::1",
  "2a00:1450::1",
];

describe("what is a public address", () => {
  it.each(closed)("[B337] not %s: %s", (text) => {
    const address = parseAddress(text);
    expect(address && isPublicAddress(address)).toBe(false);
  });

  it.each(open)("%s is one", (text) => {
    const address = parseAddress(text);
    expect(address && isPublicAddress(address)).toBe(true);
  });

  it.each(["", "1.2.3", "01.2.3.4", "fe80::1%eth0", "[::1", "example.org"])("%j is no address", (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });
});

const refused: readonly [id: string, url: string][] = [
  ["B336", "http://2852039166/"],
  ["B336", "http://0xA9FEA9FE/"],
  ["B336", "http://0251.0376.0251.0376/"],
  ["B336", "http://127.1/"],
  ["B336", "http://0/"],
  ["B336", "http://１２７.０.０.１/"],
  ["B336", "http://127.0.0.1./"],
  ["B337", "http://[::1]/"],
  ["B337", "http://[::]/"],
  ["B337", "http://[::ffff:169.254.169.254]/"],
  ["B337", "http://[64:ff9b::a9fe:a9fe]/"],
  ["B337", "http://[2002:a9fe:a9fe::]/"],
  ["B337", "http://[fe80::1%25eth0]/"],
  ["B337", "http://[fc00::1]/"],
  ["B337", "http://[fdff::1]/"],
  ["B338", "http://localhost/"],
  ["B338", "http://LOCALHOST/"],
  ["B338", "http://localhost./"],
  ["B338", "http://x.localhost/"],
  ["B340", "file:///etc/passwd"],
  ["B340", "gopher://example.org/"],
  ["B340", "ftp://example.org/"],
  ["B340", "data:text/plain,x"],
  ["B340", "unix:///var/run/x.sock"],
  ["B340", "ws://example.org/"],
  ["B340", "javascript:alert(1)"],
  ["B341", "https://good.example@evil.example/"],
  ["B341", "https://user:word@evil.example/"],
  ["B341", "https://@evil.example/"],
  ["B341", "https://evil.example#@good.example"],
  ["B341", "https://evil.example\\@good.example/"],
  ["B341", "https:\\\\evil.example/"],
  ["B341", "https://evil\t.example/"],
  ["B341", "https://evil.example/\r\nX: y"],
  ["B341", " https://evil.example/"],
  ["B341", "https:/evil.example/"],
  ["B342", "http://example.org:22/"],
  ["B342", "http://example.org:25/"],
  ["B342", "http://example.org:2375/"],
  ["B342", "http://example.org:5432/"],
  ["B342", "http://example.org:6379/"],
  ["B342", "http://example.org:9200/"],
];

const allowed = [
  "https://example.org/mcp",
  "https://example.org:8443/mcp?key=1",
  "http://1.1.1.1/",
  "https://example.org/@scope/mcp",
  "https://[2600::1]/",
  "https://localhost.example/",
  "https://münchen.example/",
];

describe("a URL that somebody wrote", () => {
  it.each(refused)("[%s] is refused: %j", (_, url) => {
    expect(outboundUrlFault(url, false)).toBeTypeOf("string");
  });

  it.each(allowed)("is allowed: %s", (url) => {
    expect(outboundUrlFault(url, false)).toBeUndefined();
    expect(outboundUrlFault(url, true)).toBeUndefined();
  });

  it.each(["http://127.0.0.1:4001/mcp", "http://localhost:6379/", "http://[::1]/", "http://10.0.0.1/"])(
    "may name the own network when the operator wrote it: %s",
    (url) => {
      expect(outboundUrlFault(url, true)).toBeUndefined();
      expect(outboundUrlFault(url, false)).toBeTypeOf("string");
    },
  );

  it.each(refused.filter(([id]) => id === "B340" || id === "B341"))(
    "[%s] is refused whoever wrote it: %j",
    (_, url) => {
      expect(outboundUrlFault(url, true)).toBeTypeOf("string");
    },
  );
});
