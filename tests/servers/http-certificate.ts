import { generateKeyPairSync, randomBytes, sign } from "node:crypto";

/** A self-signed certificate (RFC 5280), and its key, both PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** Makes a certificate for host names that is valid from now minus a day for so many days, which may be negative. */
export function createCertificate(names: readonly string[], days = 1): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const dayMs = 86_400_000;
  const from = Date.now() - Math.max(dayMs, dayMs * (1 - days));
  const subject = name("callgate test");
  const fields = [
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    algorithm,
    subject,
    sequence(time(from), time(Date.now() + days * dayMs)),
    subject,
    publicKey.export({ type: "spki", format: "der" }),
    tagged(0xa3, sequence(alternativeNames(names), basicConstraints)),
  ];
  const body = sequence(...fields);
  const signature = tagged(0x03, Buffer.concat([Buffer.from([0]), sign("sha256", body, privateKey)]));
  const der = sequence(body, algorithm, signature).toString("base64");
  const cert = `-----BEGIN CERTIFICATE-----\n${der.replaceAll(/.{64}/g, "$&\n")}\n-----END CERTIFICATE-----\n`;
  return { cert, key: privateKey.export({ type: "pkcs8", format: "pem" }).toString() };
}

/** DER: a tag, the length and what is in it (X.690 §8.1). */
function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

function integer(bytes: Buffer): Buffer {
  return tagged(0x02, bytes);
}

function identifier(hex: string): Buffer {
  return tagged(0x06, Buffer.from(hex, "hex"));
}

/** ecdsa-with-SHA256 */
const algorithm = sequence(identifier("2a8648ce3d040302"));

/** A certificate that may vouch for itself. */
const basicConstraints = sequence(identifier("551d13"), tagged(0x04, sequence(tagged(0x01, Buffer.from([0xff])))));

function name(text: string): Buffer {
  return sequence(tagged(0x31, sequence(identifier("550403"), tagged(0x0c, Buffer.from(text)))));
}

function alternativeNames(names: readonly string[]): Buffer {
  const list = sequence(...names.map((each) => tagged(0x82, Buffer.from(each))));
  return sequence(identifier("551d11"), tagged(0x04, list));
}

function time(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replaceAll(/[-:T]|\.\d+/g, "");
  return tagged(0x18, Buffer.from(digits));
}
