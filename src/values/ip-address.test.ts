import { expect, test } from "vitest";
import { formatIpv6, isInNetwork, parseCanonicalIp, parseIpv4, parseIpv6, parseNetwork } from "./ip-address.ts";

test.each([
  ["0.0.0.0", 0],
  ["255.255.255.255", 4_294_967_295],
  ["10.1.2.3", 167_838_211],
  ["1.2.3", undefined],
  ["1.2.3.4.5", undefined],
  ["01.2.3.4", undefined],
  ["1.2.3.256", undefined],
  ["1.2.3.", undefined],
  ["1.2.3.4 ", undefined],
])("IPv4 %j", (text, expected) => {
  expect(parseIpv4(text)).toBe(expected);
});

test.each([
  ["::", "::"],
  ["::1", "::1"],
  ["1::", "1::"],
  ["2001:db8::1", "2001:db8::1"],
  ["2001:0DB8:0:0:0:0:0:1", "2001:db8::1"],
  ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
  ["1:0:0:2:0:0:0:3", "1:0:0:2::3"],
  ["1:0:0:2:3:0:0:4", "1::2:3:0:0:4"],
  ["::ffff:1.2.3.4", "::ffff:1.2.3.4"],
  ["::ffff:102:304", "::ffff:1.2.3.4"],
  ["64:ff9b::1.2.3.4", "64:ff9b::102:304"],
  ["::1.2.3.4", "::102:304"],
  ["1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"],
])("IPv6 %s is %s in canonical text", (text, expected) => {
  expect(formatIpv6(parseIpv6(text) ?? [])).toBe(expected);
});

test.each([
  "",
  ":",
  ":::",
  "1",
  "1:2:3:4:5:6:7",
  "1:2:3:4:5:6:7:8:9",
  "1:2:3:4:5:6:7::8",
  "::1::",
  "12345::",
  "g::",
  "1.2.3.4::",
  "::1.2.3",
  "1:2:3:4:5:6:7:1.2.3.4",
  "fe80::1%eth0",
  ":1:2:3:4:5:6:7",
  "1:2:3:4:5:6:7:",
  "0".repeat(46),
])("%j is no IPv6 address", (text) => {
  expect(parseIpv6(text)).toBe(undefined);
});

test.each([
  ["10.0.0.1", { family: 4, value: 167_772_161 }],
  ["::ffff:10.0.0.1", { family: 4, value: 167_772_161 }],
  ["::1", { family: 6, groups: [0, 0, 0, 0, 0, 0, 0, 1] }],
  ["::ffff:a00:1", undefined],
  ["0:0:0:0:0:0:0:1", undefined],
  ["2001:DB8::1", undefined],
])("canonical %s", (text, expected) => {
  expect(parseCanonicalIp(text)).toEqual(expected);
});

test.each([
  ["10.0.0.0/8", "10.255.0.1", true],
  ["10.0.0.0/8", "11.0.0.0", false],
  ["10.0.0.1", "10.0.0.1", true],
  ["10.0.0.1/32", "10.0.0.2", false],
  ["0.0.0.0/0", "255.0.0.1", true],
  ["0.0.0.0/0", "::1", false],
  ["::/0", "::1", true],
  ["::/0", "10.0.0.1", false],
  ["2001:db8::/33", "2001:db8:7fff::", true],
  ["2001:db8::/33", "2001:db8:8000::", false],
  ["2001:db8::1", "2001:db8::1", true],
  ["2001:db8::1/128", "2001:db8::2", false],
])("%s holds %s: %s", (network, address, expected) => {
  const [inside, block] = [parseCanonicalIp(address), parseNetwork(network)];
  if (inside === undefined || block === undefined) throw new Error(network);
  expect(isInNetwork(inside, block)).toBe(expected);
});

test.each([
  "",
  "10.0.0.0/",
  "10.0.0.0/33",
  "10.0.0.0/08",
  "10.0.0.0/-1",
  "10.0.0.0/8/",
  "10.0.0.1/8",
  "2001:db8::1/32",
  "2001:db8::/129",
  "::ffff:10.0.0.0/104",
  "::ffff:10.0.0.1",
  "internal",
])("%j is no network", (text) => {
  expect(parseNetwork(text)).toBe(undefined);
});
