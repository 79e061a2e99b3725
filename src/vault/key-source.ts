/** Where a key comes from that somebody keeps. Holds no key itself. */
export type NamedKeySource =
  | {
      readonly kind: "file";
      /** Absolute. */
      readonly path: string;
    }
  | { readonly kind: "environment"; readonly variable: string }
  | {
      readonly kind: "command";
      /** A program, started without a shell, that writes the key to its standard output. */
      readonly command: string;
      readonly args: readonly string[];
    };

/** Where a key comes from; `default` is a file that is made when it is not there. */
export type KeySource = NamedKeySource | { readonly kind: "default"; readonly path: string };

/** Where the keys of a vault come from. Holds no key itself, so it may be shown. */
export interface VaultSettings {
  readonly current: KeySource;
  readonly previous: readonly NamedKeySource[];
}
