import { randomBytes } from "node:crypto";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readKeyFromCommand } from "./key-command.ts";
import { createVaultKey } from "./key-ring.ts";
import type { NamedKeySource } from "./key-source.ts";
import { loadKeys } from "./load-keys.ts";

let folder = "";
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "callgate-keys-"))));
afterEach(() => rmSync(folder, { recursive: true }));

interface Made {
  readonly id: string;
  readonly text: string;
}

function makeKey(): Made {
  const bytes = randomBytes(32);
  return { id: createVaultKey(bytes).id, text: bytes.toString("base64") };
}

function writeKey(name: string, text: string, mode = 0o600): NamedKeySource {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return { kind: "file", path };
}

/** A program of our own that does this. */
function program(script: string): NamedKeySource {
  return { kind: "command", command: process.execPath, args: ["-e", script] };
}

const invalid = (message: string): unknown =>
  expect.objectContaining({ code: "VAULT_KEY_INVALID", message: expect.stringContaining(message) });

describe("keys from a file", () => {
  it("are read when nobody else has access", async () => {
    const key = makeKey();
    for (const mode of [0o600, 0o400]) {
      const ring = await loadKeys({ current: writeKey(`key-${mode}`, `${key.text}\n`, mode), previous: [] }, {});
      expect(ring.current.id).toBe(key.id);
      expect(ring.previous).toEqual([]);
    }
  });

  it.skipIf(process.platform === "win32").each([0o640, 0o604, 0o644, 0o660, 0o620, 0o602, 0o666])(
    "are refused when others have access: mode %o",
    async (mode) => {
      const current = writeKey("key", makeKey().text, mode);
      await expect(loadKeys({ current, previous: [] }, {})).rejects.toEqual(
        invalid(`chmod 600 ${join(folder, "key")}`),
      );
    },
  );

  it("are judged by the file, not by a link to it", async () => {
    const key = makeKey();
    writeKey("key", key.text);
    symlinkSync(join(folder, "key"), join(folder, "link"));
    const current = { kind: "file", path: join(folder, "link") } as const;
    expect((await loadKeys({ current, previous: [] }, {})).current.id).toBe(key.id);
    chmodSync(join(folder, "key"), 0o644);
    await expect(loadKeys({ current, previous: [] }, {})).rejects.toEqual(invalid("chmod 600"));
  });

  it("say what is wrong: not there, a folder, too long", async () => {
    const at = (name: string): NamedKeySource => ({ kind: "file", path: join(folder, name) });
    await expect(loadKeys({ current: at("none"), previous: [] }, {})).rejects.toEqual(invalid("it is not there"));
    mkdirSync(join(folder, "folder"), { mode: 0o700 });
    await expect(loadKeys({ current: at("folder"), previous: [] }, {})).rejects.toEqual(invalid("EISDIR"));
    const long = writeKey("long", makeKey().text.repeat(1000));
    await expect(loadKeys({ current: long, previous: [] }, {})).rejects.toEqual(invalid("holds no key"));
  });
});

