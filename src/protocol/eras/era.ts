/** The two ways the protocol is spoken: with a handshake and sessions, or with metadata on every request. */
export type Era = "legacy" | "modern";
