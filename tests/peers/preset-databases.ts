import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { freePort } from "../../examples/camoufox/gateway.ts";
import { NoPostgres, startCluster } from "../../examples/postgres/cluster.ts";
import { makeFolder } from "../kit/folder.ts";
import { closeLater } from "../kit/opened.ts";
import { until } from "../kit/wait.ts";
import { ensurePackage } from "./packages.ts";
import { NotHere, type Prepare, type PresetServer } from "./preset-server.ts";

async function postgres(folder: string): Promise<PresetServer> {
  const cluster = await startCluster().catch((error: unknown) => {
    throw error instanceof NoPostgres ? new NotHere(error.message) : error;
  });
  closeLater(cluster.stop);
  cluster.sql("create table customers as select 'Ada' as name");
  return {
    command: process.execPath,
    args: [ensurePackage("postgres"), cluster.url],
    env: { HOME: folder },
    // Its one tool reads and, with the right words, writes.
    read: { tool: "query", args: { sql: "select name from customers" }, answer: "Ada" },
    strongest: {
      tool: "query",
      args: { sql: "COMMIT; DROP TABLE customers" },
      harmless: { sql: "select name from customers" },
      category: "Execute",
      place: "PostgreSQL",
      isHarmed: () => cluster.sql("select to_regclass('customers') is null") === "t",
    },
  };
}

/** The path of a program of a Debian package, which is installed when it is missing and we are root. */
function ensureProgram(name: string, debianPackage: string): string {
  const find = (): string | undefined =>
    [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin"]
      .map((folder) => join(folder, name))
      .find((path) => existsSync(path));
  const found = find();
  if (found !== undefined) return found;
  if (process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    for (const words of [["update"], ["install", "-y", "--no-install-recommends", debianPackage]])
      spawnSync("apt-get", words, { env, stdio: ["ignore", "ignore", "inherit"] });
  }
  const installed = find();
  if (installed === undefined) throw new NotHere(`install ${debianPackage} (Debian, as root: apt-get install)`);
  return installed;
}

/** Starts a database's program and waits until `isUp`. Ended by `closeAll`. */
async function startDatabase(program: string, args: readonly string[], isUp: () => boolean): Promise<void> {
  const child = spawn(program, args, { stdio: "ignore" });
  const ended = once(child, "exit");
  closeLater(async () => {
    child.kill("SIGTERM");
    await ended;
  });
  await until(`${program} to answer`, () => (child.exitCode !== null || isUp() ? true : undefined));
  if (child.exitCode !== null) throw new Error(`${program} ended with ${child.exitCode}`);
}

async function redis(folder: string): Promise<PresetServer> {
  const [program, client] = [ensureProgram("redis-server", "redis-server"), ensureProgram("redis-cli", "redis-tools")];
  const port = await freePort(0);
  const ask = (...words: readonly string[]): string =>
    spawnSync(client, ["-p", String(port), ...words], { encoding: "utf8" }).stdout.trim();
  const flags = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder];
  await startDatabase(program, flags, () => ask("ping") === "PONG");
  ask("set", "customer", "Ada");
  return {
    command: process.execPath,
    args: [ensurePackage("redis"), `redis://127.0.0.1:${port}`],
    env: { HOME: folder },
    read: { tool: "get", args: { key: "customer" }, answer: "Ada" },
    strongest: {
      tool: "delete",
      args: { key: "customer" },
      harmless: {},
      category: "Destructive",
      place: "Redis",
      isHarmed: () => ask("exists", "customer") === "0",
    },
  };
}

async function mysql(folder: string): Promise<PresetServer> {
  const install = ensureProgram("mariadb-install-db", "mariadb-server");
  const [program, client] = [ensureProgram("mariadbd", "mariadb-server"), ensureProgram("mariadb", "mariadb-client")];
  const place = makeFolder();
  const [data, socket, port] = [join(place, "data"), join(place, "socket"), await freePort(0)];
  const who = process.getuid?.() === 0 ? ["--user=root"] : [];
  const made = spawnSync(
    install,
    ["--no-defaults", `--datadir=${data}`, "--auth-root-authentication-method=normal", ...who],
    { encoding: "utf8" },
  );
  if (made.status !== 0) throw new Error(`${install}: ${made.stderr}`);
  const ask = (sql: string): string =>
    spawnSync(client, ["--no-defaults", `--socket=${socket}`, "--user=root", "-N", "-e", sql], {
      encoding: "utf8",
    }).stdout.trim();
  const flags = [`--datadir=${data}`, `--socket=${socket}`, `--port=${port}`, "--bind-address=127.0.0.1", ...who];
  await startDatabase(program, ["--no-defaults", ...flags], () => ask("select 1") === "1");
  ask("create database shop; create table shop.orders as select 1 as id");
  return {
    command: process.execPath,
    args: [ensurePackage("mysql")],
    env: {
      HOME: folder,
      MYSQL_HOST: "127.0.0.1",
      MYSQL_PORT: String(port),
      MYSQL_USER: "root",
      MYSQL_PASS: "",
      MYSQL_DB: "shop",
      ALLOW_DELETE_OPERATION: "true",
    },
    read: { tool: "mysql_query", args: { sql: "select id from orders" }, answer: "id" },
    strongest: {
      tool: "mysql_query",
      args: { sql: "delete from orders" },
      harmless: { sql: "select id from orders" },
      category: "Execute",
      place: "MariaDB",
      isHarmed: () => ask("select count(*) from shop.orders") === "0",
    },
  };
}

/** Servers of databases that run as programs of their own, by name. */
export const databaseServers: Readonly<Record<string, Prepare>> = { postgres, redis, mysql };