describe("the default key", () => {
  it("is made once, for this user alone, and read from then on", async () => {
    const path = join(folder, "new", "data", "callgate.key");
    const settings = { current: { kind: "default", path }, previous: [] } as const;
    const first = await loadKeys(settings, {});
    const second = await loadKeys(settings, {});
    expect(second.current.id).toBe(first.current.id);
    expect(readdirSync(join(folder, "new", "data"))).toEqual(["callgate.key"]);
    expect(readFileSync(path, "utf8")).toMatch(/^[A-Za-z0-9+/]{43}=\n$/);
    if (process.platform !== "win32") expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("is never made over a file that is there, whatever is in it", async () => {
    const { path } = { path: join(folder, "callgate.key") };
    writeKey("callgate.key", "");
    await expect(loadKeys({ current: { kind: "default", path }, previous: [] }, {})).rejects.toEqual(
      invalid("holds no key"),
    );
    expect(readFileSync(path, "utf8")).toBe("");
  });

  it("says what to do where it cannot be made", async () => {
    writeFileSync(join(folder, "file"), "");
    const path = join(folder, "file", "callgate.key");
    await expect(loadKeys({ current: { kind: "default", path }, previous: [] }, {})).rejects.toEqual(
      invalid("let this user write there"),
    );
  });
});

describe("keys from the environment", () => {
  it("are deleted from it once read, also when they are no keys", async () => {
    const key = makeKey();
    const old = makeKey();
    const environment = { NEW: key.text, OLD: old.text, BAD: "x", PATH: "/bin" };
    const from = (variable: string): NamedKeySource => ({ kind: "environment", variable });
    const ring = await loadKeys({ current: from("NEW"), previous: [from("OLD"), from("NEW")] }, environment);
    expect([ring.current.id, ...ring.previous.map(({ id }) => id)]).toEqual([key.id, old.id]);
    await expect(loadKeys({ current: from("BAD"), previous: [] }, environment)).rejects.toEqual(
      invalid("the environment variable `BAD` holds no key"),
    );
    expect(environment).toEqual({ PATH: "/bin" });
  });

  it("say when they are not set", async () => {
    const current = { kind: "environment", variable: "NONE" } as const;
    for (const environment of [{}, { NONE: "" }]) {
      await expect(loadKeys({ current, previous: [] }, environment)).rejects.toEqual(invalid("`NONE` is not set"));
    }
  });
});

describe("keys from a command", () => {
  it("are its standard output alone, and it sees no other key", async () => {
    const key = makeKey();
    const script = `
      process.stderr.write("asked for " + process.env.ASKED);
      if (process.env.OLD_KEY !== undefined) process.exit(7);
      process.stdout.write("${key.text}" + String.fromCharCode(10));
    `;
    const old = makeKey();
    const environment = { ASKED: "yes", OLD_KEY: old.text };
    const ring = await loadKeys(
      { current: program(script), previous: [{ kind: "environment", variable: "OLD_KEY" }] },
      environment,
    );
    expect(ring.current.id).toBe(key.id);
    expect(ring.previous.map(({ id }) => id)).toEqual([old.id]);
  });

  const failures: readonly (readonly [what: string, source: NamedKeySource, says: string])[] = [
    ["that fails", program("process.stderr.write('top-secret'); process.exit(3)"), "ended with 3"],
    [
      "that is killed",
      program("process.kill(process.pid, 'SIGTERM'); setTimeout(() => {}, 60000)"),
      "ended with SIGTERM",
    ],
    ["that writes nothing", program(""), "holds no key"],
    [
      "that writes without end",
      program("setInterval(() => process.stdout.write('top-secret'.repeat(9)), 0)"),
      "more than a key",
    ],
    ["that is not there", { kind: "command", command: "/no/such/program", args: [] }, "cannot be started"],
    ["that is a line for a shell", { kind: "command", command: "echo $KEY", args: [] }, "cannot be started"],
  ];
  it.each(failures)("are refused from one %s", async (_, current, says) => {
    const failed = loadKeys({ current, previous: [] }, { PATH: process.env["PATH"] ?? "" });
    await expect(failed).rejects.toEqual(invalid(says));
    await expect(failed).rejects.not.toThrow("top-secret");
  });

  it("are not waited for longer than the limit, and the command's own children end with it", async () => {
    const pidFile = join(folder, "pid");
    const script = `
      const { spawn } = require("node:child_process");
      const child = spawn(process.execPath, ["-e", "setTimeout(() => {}, 600000)"], { stdio: "inherit" });
      require("node:fs").writeFileSync(${JSON.stringify(pidFile)}, process.pid + " " + child.pid);
      setTimeout(() => {}, 600000);
    `;
    const command = { command: process.execPath, args: ["-e", script] };
    await expect(readKeyFromCommand(command, {}, 3_000)).rejects.toEqual(invalid("took longer than 3 s"));
    const pids = readFileSync(pidFile, "utf8").split(" ").map(Number);
    await expect.poll(() => pids.filter(isRunning), { timeout: 10_000 }).toEqual([]);
  });
});

/** Whether a process is there and no corpse that nobody has asked for. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
