import type { ServerSettings } from "../config/settings.ts";
import type { Reviews } from "../definitions/pinning.ts";
import type { CompiledPolicy } from "../policy/index.ts";
import type { Secret } from "../vault/secret.ts";

/** Where something comes from: the operator's files, which the API cannot change, or the database. */
export type Source = "file" | "database";

/** A server that the gateway stands in front of. */
export interface ServerEntry {
  /** Its name in addresses, lists and counters; never changes. */
  readonly id: string;
  readonly title: string;
  readonly source: Source;
  /** From a file with its credentials; from the database without, they are in {@link ControlState.credentials}. */
  readonly settings: ServerSettings;
  readonly isDisabled: boolean;
  /** Milliseconds since 1970; undefined for a file's. */
  readonly createdMs: number | undefined;
  readonly updatedMs: number | undefined;
  readonly revision: number;
}

/** A policy with the version in force. */
export interface PolicyEntry {
  readonly id: string;
  readonly title: string;
  readonly source: Source;
  readonly version: number;
  readonly sha256: string;
  /** The text as it was saved. */
  readonly document: string;
  /** Undefined when this program cannot load the text: then everything under it is denied. */
  readonly compiled: CompiledPolicy | undefined;
  readonly updatedMs: number | undefined;
  readonly revision: number;
}

/** A token of a grant. */
export interface TokenEntry {
  readonly sha256: string;
  /** Milliseconds since 1970; undefined for as long as the grant lives. */
  readonly expiresMs: number | undefined;
}

/** A grant: who may reach which servers under which policy. Times in milliseconds since 1970. */
export interface GrantEntry {
  readonly id: string;
  readonly label: string;
  readonly owner: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly source: Source;
  /** Server id to policy id; undefined for a server without a policy, where everything is denied. */
  readonly servers: ReadonlyMap<string, string | undefined>;
  readonly tokens: readonly TokenEntry[];
  readonly showDenied: boolean;
  readonly expiresMs: number | undefined;
  readonly revokedMs: number | undefined;
  /** The OAuth client that it was made for; undefined for a minted one. */
  readonly client: string | undefined;
  readonly createdBy: string | undefined;
  readonly createdMs: number | undefined;
  readonly updatedMs: number | undefined;
  readonly revision: number;
}

/** A credential for a server, of all grants or of one. */
export interface CredentialEntry {
  readonly id: string;
  readonly server: string;
  /** Undefined for all grants. */
  readonly grantId: string | undefined;
  /** Of kind `oauth` there is one for each connection: its tokens, whose text `upstream-oauth` reads. */
  readonly kind: "header" | "environment" | "oauth";
  readonly name: string;
  /** What it was entered for; it goes nowhere else. */
  readonly origin: string;
  /** Rises each time the value is replaced. */
  readonly version: number;
  /** Undefined when it cannot be opened: the server is then not connected to. */
  readonly value: Secret | undefined;
  /** Who entered it. */
  readonly setBy: string;
  readonly updatedMs: number;
}

/** Everything that calls are judged by, of one moment. Never changed, only replaced whole. */
export interface ControlState {
  readonly servers: ReadonlyMap<string, ServerEntry>;
  readonly policies: ReadonlyMap<string, PolicyEntry>;
  readonly grants: ReadonlyMap<string, GrantEntry>;
  readonly credentials: readonly CredentialEntry[];
  /** Reviewed definitions by server id. */
  readonly reviews: ReadonlyMap<string, Reviews>;
  /** By server id, tools that were listed with another definition since they were last reviewed. */
  readonly quarantined: ReadonlyMap<string, ReadonlySet<string>>;
}

/** The part of a state that the operator's files give. */
export type FileState = Omit<ControlState, "credentials" | "reviews" | "quarantined">;

/** What there is before anything is configured. */
export const emptyFileState: FileState = { servers: new Map(), policies: new Map(), grants: new Map() };

/** What there is in a database without anything in it. */
export const emptyState: ControlState = {
  ...emptyFileState,
  credentials: [],
  reviews: new Map(),
  quarantined: new Map(),
};

/** Pure. Files and database as one state: a name that both use is the file's. */
export function mergeState(stored: ControlState, { servers, policies, grants }: FileState): ControlState {
  return {
    ...stored,
    servers: new Map([...stored.servers, ...servers]),
    policies: new Map([...stored.policies, ...policies]),
    grants: new Map([...stored.grants, ...grants]),
  };
}

/** The one organisation of an installation, as counters and policies name it. */
export const organisationId = "default";
