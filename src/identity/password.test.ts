import { describe, expect, it } from "vitest";
import { createPasswordHasher, newPasswordFault } from "./password.ts";

const password = "correct horse battery";
const scryptHash = "$scrypt$ln=14,r=8,p=1$AAECAwQFBgcICQoLDA0ODw$6W7GuoxjojaYIg83x/wEKSXUMMf+reyc6wSvA8q7ny8";

describe("a password", () => {
  const cases: readonly (readonly [password: string, isGood: boolean])[] = [
    ["", false],
    ["eleven char", false],
    ["twelve chars", true],
    ["🔑".repeat(11), false],
    ["🔑".repeat(12), true],
    ["x".repeat(1_024), true],
    ["x".repeat(1_025), false],
    ["é".repeat(513), false],
  ];
  it.each(cases)("%j can be a new one: %s", (text, isGood) => {
    expect(newPasswordFault(text) === undefined).toBe(isGood);
  });

  it("matches its own hash only, which is another each time", async () => {
    const hasher = createPasswordHasher();
    const [one, two] = [await hasher.hash(password), await hasher.hash(password)];
    expect(one).toMatch(
      /^\$(argon2id\$v=19\$m=65536,t=3,p=4|scrypt\$ln=17,r=8,p=1)\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/,
    );
    expect(one).not.toBe(two);
    expect(await hasher.matches(password, one)).toBe(true);
    expect(await hasher.matches(`${password} `, one)).toBe(false);
    expect(await hasher.matches("", one)).toBe(false);
  });

  it("is compared with a hash of scrypt too, as where there is no Argon2", async () => {
    const hasher = createPasswordHasher();
    expect(await hasher.matches(password, scryptHash)).toBe(true);
    expect(await hasher.matches("another password", scryptHash)).toBe(false);
  });

  it("matches nothing where there is no hash", async () => {
    const hasher = createPasswordHasher();
    expect(await hasher.matches(password, undefined)).toBe(false);
    expect(await hasher.matches("", undefined)).toBe(false);
  });

  it("is not worked on with a hash that nobody wrote", async () => {
    const wrong = scryptHash.replace("$scrypt$ln=14", "$scrypt$ln=400");
    await expect(createPasswordHasher().matches(password, wrong)).rejects.toMatchObject({ code: "STORE_CORRUPT" });
  });

  it("waits in a queue of four, and whoever comes then comes again", async () => {
    const hasher = createPasswordHasher();
    const all = await Promise.allSettled(Array.from({ length: 50 }, () => hasher.hash(password)));
    expect(all.filter(({ status }) => status === "fulfilled")).toHaveLength(4);
    const reasons = all.flatMap((result): unknown[] => (result.status === "rejected" ? [result.reason] : []));
    for (const reason of reasons) expect(reason).toMatchObject({ code: "TOO_MANY_ATTEMPTS" });
    expect(await hasher.matches(password, await hasher.hash(password))).toBe(true);
  });
});
