import type { Problem } from "../errors.ts";
import { sha256Hex } from "../identity/token.ts";
import { judgeDefinition } from "../definitions/pinning.ts";
import { type KnownTool, loadPolicy } from "../policy/index.ts";
import { type ControlContext, notFound } from "./control-context.ts";
import { pinningOf } from "./pinning-of.ts";
import { readToolList } from "./tool-lists.ts";

/** What a draft's name is where a decision names its policy. */
export const draftId = "draft";

/**
 * All that is wrong with a text, and what is doubtful, by place. With a server also against its kept tools: names that
 * it does not list, tools that nothing selects. Throws `NOT_FOUND` for an unknown server.
 */
export async function validateDraft(
  context: ControlContext,
  document: string,
  server: string | undefined,
): Promise<readonly Problem[]> {
  const tools = server === undefined ? undefined : await knownTools(context, server);
  const identity = { id: draftId, version: 1, sha256: sha256Hex(document) };
  return loadPolicy(document, { identity, ...(tools === undefined ? {} : { tools }) }).problems;
}

/** The kept tools of a server; undefined when they were never fetched. Throws `NOT_FOUND` for an unknown server. */
export async function knownTools(
  { state, database }: ControlContext,
  server: string,
): Promise<readonly KnownTool[] | undefined> {
  const entry = state().servers.get(server);
  if (entry === undefined) throw notFound("server", server);
  const pinning = pinningOf(state(), entry);
  const list = await readToolList(database.read, server, pinning.digest);
  return list?.tools.map(({ name, definition }) => {
    const { review } = judgeDefinition(pinning, name, definition);
    const { inputSchema } = definition;
    return {
      name,
      ...(inputSchema === undefined ? {} : { inputSchema }),
      ...(review === undefined ? {} : { review }),
    };
  });
}
