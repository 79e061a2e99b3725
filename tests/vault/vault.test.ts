import { type ChildProcess, fork, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { createVaultKey } from "../../src/vault/key-ring.ts";
import { loadKeys } from "../../src/vault/load-keys.ts";
import { Secret } from "../../src/vault/secret.ts";
import { type Binding, createVault, type Vault } from "../../src/vault/vault.ts";
import { type Canaries, createCanaries } from "../kit/canary.ts";
import { makeFolder } from "../kit/folder.ts";
import { closeAll, closeLater } from "../kit/opened.ts";
import { within } from "../kit/wait.ts";

afterEach(closeAll);

function pathOf(program: string): string {
  return fileURLToPath(new URL(program, import.meta.url));
}

function start(program: string, ...args: readonly string[]): ChildProcess {
  const child = fork(pathOf(program), [...args], { execArgv: ["--no-warnings"] });
  closeLater(() => void child.kill("SIGKILL"));
  return child;
}

async function ask(child: ChildProcess, message: string): Promise<unknown> {
  const answer = within("an answer of the child", once(child, "message"));
  child.send(message);
  const [value]: readonly unknown[] = await answer;
  return value;
}

describe("the default key", () => {
  it("is one key when processes make it at the same time", async () => {
    const folder = makeFolder();
    const children = Array.from({ length: 4 }, () => start("make-key-child.ts"));
    const ids = new Set<unknown>();
    const rounds = 30;
    for (let round = 0; round < rounds; round += 1) {
      const path = join(folder, `${round}`, "callgate.key");
      const answers = new Set(await Promise.all(children.map((child) => ask(child, path))));
      expect(answers.size, `round ${round}`).toBe(1);
      expect(readdirSync(join(folder, `${round}`))).toEqual(["callgate.key"]);
      expect(statSync(path).mode & 0o077).toBe(0);
      for (const id of answers) ids.add(id);
    }
    expect(ids.size).toBe(rounds);
  });
});

describe("a key that a descriptor brings", () => {
  const ways: readonly (readonly [what: string, line: string])[] = [
    ["a file", '"$1" "$2" /dev/fd/3 3< "$3"'],
    ["a pipe", 'cat "$3" | "$1" "$2" /dev/fd/0'],
  ];
  it.skipIf(process.platform === "win32").each(ways)("is read once: %s", (_, line) => {
    const file = join(makeFolder(), "key");
    const key = randomBytes(32);
    writeFileSync(file, `${key.toString("base64")}\n`, { mode: 0o600 });
    const args = ["-c", line, "sh", process.execPath, pathOf("read-key-child.ts"), file];
    expect(spawnSync("sh", args, { encoding: "utf8" }).stdout).toBe(createVaultKey(key).id);
  });
});

describe("a key from the environment", () => {
  it("is in no child, no report and no crash of the process that read it", () => {
    const canaries = createCanaries();
    const key = randomBytes(32).toString("base64");
    canaries.watch("the key's text", key);
    canaries.watch("the key", Buffer.from(key, "base64").toString("hex"));
    const { stdout, stderr, status } = spawnSync(process.execPath, ["--no-warnings", pathOf("environment-child.ts")], {
      env: { PATH: process.env["PATH"] ?? "", VAULT_CANARY: key, BESIDE: "kept" },
      encoding: "utf8",
    });
    expect(stderr).toContain("crashed");
    expect(status).toBe(1);
    const shown: unknown = JSON.parse(stdout);
    expect(shown).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f]{16}$/),
      own: { BESIDE: "kept" },
      child: expect.stringContaining("BESIDE"),
      report: expect.stringContaining("BESIDE"),
    });
    expect(stdout + stderr).not.toContain("VAULT_CANARY");
    expect(canaries.foundIn(stdout)).toEqual([]);
    expect(canaries.foundIn(stderr)).toEqual([]);
  });
});

const count = 400;

function bindingOf(id: number): Binding {
  return { recordId: `record-${id}`, version: 1, origin: `https://${id}.example.com` };
}

