import { Console } from "node:console";
import { readdirSync, readFileSync } from "node:fs";
import { Writable } from "node:stream";
import { format, inspect } from "node:util";
import { deserialize, serialize } from "node:v8";
import { describe, expect, it } from "vitest";
import { AppError } from "../errors.ts";
import { Secret } from "./secret.ts";

const text = "sk-live-0123456789abcdef";
const secret = Secret.of(text);

/** What a console of Node's writes. */
function capture(write: (console: Console) => void): string {
  let output = "";
  const stream = new Writable({
    write: (chunk: Buffer, _, done) => {
      output += chunk.toString();
      done();
    },
  });
  write(new Console(stream));
  return output;
}

describe("a secret", () => {
  it("is read by reveal alone", () => {
    expect(secret.reveal()).toBe(text);
    expect(Secret.of("").reveal()).toBe("");
  });

  const ways: readonly (readonly [way: string, show: () => string])[] = [
    ["String", () => String(secret)],
    ["a template", () => String.raw({ raw: ["a ", " b"] }, secret)],
    ["addition", () => "" + secret],
    ["JSON.stringify", () => JSON.stringify({ secret, list: [secret] })],
    ["util.inspect", () => inspect(secret)],
    ["util.inspect with showHidden", () => inspect({ deep: { secret } }, { showHidden: true, depth: null })],
    ["util.inspect of proxies and getters", () => inspect(secret, { showProxy: true, getters: true })],
    ["util.format", () => format("%s %o %O %j", secret, secret, secret, secret)],
    ["a console", () => capture((console) => console.log(secret, { secret }, "%s %j", secret))],
    ["a console's table", () => capture((console) => console.table([{ secret }]))],
    ["an error's message", () => inspect(new Error("failed with " + secret))],
    ["an error's cause", () => inspect(new Error("failed", { cause: secret }))],
    ["the data of a fault", () => inspect(new AppError("INTERNAL", "failed", { data: { secret } }), { depth: null })],
    ["a key of a record", () => JSON.stringify({ [String(secret)]: 1 })],
    ["a list joined", () => [secret, secret].join(",")],
  ];
  it.each(ways)("shows [secret] to %s", (_, show) => {
    const shown = show();
    expect(shown).toContain("[secret]");
    expect(shown).not.toContain(text);
  });

  const copies: readonly (readonly [way: string, copy: () => unknown])[] = [
    ["a console's dir, which goes around methods", () => capture((console) => console.dir({ secret }))],
    ["structuredClone", () => structuredClone(secret)],
    ["serialize", () => deserialize(serialize(secret))],
    ["Object.entries", () => Object.entries(secret)],
    ["Object.assign", () => Object.assign({}, secret)],
    ["Reflect.ownKeys", () => Reflect.ownKeys(secret)],
    ["Object.getOwnPropertyDescriptors", () => Object.getOwnPropertyDescriptors(secret)],
    ["util.inspect that goes around its method", () => inspect(secret, { customInspect: false, showHidden: true })],
  ];
  it.each(copies)("gives nothing to %s", (_, copy) => {
    const copied = copy();
    expect(inspect(copied, { showHidden: true, depth: null })).not.toContain(text);
    expect(JSON.stringify(copied)).not.toContain(text);
  });

  it("is whole Unicode text, or refused without being shown", () => {
    expect(Secret.of("grüße 🔑").reveal()).toBe("grüße 🔑");
    expect(() => Secret.of(`${text}\ud83d`)).toThrow(expect.objectContaining({ code: "SECRET_UNREADABLE" }));
    expect(() => Secret.of(`${text}\ud83d`)).not.toThrow(text);
  });

  // Who reads a secret can lose it: a file that has to is added here, and looked at twice.
  const revealing = [
    "authorization-server/sealed-keys.ts",
    "control/credentials.ts",
    "control/do-once.ts",
    "control/openid-flows.ts",
    "control/upstream-credentials.ts",
    "identity/openid-client.ts",
    "upstream-oauth/client-identity.ts",
    "upstream-oauth/stored-texts.ts",
    "vault/vault.ts",
  ];
  it("is revealed in few files", () => {
    const src = new URL("..", import.meta.url);
    const found = readdirSync(src, { recursive: true, encoding: "utf8" })
      .map((file) => file.replaceAll("\\", "/"))
      .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
      .filter((file) => readFileSync(new URL(file, src), "utf8").includes(".reveal("));
    expect(found.toSorted()).toEqual(revealing);
  });
});
