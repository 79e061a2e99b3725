import { type Client, openHttpLegacy, openHttpModern, openStdio } from "./clients.ts";
import { type PolicyInput, type ServerInput, startRun, startServe } from "./gateway.ts";
import type { Rows } from "./rows.ts";
import type { Spy } from "./spy.ts";

/** An agent on one lane, and the witnesses of its gateway. */
export interface LaneUnderTest {
  readonly client: Client;
  readonly spy: Spy;
  readonly rows: Rows;
}

/** Opens a client on each of the four lanes, each with a gateway and a server of its own. Closed by `closeAll`. */
export async function openEveryLane(policy: PolicyInput, server: ServerInput = []): Promise<readonly LaneUnderTest[]> {
  const overHttp = async (era: "legacy" | "modern"): Promise<LaneUnderTest> => {
    const gateway = await startServe({ policies: { alice: policy }, servers: { echo: server } });
    const open = era === "legacy" ? openHttpLegacy : openHttpModern;
    return { client: await open(gateway.url(), gateway.token()), spy: gateway.spy(), rows: gateway.rows };
  };
  const overStdio = async (era: "legacy" | "modern"): Promise<LaneUnderTest> => {
    const gateway = startRun({ policy, server });
    return { client: await openStdio(gateway.process, era), spy: gateway.spy, rows: gateway.rows };
  };
  return Promise.all([overHttp("legacy"), overHttp("modern"), overStdio("legacy"), overStdio("modern")]);
}
