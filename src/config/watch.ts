import { type FSWatcher, watch } from "node:fs";
import { dirname } from "node:path";
import { readFile, type SeenFile } from "./read-text-file.ts";

/** Watches files until closed. */
export interface FileWatch {
  close(): void;
}

/** Changes are looked at this long after the first sign of one, milliseconds: editors write in several steps. */
const settleMs = 100;

/** Files are also looked at this often, milliseconds: some file systems give no signs. */
const pollMs = 2_000;

/**
 * Calls `onChange` when a file no longer holds what was seen in it, also when that happened before the watch began. The
 * folders are watched, not the files: a file replaced by rename, or reached through a link that was swapped, is seen
 * too.
 */
export function watchFiles(seen: readonly SeenFile[], onChange: () => void): FileWatch {
  const last = new Map(seen.map(({ path, digest }) => [path, digest]));
  let timer: NodeJS.Timeout | undefined;
  const look = (): void => {
    timer = undefined;
    let isChanged = false;
    for (const [path, digest] of last) {
      const now = readFile(path).digest;
      if (now === digest) continue;
      isChanged = true;
      last.set(path, now);
    }
    if (isChanged) onChange();
  };
  const watchers: FSWatcher[] = [];
  for (const folder of new Set([...last.keys()].map((path) => dirname(path)))) {
    try {
      const watcher = watch(folder, () => {
        // Not put off by further signs: in a busy folder there would be no end of them.
        timer ??= setTimeout(look, settleMs);
      });
      watcher.on("error", () => watcher.close());
      watchers.push(watcher);
    } catch {
      // The poll below sees the folder when it is back.
    }
  }
  timer = setTimeout(look, settleMs);
  const poll = setInterval(look, pollMs);
  poll.unref();
  return {
    close: () => {
      clearTimeout(timer);
      clearInterval(poll);
      for (const watcher of watchers) watcher.close();
    },
  };
}
