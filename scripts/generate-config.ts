import { z } from "zod";
import { configSchema } from "../src/config/schema.ts";
import type { GeneratedFile } from "./generated-file.ts";

/** The JSON Schema of `callgate.yaml`, from `src/config/schema.ts`. */
export function generateConfigFiles(): readonly GeneratedFile[] {
  const schema = z.toJSONSchema(configSchema, { io: "input" });
  const titled = { title: "callgate.yaml", ...schema };
  return [{ path: "schema/config.schema.json", text: `${JSON.stringify(titled, null, 2)}\n` }];
}
