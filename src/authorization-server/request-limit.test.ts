import { expect, it } from "vitest";
import { RequestLimit } from "./request-limit.ts";

it("counts for each address and for all, and begins anew after an hour", () => {
  let nowMs = 0;
  const clock = { wallMs: () => nowMs, monotonicMs: () => nowMs };
  const limit = new RequestLimit({ clock, perAddress: 2, inAll: 3 });
  expect(["a", "a", "a", "b", "b"].map((address) => limit.allows(address))).toEqual([true, true, false, true, false]);
  nowMs = 3_599_999;
  expect(limit.allows("c")).toBe(false);
  nowMs = 3_600_000;
  expect(limit.allows("a")).toBe(true);
});

it("counts a /64 of IPv6 as one address: whoever has one has all of them", () => {
  const clock = { wallMs: () => 0, monotonicMs: () => 0 };
  const limit = new RequestLimit({ clock, perAddress: 2, inAll: 10 });
  const allowed = ["2001:db8::1", "2001:db8::2", "2001:db8:0:0:ffff::3", "2001:db8:0:1::1"];
  expect(allowed.map((address) => limit.allows(address))).toEqual([true, true, false, true]);
});
