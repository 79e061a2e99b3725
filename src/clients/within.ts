import { existsSync, realpathSync } from "node:fs";
import { dirname, isAbsolute, join, basename, relative } from "node:path";

/** Where a file is or would be, every link on the way followed. Throws as `realpathSync` does. */
export function realPlace(file: string): string {
  if (existsSync(file)) return realpathSync(file);
  const folder = dirname(file);
  return folder === file ? file : join(realPlace(folder), basename(file));
}

/** Whether a file is, or would be, in a folder or below it when every link is followed. Throws as `realpathSync` does. */
export function isWithin(file: string, folder: string): boolean {
  const way = relative(realPlace(folder), realPlace(file));
  return !isAbsolute(way) && !/^\.\.(?:[/\\]|$)/u.test(way);
}
