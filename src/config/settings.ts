import type { CatalogueWebhook } from "./catalogue-webhooks.ts";
import type { VaultSettings } from "../vault/key-source.ts";
import type { PinMode, Reviews } from "../definitions/pinning.ts";
import type { IpNetwork } from "../values/ip-address.ts";
import type { OperatorRules } from "./operator-rules.ts";

/** How a server is reached. */
export type ServerAccess =
  | {
      readonly kind: "command";
      readonly command: string;
      readonly args: readonly string[];
      readonly env: Readonly<Record<string, string>>;
      readonly cwd: string | undefined;
    }
  | {
      readonly kind: "url";
      readonly url: string;
      readonly transport: "streamable-http" | "sse";
      /** Names in lower case. */
      readonly headers: Readonly<Record<string, string>>;
    };

/** A server as configured. Times in milliseconds. */
export interface ServerSettings {
  readonly name: string;
  readonly access: ServerAccess;
  readonly startTimeoutMs: number;
  readonly callTimeoutMs: number;
  readonly callDeadlineMs: number;
  readonly idleTimeoutMs: number;
  readonly showDenied: boolean;
  readonly pin: PinSettings;
}

/** How a server's definitions are held against what was reviewed. */
export interface PinSettings {
  readonly mode: PinMode;
  /** Patterns in RE2 syntax of what may change in descriptions. */
  readonly volatile: readonly string[];
  /** From a lock file; undefined where reviews are in the database. */
  readonly locked: Reviews | undefined;
}

/** A policy file as read, not yet compiled. */
export interface PolicySource {
  readonly id: string;
  /** Absolute path. */
  readonly file: string;
  /** The file as the user named it, for problems. */
  readonly shownFile: string;
  readonly text: string;
}

/** A grant as configured; the token itself is not kept. */
export interface GrantSettings {
  readonly id: string;
  readonly label: string;
  readonly owner: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly tokenSha256: string;
  readonly servers: ReadonlyMap<string, string | undefined>;
  readonly showDenied: boolean;
  readonly expiresAtMs: number | undefined;
}

/** A certificate chain and its private key, both PEM. */
export interface TlsSettings {
  readonly cert: string;
  readonly key: string;
}

/** Everything `callgate serve` is told, checked and complete. */
export interface Settings {
  readonly listen: { readonly host: string; readonly port: number };
  readonly allowedHosts: readonly string[];
  readonly bodyBytesMax: number;
  /** Absolute path of the store's file. */
  readonly storeFile: string;
  readonly durability: "power-loss" | "process";
  /** Where the keys of stored secrets come from, not the keys. */
  readonly vault: VaultSettings;
  /** The address that clients and browsers know the gateway by, such as `https://mcp.example.com`; undefined: where it listens. */
  readonly publicOrigin: string | undefined;
  /** Undefined where the gateway speaks plain HTTP. */
  readonly tls: TlsSettings | undefined;
  /** Networks of proxies in front, whose word on a client's address is taken. */
  readonly proxies: readonly IpNetwork[];
  /** Where changes of the catalogue are sent. */
  readonly catalogueWebhooks: readonly CatalogueWebhook[];
  readonly rules: OperatorRules;
  readonly servers: readonly ServerSettings[];
  readonly policies: readonly PolicySource[];
  readonly grants: readonly GrantSettings[];
}

/** What a setting is when nothing says otherwise. */
export const defaults = {
  host: "127.0.0.1",
  port: 7_777,
  bodyBytesMax: 4_194_304,
  startTimeoutMs: 30_000,
  callTimeoutMs: 120_000,
  callDeadlineMs: 3_600_000,
  idleTimeoutMs: 1_800_000,
  pinMode: "block",
} as const;
