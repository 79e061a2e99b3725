import type { Role } from "../values/roles.ts";

/** Servers that a person of a role (or of one that includes it) may let a client of theirs use. */
export interface SelfGrantRule {
  readonly role: Role;
  /** Server id to the policies to choose from, the first of them offered first. */
  readonly servers: ReadonlyMap<string, readonly string[]>;
}

/** What a token of an outside issuer opens, by its claims. */
export interface ClaimRule {
  /** Claim to values, one of which it must have; a claim that is a list must hold one of them. All must fit. */
  readonly when: ReadonlyMap<string, readonly string[]>;
  readonly gives:
    /** A grant that is there already, with its limits shared by all. */
    | { readonly kind: "grant"; readonly grantId: string }
    /** A grant of the person's own. */
    | {
        readonly kind: "servers";
        readonly servers: ReadonlyMap<string, string>;
        /** The claim that is the grant's label; undefined for its owner's name. */
        readonly labelClaim: string | undefined;
      };
}

/** An issuer elsewhere whose tokens (RFC 9068) are taken instead of the gateway's own. */
export interface IssuerRules {
  readonly issuer: string;
  /** Undefined: the address that the token is shown at (RFC 8707). */
  readonly audience: string | undefined;
  /** Undefined: what the issuer's metadata says. */
  readonly jwksUri: string | undefined;
  /** Signature algorithms (RFC 7518 §3.1), none of them with a shared secret. */
  readonly algorithms: readonly string[];
  /** Values of `typ` that are taken, in lower case and without `application/`. */
  readonly tokenTypes: readonly string[];
  /** The first that fits counts; a token that none fits opens nothing. */
  readonly grants: readonly ClaimRule[];
}

/** What the operator's files say of OAuth for MCP clients. */
export interface OAuthRules {
  readonly selfGrants: readonly SelfGrantRule[];
  /** Undefined: the gateway issues tokens itself. */
  readonly issuer: IssuerRules | undefined;
}

/** What holds when the files say nothing: the gateway is its own issuer, and only who may mint grants has any to give. */
export const oauthRulesDefault: OAuthRules = { selfGrants: [], issuer: undefined };
