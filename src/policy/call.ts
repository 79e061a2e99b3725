import type { JsonObject, JsonValue } from "../values/json.ts";

/** The catalogue's categories, mildest first. */
export const categories = ["Read", "Write", "Execute", "Destructive", "Financial"] as const;
export type Category = (typeof categories)[number];

/** The catalogue's signals: what a tool takes, returns or does, as a reviewer found it. */
export const signals = [
  "takes_url",
  "takes_path",
  "takes_code",
  "takes_secret",
  "returns_secrets",
  "sends_to_recipient",
  "bulk",
  "permissions",
  "runs_on_host",
  "loads_untrusted_content",
  "irreversible",
] as const;
export type Signal = (typeof signals)[number];

/** The catalogue's reviewed verdict on a tool. Never what a server says of itself. */
export interface ToolReview {
  readonly category: Category;
  readonly signals: readonly Signal[];
}

/** One fault of arguments against an input schema: where and which keyword, never a value. */
export interface SchemaFault {
  /** RFC 6901 pointer into the arguments. */
  readonly path: string;
  /** The JSON Schema keyword that failed, e.g. `required`. */
  readonly keyword: string;
}

/** A tool's own `inputSchema`, with the validator that was passed in. */
export interface ArgumentSchema {
  readonly schema: JsonValue;
  /**
   * Faults of the arguments, empty when they are valid; undefined when the schema cannot be compiled or is over the
   * bounds, which denies. No coercion, no defaults filled in, no remote `$ref`.
   */
  readonly validate: (args: JsonObject) => readonly SchemaFault[] | undefined;
}

/** What is known of the tool that a call names. */
export interface ToolFacts {
  /** Exactly as the call names it, code point by code point. */
  readonly name: string;
  /** Whether the server lists it now. */
  readonly isListed: boolean;
  /** Whether pinning blocks it because its definition is not the reviewed one. */
  readonly isChanged: boolean;
  /** Of a changed one: whether no definition of that name was ever reviewed. */
  readonly isNew?: boolean;
  readonly review: ToolReview | undefined;
  readonly schema: ArgumentSchema | undefined;
}

/** Who calls. The id is unique in the organisation; `owner` is the person behind the grant, if known. */
export interface GrantFacts {
  readonly id: string;
  readonly label: string;
  readonly owner: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

/** One tool call as plain data: all that a policy can read, except the time. */
export interface Call {
  readonly organisation: string;
  readonly server: { readonly name: string };
  readonly grant: GrantFacts;
  /** `name` and `version` are self-declared. `ip` is undefined for a local client on stdio. */
  readonly client: {
    readonly ip: string | undefined;
    readonly name: string | undefined;
    readonly version: string | undefined;
  };
  /** The protocol session, undefined where the protocol has none. */
  readonly session: string | undefined;
  readonly tool: ToolFacts;
  /** The call's arguments; `{}` when it carried none. */
  readonly args: JsonObject;
}

/** What a decision may read besides the call. */
export interface Facts {
  /** Wall time, milliseconds since 1970 (UTC). */
  readonly nowMs: number;
}
