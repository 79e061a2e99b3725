import { checkDefinitions } from "../catalogue/checks/check-definitions.ts";
import { createDefinitionDigest } from "../definitions/definition-digest.ts";
import { lastReviewedMs, noteDefinition } from "../definitions/pinning.ts";
import { recordEvent } from "./events.ts";
import type { GatewayParts } from "./parts.ts";
import type { ListedTool } from "./tool-index.ts";
import type { EventRow } from "../audit/row.ts";

/** Takes in what servers list: for those who review it, and into the audit when it is not what was reviewed. */
export type DefinitionNotes = (
  where: Pick<EventRow, "transport" | "grant"> & { readonly server: string },
  tools: Iterable<Pick<ListedTool, "name" | "definition">>,
) => void;

const plainDigest = createDefinitionDigest([]);

/** Changes that are remembered to have a row. */
const notedMax = 10_000;

/** Names that a row shows. */
const shownMax = 20;

/** How much of a list is looked through while its client waits, characters. */
const checkedCharactersMax = 200_000;

/** Notes the definitions of a gateway's servers. */
export function createDefinitionNotes(parts: GatewayParts): DefinitionNotes {
  const noted = new Set<string>();
  return (where, tools) => {
    const { server } = where;
    const pinning = parts.snapshot().servers.get(server)?.pinning;
    const digest = pinning?.digest ?? plainDigest;
    const listed = [...tools].map((tool) => ({ tool, sha256: digest(tool.definition) }));
    parts.definitions?.seen(
      server,
      listed.map(({ tool, sha256 }) => ({
        tool: tool.name,
        sha256,
        text: () => JSON.stringify(tool.definition),
        reviewedMs: pinning === undefined ? undefined : lastReviewedMs(pinning, tool.name),
      })),
    );
    if (noted.size > notedMax) noted.clear();
    const judged = listed.map((one) => ({ ...one, ...noteDefinition(pinning, one.tool.name, one.tool.definition) }));
    for (const state of ["changed", "new"] as const) {
      const found = judged.filter(({ tool, sha256, state: is }) => {
        const key = JSON.stringify([server, tool.name, sha256]);
        if (noted.has(key) || is !== state) return false;
        noted.add(key);
        return true;
      });
      if (found.length === 0) continue;
      const names = found.slice(0, shownMax).map(({ tool }) => `\`${tool.name}\``);
      const flagged = flaggedCount(found.map(({ tool }) => tool));
      const message = `not as reviewed: ${names.join(", ")}${found.length > shownMax ? ", ..." : ""}`;
      recordEvent(parts, {
        event: "definition_changed",
        ...where,
        reason: state,
        message,
        counts: { tools: found.length, flagged },
      });
    }
  };
}

/** How many of them a person should look at; what there is no time to look at here counts as well. */
function flaggedCount(tools: readonly Pick<ListedTool, "name" | "definition">[]): number {
  let room = checkedCharactersMax;
  return tools.filter((tool) => {
    room -= JSON.stringify(tool.definition).length;
    return room < 0 || isFlagged(tool);
  }).length;
}

/** Whether there is something in a definition that a person should look at: hidden characters, text like instructions. */
function isFlagged({ name, definition }: Pick<ListedTool, "name" | "definition">): boolean {
  const entries = [{ subject: { kind: "tool", name }, definition }] as const;
  return checkDefinitions({ server: undefined, entries, others: [] }).length > 0;
}
