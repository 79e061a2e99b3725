import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { makeScratch } from "./paths.ts";
import { median } from "./statistics.ts";

/** How long this machine takes to write 4 KiB and flush them to the disk, milliseconds, median of 200. */
export function flushMs(): number {
  const file = openSync(join(makeScratch(), "flush"), "w");
  const page = Buffer.alloc(4_096, 1);
  const times: number[] = [];
  for (let round = 0; round < 200; round += 1) {
    const startedAt = performance.now();
    writeSync(file, page);
    fdatasyncSync(file);
    times.push(performance.now() - startedAt);
  }
  closeSync(file);
  return median(times);
}
