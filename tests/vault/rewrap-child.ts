import { DatabaseSync } from "node:sqlite";
import { once } from "node:events";
import { loadKeys } from "../../src/vault/load-keys.ts";
import { createVault } from "../../src/vault/vault.ts";

// Moves every secret of a file to the current key, row by row: `rewrap-child.ts FILE CURRENT PREVIOUS`. Says each, and
// runs ahead of the answers by a few only, so that a kill meets it at work and never at its end.

let ahead = 0;
process.on("message", () => (ahead -= 1));

const [file = "", current = "", previous = ""] = process.argv.slice(2);
const keys = await loadKeys({ current: { kind: "file", path: current }, previous: [{ kind: "file", path: previous }] });
const vault = createVault({ installId: "install", keys });
const db = new DatabaseSync(file);
const write = db.prepare("UPDATE secrets SET sealed = ? WHERE id = ? AND sealed = ?");
for (const { id, sealed } of db.prepare("SELECT id, sealed FROM secrets ORDER BY id").all()) {
  const moved = vault.rewrap(String(sealed));
  if (moved !== undefined) write.run(moved, Number(id), String(sealed));
  process.send?.(Number(id));
  ahead += 1;
  while (ahead > 20) await once(process, "message");
}
db.close();
process.disconnect();
