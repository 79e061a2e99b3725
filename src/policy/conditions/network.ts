import { isInNetwork, parseCanonicalIp, parseNetwork } from "../../values/ip-address.ts";
import type { IpNetwork } from "../../values/ip-address.ts";
import { isList } from "../../values/json.ts";
import type { JsonValue } from "../../values/json.ts";
import { truthOf } from "./kleene.ts";
import { listOperator, refuseType } from "./operator.ts";
import type { Operator, OperatorScope, Test } from "./operator.ts";
import { quoteValue } from "./quote.ts";

/** `cidr`: an IP address in one of a list of networks. Only canonical addresses are read. */
export const networkOperators: readonly Operator[] = [
  {
    ...listOperator,
    name: "cidr",
    compile: inNetworks,
    bind: undefined,
  },
];

function inNetworks(right: JsonValue, scope: OperatorScope): Test | undefined {
  if (!isList(right)) return refuseType("cidr", "a list", scope);
  const networks: IpNetwork[] = [];
  for (const member of right) {
    const network = typeof member === "string" ? parseNetwork(member) : undefined;
    if (network !== undefined) networks.push(network);
    else reportNetwork(member, scope);
  }
  if (networks.length < right.length) return undefined;
  return (left) => {
    const address = typeof left === "string" ? parseCanonicalIp(left) : undefined;
    if (address === undefined) return "cannotJudge";
    return truthOf(networks.some((network) => isInNetwork(address, network)));
  };
}

function reportNetwork(member: JsonValue, scope: OperatorScope): void {
  scope.report({
    severity: "error",
    code: "NETWORK_UNKNOWN",
    message: `${quoteValue(member)} is not a network`,
    path: scope.valuePointer,
    hint: "write its first address and the length of its prefix, as in `10.0.0.0/8` or `2001:db8::/32`",
  });
}
