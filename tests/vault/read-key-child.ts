import { loadKeys } from "../../src/vault/load-keys.ts";

// Prints the id of the key in a file: `read-key-child.ts FILE`.

const { current } = await loadKeys({ current: { kind: "file", path: process.argv[2] ?? "" }, previous: [] });
process.stdout.write(current.id);
