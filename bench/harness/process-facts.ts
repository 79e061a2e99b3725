import { readdirSync, readFileSync } from "node:fs";

/** What Linux tells of a process. */
export interface ProcessFacts {
  /** Resident memory, MiB. */
  readonly rssMib: number;
  /** Open descriptors. */
  readonly descriptors: number;
  /** Child processes. */
  readonly children: number;
}

/** Reads the facts from `/proc` (proc(5)). Throws where there is none, or when the process has ended. */
export function readProcessFacts(pid: number): ProcessFacts {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return {
    rssMib: Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1_024,
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    children: childrenOf(pid),
  };
}

function childrenOf(pid: number): number {
  return readdirSync(`/proc/${pid}/task`)
    .map((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").trim())
    .reduce((count, list) => count + (list === "" ? 0 : list.split(" ").length), 0);
}
