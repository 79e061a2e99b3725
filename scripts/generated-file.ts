/** A file made from the sources; `path` from the repository's root. */
export interface GeneratedFile {
  readonly path: string;
  readonly text: string;
}
