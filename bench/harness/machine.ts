import { availableParallelism, cpus, release, totalmem, type } from "node:os";

/** The machine in one line: processor, cores, memory, system, Node.js. */
export function describeMachine(): string {
  const model = cpus()[0]?.model.trim() ?? "unknown processor";
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  const [system] = /^\d+\.\d+/.exec(release()) ?? [release()];
  return `${model}, ${availableParallelism()} cores, ${memory}, ${type()} ${system}, Node.js ${process.versions.node}`;
}
