import { isObject, type JsonObject, type JsonValue } from "../values/json.ts";

/** Tasks one grant may have at one server; the oldest is forgotten for a new one. */
const tasksMax = 10_000;

/** `setTimeout` takes no more milliseconds. */
const timeoutMsMax = 2 ** 31 - 1;

/** A task as a result speaks of it. */
export interface MadeTask {
  readonly id: string;
  /** How long the server keeps it, milliseconds; undefined when it does not say. */
  readonly ttlMs: number | undefined;
  readonly status: JsonValue | undefined;
}

/** The tasks that one grant's calls to one server made. */
export class Tasks {
  readonly #known = new Map<string, () => void>();
  readonly #running = new Set<() => void>();

  /** Whether one of them has not ended. */
  get isRunning(): boolean {
    return this.#running.size > 0;
  }

  has(id: string): boolean {
    return this.#known.has(id);
  }

  /** Adds a task. `onEnd` is called once: when it ends, when it is forgotten, or after `timeoutMs`. */
  add(id: string, onEnd: () => void, timeoutMs: number): void {
    this.#known.get(id)?.();
    const [oldest] = this.#known.keys();
    if (oldest !== undefined && this.#known.size >= tasksMax) {
      this.end(oldest);
      this.#known.delete(oldest);
    }
    let isEnded = false;
    const end = (): void => {
      clearTimeout(timer);
      this.#running.delete(end);
      if (!isEnded) onEnd();
      isEnded = true;
    };
    const timer = setTimeout(end, Math.min(timeoutMs, timeoutMsMax));
    timer.unref();
    this.#known.set(id, end);
    this.#running.add(end);
  }

  /** A server says how a task stands: one that has ended does not run any more, but its result can still be fetched. */
  note(id: JsonValue | undefined, status: JsonValue | undefined): void {
    if (typeof id === "string" && typeof status === "string" && finalStatuses.has(status)) this.end(id);
  }

  /** The task has ended. */
  end(id: string): void {
    this.#known.get(id)?.();
  }
}

const finalStatuses: ReadonlySet<string> = new Set(["completed", "failed", "cancelled"]);

/** Pure. The task that a result made: `task` (MCP 2025-11-25, Tasks), or beside `resultType: "task"` (its successor). */
export function madeTask(result: JsonObject): MadeTask | undefined {
  const task = isObject(result["task"]) ? result["task"] : result["resultType"] === "task" ? result : undefined;
  const { taskId, ttl, ttlMs, status } = {
    taskId: undefined,
    ttl: undefined,
    ttlMs: undefined,
    status: undefined,
    ...task,
  };
  if (typeof taskId !== "string") return undefined;
  const kept = typeof ttl === "number" ? ttl : ttlMs;
  return { id: taskId, ttlMs: typeof kept === "number" ? kept : undefined, status };
}
