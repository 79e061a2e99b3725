import { loadKeys } from "../../src/vault/load-keys.ts";

// Asked by message: the key of a file that is made when it is not there. Answers with the key's id.

process.on("message", (path: string) => {
  void loadKeys({ current: { kind: "default", path }, previous: [] }).then(({ current }) => process.send?.(current.id));
});
