import { createHash } from "node:crypto";
import { type FSWatcher, readFileSync, watch } from "node:fs";
import { dirname } from "node:path";

/** Watches files until closed. */
export interface FileWatch {
  close(): void;
}

/** Changes are looked at this long after the first sign of one, milliseconds: editors write in several steps. */
const settleMs = 100;

/** Files are also looked at this often, milliseconds: some file systems give no signs. */
const pollMs = 2_000;

/**
 * Calls `onChange` when the contents of one of the files changed. The folders are watched, not the files: a file
 * replaced by rename, or reached through a link that was swapped, is seen too.
 */
export function watchFiles(files: readonly string[], onChange: () => void): FileWatch {
  let last = contentsOf(files);
  let timer: NodeJS.Timeout | undefined;
  const look = (): void => {
    timer = undefined;
    const now = contentsOf(files);
    if (now === last) return;
    last = now;
    onChange();
  };
  const watchers: FSWatcher[] = [];
  for (const folder of new Set(files.map((file) => dirname(file)))) {
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

function contentsOf(files: readonly string[]): string {
  const hash = createHash("sha256");
  for (const file of files) {
    hash.update(file);
    try {
      hash.update(readFileSync(file));
    } catch {
      hash.update("\0unreadable");
    }
  }
  return hash.digest("hex");
}
