import { createPrivateKey, X509Certificate } from "node:crypto";
import { resolve } from "node:path";
import type { ProblemList } from "../documents/problem-list.ts";
import { type IpNetwork, parseNetwork } from "../values/ip-address.ts";
import { report } from "./config-problems.ts";
import { readFile, type SeenFile } from "./read-text-file.ts";
import type { TlsDocument } from "./schema.ts";
import { defaults, type Settings, type TlsSettings } from "./settings.ts";

/** Address and port. `isOpen`: TLS is spoken here or in front, so that other machines may reach it. */
export function readListen(listen: string | undefined, isOpen: boolean, problems: ProblemList): Settings["listen"] {
  if (listen === undefined) return { host: defaults.host, port: defaults.port };
  const match = /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):(\d{1,5})$/.exec(listen);
  const host = (match?.[1] ?? "").replace(/^\[|\]$/g, "");
  const port = Number(match?.[2] ?? -1);
  if (match === null || port > 65_535) {
    report(
      problems,
      "/listen",
      `\`${listen.slice(0, 80)}\` is not an address with a port`,
      "write e.g. `127.0.0.1:7777`",
    );
  } else if (!isOpen && !["127.0.0.1", "::1", "localhost"].includes(host)) {
    report(
      problems,
      "/listen",
      "only loopback addresses are served without TLS",
      "set `tls`, or `behind_proxy` when a proxy that speaks TLS stands in front",
    );
  }
  return { host, port };
}

/** Certificate and key, if they belong together. The files are followed. */
export function readTls(
  tls: TlsDocument | undefined,
  folder: string,
  problems: ProblemList,
  files: SeenFile[],
): TlsSettings | undefined {
  if (tls === undefined) return undefined;
  const [cert, key] = (["certificate", "key"] as const).map((name) => {
    const read = readFile(resolve(folder, tls[name]));
    files.push(read);
    if (typeof read.text === "string") return read.text;
    report(problems, `/tls/${name}`, read.text.message, "name a readable PEM file, relative to callgate.yaml");
    return undefined;
  });
  if (cert === undefined || key === undefined) return undefined;
  if (isPair(cert, key)) return { cert, key };
  const hint = "name a PEM certificate chain, the gateway's own first, and its private key without a passphrase";
  report(problems, "/tls", "certificate and key do not belong together, or cannot be read", hint);
  return undefined;
}

function isPair(cert: string, key: string): boolean {
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

/** The networks of `behind_proxy`; a single address stands for itself. */
export function readProxies(source: true | readonly string[] | undefined, problems: ProblemList): readonly IpNetwork[] {
  if (source === undefined || source === true) return [];
  return source.flatMap((text, index) => {
    const network = parseNetwork(text) ?? parseNetwork(`${text}/${text.includes(":") ? 128 : 32}`);
    if (network !== undefined) return [network];
    const hint = "write an address, or a network as in `10.0.0.0/8`";
    report(problems, `/behind_proxy/${index}`, `\`${text.slice(0, 80)}\` is not a network`, hint);
    return [];
  });
}
