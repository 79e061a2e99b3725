import { readJsonc } from "../../clients/jsonc.ts";
import { readToml } from "../../clients/toml.ts";
import { AppError } from "../../errors.ts";
import { isList, isObject, type JsonValue, ownMember } from "../../values/json.ts";
import type { Imported, ImportContext } from "./imported-server.ts";
import { readClientServers, readDockerTools, readSavedList, readToolHive } from "./other-formats.ts";
import { isRegistryServer, readRegistryList, readRegistryServer } from "./registry-server.ts";

const serversMax = 20_000;

/**
 * Pure. Reads what another catalogue or a client wrote, and tells the format by what is in it: MCP registry `server.json`
 * and a page of its list API, Docker's `tools.json`, ToolHive's registry, a saved `tools/list` answer, configurations of
 * clients (JSON with comments, TOML). Throws `INPUT_INVALID` for anything else.
 */
export function readImport(text: string, context: ImportContext): Imported {
  const value = readJsonc(text) ?? readToml(text);
  const found = value === undefined ? undefined : tell(value, context);
  if (found === undefined) {
    const message =
      "nothing here can be imported: give an MCP registry's `server.json` or list, Docker's `tools.json`, ToolHive's registry, a saved `tools/list` answer or a client's configuration";
    throw new AppError("INPUT_INVALID", message);
  }
  if (found.servers.length > serversMax) throw new AppError("INPUT_INVALID", `more than ${serversMax} servers at once`);
  return found;
}

function tell(value: JsonValue, context: ImportContext): Imported | undefined {
  if (isRegistryServer(value))
    return { format: "server.json", servers: [readRegistryServer(value, { ...context, areNamesChecked: false })] };
  if (isObject(value)) {
    const data = ownMember(value, "data");
    // ToolHive's newer registry wraps entries of the MCP registry.
    const list = isObject(data) && isList(ownMember(data, "servers")) ? data : value;
    if (isList(ownMember(list, "servers"))) return nonEmpty(readRegistryList(list, context));
    const other = readToolHive(value, context) ?? readClientServers(value, context);
    if (other !== undefined) return other;
  }
  return nonEmpty(readSavedList(value, context) ?? readDockerTools(value, context));
}

function nonEmpty(found: Imported | undefined): Imported | undefined {
  return found?.servers.some(({ tools }) => tools === undefined || tools.length > 0) === true ? found : undefined;
}
