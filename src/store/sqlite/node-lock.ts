import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../clock.ts";
import { newId } from "../../ids.ts";

/** A dead node's file is swept only when this old, so that a node that is just starting keeps its own. */
const sweepAfterMs = 60_000;

/**
 * The sign that one process is alive: a lock on a file of its own that the operating system releases with the process,
 * however it ends. A process that merely stands still keeps it.
 */
export class NodeLock {
  /** Unique for each start of a process. */
  readonly node: string;
  readonly #folder: string;
  readonly #db: DatabaseSync;

  readonly #clock: Clock;

  private constructor(folder: string, clock: Clock, node: string, db: DatabaseSync) {
    this.#folder = folder;
    this.#clock = clock;
    this.node = node;
    this.#db = db;
  }

  /** Takes a new lock in the folder, which is made if it is missing. Throws SQLite's and the file system's errors. */
  static take(folder: string, clock: Clock): NodeLock {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (;;) {
      const node = newId("node");
      const path = join(folder, node);
      const db = new DatabaseSync(path, { timeout: 0 });
      db.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
      if (existsSync(path)) return new NodeLock(folder, clock, node, db);
      db.close();
    }
  }

  /** Whether the process that is this node still runs. */
  isAlive(node: string): boolean {
    if (node === this.node) return true;
    return isHeld(join(this.#folder, node));
  }

  /** Whether any other process uses the store now. Removes what dead ones left. */
  hasOthers(): boolean {
    let found = false;
    for (const node of readdirSync(this.#folder)) {
      if (node === this.node || !node.startsWith("node_")) continue;
      const path = join(this.#folder, node);
      if (isHeld(path)) found = true;
      else if (isOld(path, this.#clock)) rmSync(path, { force: true });
    }
    return found;
  }

  release(): void {
    this.#db.close();
    rmSync(join(this.#folder, this.node), { force: true });
  }
}

/** Whether someone holds the lock. A file that is gone belongs to nobody alive. */
function isHeld(path: string): boolean {
  try {
    const db = new DatabaseSync(path, { readOnly: true, timeout: 0 });
    try {
      db.prepare("SELECT count(*) FROM sqlite_schema").all();
      return false;
    } finally {
      db.close();
    }
  } catch {
    // Held, or it cannot be asked (no descriptor is free, say) and may be somebody's who lives.
    return existsSync(path);
  }
}

function isOld(path: string, clock: Clock): boolean {
  const modifiedMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return modifiedMs !== undefined && clock.wallMs() - modifiedMs > sweepAfterMs;
}
