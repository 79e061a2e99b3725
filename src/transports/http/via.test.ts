import { expect, it } from "vitest";
import { gatewaysPassed, ownVia } from "./via.ts";

it.each([
  ["none", [], []],
  ["other intermediaries, whose names are nobody's business", ["1.1 proxy.internal, HTTP/2 edge"], []],
  ["this process, with others around it", [`1.0 fred, ${ownVia}`, "1.1 x"], [ownVia]],
  [
    "several gateways, in order",
    [`1.1 callgate-${"a".repeat(16)} , ${ownVia}`],
    [`1.1 callgate-${"a".repeat(16)}`, ownVia],
  ],
  [
    "names that are only like ours",
    ["1.1 callgate-x, 1.1 callgate-0000000000000000\u0085, 2 callgate-0000000000000000"],
    [],
  ],
])("finds the gateways a message came through: %s", (_, headers, found) => {
  expect(gatewaysPassed(headers)).toEqual(found);
});
