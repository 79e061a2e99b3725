import { randomBytes } from "node:crypto";

/** Secrets that a test plants, to look for afterwards. */
export interface Canaries {
  /** A new secret, 32 characters that appear nowhere else. */
  plant(name: string): string;
  /** Looks for a secret that came from elsewhere, such as a new grant's token. 16 characters or more. */
  watch(name: string, secret: string): void;
  /**
   * Names of the secrets that appear in the text or bytes, as they are or in another form (`NAME in base64`). Empty when
   * all is well.
   */
  foundIn(output: string | Uint8Array): string[];
}

/** A set of secrets, each unlike all others. Nothing to close. */
export function createCanaries(): Canaries {
  const watched = new Map<string, readonly Form[]>();
  const watch = (name: string, secret: string): void => {
    if (secret.length < 16) throw new Error(`the secret ${name} is too short to be looked for`);
    watched.set(name, formsOf(secret));
  };
  return {
    plant: (name) => {
      const secret = `canary-${randomBytes(12).toString("hex")}-`;
      watch(name, secret);
      return secret;
    },
    watch,
    foundIn: (output) => {
      const bytes = Buffer.from(output);
      return [...watched].flatMap(([name, forms]) => {
        const form = forms.find(({ texts }) => texts.some((text) => bytes.includes(text)));
        return form === undefined ? [] : [form.name === "raw" ? name : `${name} in ${form.name}`];
      });
    },
  };
}

/** One way to write a secret, and the texts that show it. */
interface Form {
  readonly name: string;
  readonly texts: readonly Buffer[];
}

function formsOf(secret: string): readonly Form[] {
  const bytes = Buffer.from(secret);
  const hex = bytes.toString("hex");
  const percent = hex.replaceAll(/../g, "%$&");
  const form = (name: string, ...texts: readonly string[]): Form => ({
    name,
    texts: [...new Set(texts)].map((text) => Buffer.from(text)),
  });
  return [
    form("raw", secret),
    form("JSON", JSON.stringify(secret).slice(1, -1)),
    form("base64", ...base64Of(bytes, "base64")),
    form("base64url", ...base64Of(bytes, "base64url")),
    form("hex", hex, hex.toUpperCase()),
    form("URL coding", encodeURIComponent(secret), percent, percent.toUpperCase()),
    form("reverse", secret.split("").toReversed().join(""), hex.match(/../g)?.toReversed().join("") ?? ""),
  ];
}

/**
 * What every base64 of something that holds these bytes has in it: a secret begins at the first, second or third byte of
 * a group, and the digits at its edges also hold bits of its neighbours.
 */
function base64Of(bytes: Buffer, encoding: "base64" | "base64url"): readonly string[] {
  return [0, 1, 2].map((before) => {
    const digits = Buffer.concat([Buffer.alloc(before), bytes])
      .toString(encoding)
      .replace(/=+$/, "");
    const isWhole = (before + bytes.length) % 3 === 0;
    return digits.slice(before === 0 ? 0 : before + 1, isWhole ? undefined : -1);
  });
}