interface Stored {
  readonly folder: string;
  readonly file: string;
  readonly oldKey: string;
  readonly newKey: string;
  readonly canaries: Canaries;
  readonly texts: readonly string[];
}

async function vaultOf(current: string, ...previous: readonly string[]): Promise<Vault> {
  const keys = await loadKeys({
    current: { kind: "file", path: current },
    previous: previous.map((path) => ({ kind: "file", path })),
  });
  return createVault({ installId: "install", keys });
}

/** A database with sealed secrets in it, and keys in files elsewhere. */
async function storeSecrets(): Promise<Stored> {
  const folder = makeFolder();
  const keyFolder = makeFolder();
  const canaries = createCanaries();
  const [oldKey = "", newKey = ""] = ["old", "new"].map((name) => {
    const path = join(keyFolder, name);
    const key = randomBytes(32).toString("base64");
    canaries.watch(`the ${name} key`, key);
    writeFileSync(path, key, { mode: 0o600 });
    return path;
  });
  const vault = await vaultOf(oldKey);
  const texts = Array.from({ length: count }, (_, id) => canaries.plant(`secret ${id}`));
  const file = join(folder, "store.sqlite");
  const db = new DatabaseSync(file);
  db.exec(
    "PRAGMA journal_mode = WAL; CREATE TABLE secrets (id INTEGER PRIMARY KEY, sealed TEXT NOT NULL) STRICT; BEGIN",
  );
  const insert = db.prepare("INSERT INTO secrets VALUES (?, ?)");
  for (const [id, text] of texts.entries()) insert.run(id, vault.seal(Secret.of(text), bindingOf(id)));
  db.exec("COMMIT");
  db.close();
  return { folder, file, oldKey, newKey, canaries, texts };
}

function openAll({ file }: Stored, vault: Vault): readonly string[] {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    return db
      .prepare("SELECT id, sealed FROM secrets ORDER BY id")
      .all()
      .map(({ id, sealed }) => vault.open(String(sealed), bindingOf(Number(id))).reveal());
  } finally {
    db.close();
  }
}

/** Moves secrets in a process of its own, which is killed after so many. */
async function rewrapUntil(stored: Stored, killAfter: number): Promise<void> {
  const child = start("rewrap-child.ts", stored.file, stored.newKey, stored.oldKey);
  const ended = once(child, "exit");
  let moved = 0;
  child.on("message", () => {
    moved += 1;
    if (moved === killAfter) child.kill("SIGKILL");
    else if (moved < killAfter) child.send("on", () => {});
  });
  await within("the child to end", ended);
  expect(moved).toBeGreaterThanOrEqual(Math.min(killAfter, count));
}

describe("a rotation of the key", () => {
  it("that is killed in the middle leaves every secret open, with either ring, and is finished later", async () => {
    const stored = await storeSecrets();
    const rings = [await vaultOf(stored.oldKey, stored.newKey), await vaultOf(stored.newKey, stored.oldKey)];
    for (const killAfter of [1, 50, 150, 300]) {
      await rewrapUntil(stored, killAfter);
      for (const ring of rings) expect(openAll(stored, ring)).toEqual(stored.texts);
      const newAlone = await vaultOf(stored.newKey);
      expect(() => openAll(stored, newAlone), `killed after ${killAfter}`).toThrow("`vault.previous`");
    }
    await rewrapUntil(stored, Number.POSITIVE_INFINITY);
    const newAlone = await vaultOf(stored.newKey);
    expect(openAll(stored, newAlone)).toEqual(stored.texts);
    const oldAlone = await vaultOf(stored.oldKey);
    expect(() => openAll(stored, oldAlone)).toThrow("`vault.previous`");
  });

  it("leaves nothing of a secret or a key in the files of the database", async () => {
    const stored = await storeSecrets();
    const found = (): readonly string[] =>
      readdirSync(stored.folder).flatMap((name) => stored.canaries.foundIn(readFileSync(join(stored.folder, name))));
    expect(found()).toEqual([]);
    await rewrapUntil(stored, 100);
    expect(found()).toEqual([]);
    await rewrapUntil(stored, Number.POSITIVE_INFINITY);
    expect(found()).toEqual([]);
  });
});
