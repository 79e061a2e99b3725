import { z } from "zod";
import { categories, type Category, type Signal, signals } from "../policy/index.ts";
import type { JsonObject } from "../values/json.ts";
import { type OwaspCode, owaspCodes } from "../values/owasp.ts";
import {
  type Ask,
  asks,
  attackCategories,
  type AttackCategory,
  type Coverage,
  coverages,
  type SentHeaders,
} from "./attack.ts";

/** The shapes of an entry's front matter, of its replay, and of the table of what has no entry. */

const optional = z.exactOptional;

function strict<T extends z.ZodRawShape>(fields: T): z.ZodObject<T, z.core.$strict> {
  const known = Object.keys(fields).join(" ");
  return z.strictObject(fields, { error: (issue) => (issue.code === "unrecognized_keys" ? known : undefined) });
}

const jsonObject: z.ZodType<JsonObject> = z.custom<JsonObject>(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
);
const text = z.string().min(1);
const doors = z.enum(asks);

/** The front matter of `entries/<slug>.md`. */
export interface FrontMatter {
  readonly slug: string;
  readonly name: string;
  readonly category: AttackCategory;
  readonly abuses: { readonly categories: readonly Category[]; readonly signals: readonly Signal[] };
  readonly coverage: Coverage;
  readonly owasp: readonly OwaspCode[];
  readonly sources: readonly { readonly title?: string; readonly url: string; readonly date: string }[];
}

/** The shape of {@link FrontMatter}. */
export const frontMatterSchema: z.ZodType<FrontMatter> = strict({
  slug: text,
  name: text,
  category: z.enum(attackCategories),
  abuses: strict({
    categories: z.array(z.enum(categories)).min(1).readonly(),
    signals: z.array(z.enum(signals)).min(1).readonly(),
  }),
  coverage: z.enum(coverages),
  owasp: z.array(z.enum(owaspCodes)).readonly(),
  sources: z
    .array(strict({ title: optional(text), url: text, date: text }))
    .min(1)
    .readonly(),
});

/** One step of a replay as it is written. */
export interface StepDocument {
  readonly bait?: string;
  readonly attack?: string;
  readonly work?: string;
  readonly call?: string;
  readonly with?: JsonObject;
  readonly repeat?: number;
  readonly asked?: Ask;
  readonly see?: string;
  readonly read?: string;
  readonly prompt?: string;
  readonly send?: string;
  readonly headers?: SentHeaders;
  readonly stopped?: { readonly code: string; readonly rule: string };
  readonly passes?: string;
}

const stepSchema = strict({
  bait: optional(text),
  attack: optional(text),
  work: optional(text),
  call: optional(text),
  with: optional(jsonObject),
  repeat: optional(z.number().int().min(1).max(100)),
  asked: optional(doors),
  see: optional(text),
  read: optional(text),
  prompt: optional(text),
  send: optional(text),
  headers: optional(
    strict({ "mcp-protocol-version": optional(text), "mcp-method": optional(text), "mcp-name": optional(text) }),
  ),
  stopped: optional(strict({ code: text, rule: text })),
  passes: optional(text),
});

/** A tool of the hostile server as it is written; `input` are the properties of its schema. */
export interface ToolDocument {
  readonly name: string;
  readonly server?: string;
  readonly later?: true;
  readonly title?: string;
  readonly description?: string;
  readonly input?: JsonObject;
  readonly required?: readonly string[];
  readonly annotations?: JsonObject;
  readonly result?: string;
  readonly fails?: true;
  readonly asks?: Ask;
}

/** `replays/<slug>.yaml`. */
export interface ReplayDocument {
  readonly grant?: { readonly owner?: string; readonly tags?: Readonly<Record<string, string>> };
  readonly tools: readonly ToolDocument[];
  readonly resources?: Readonly<Record<string, string>>;
  readonly prompts?: Readonly<Record<string, string>>;
  readonly steps: readonly StepDocument[];
}

/** The shape of {@link ReplayDocument}. */
export const replaySchema: z.ZodType<ReplayDocument> = strict({
  grant: optional(strict({ owner: optional(text), tags: optional(z.record(z.string(), z.string()).readonly()) })),
  tools: z
    .array(
      strict({
        name: text,
        server: optional(text),
        later: optional(z.literal(true)),
        title: optional(text),
        description: optional(text),
        input: optional(jsonObject),
        required: optional(z.array(text).readonly()),
        annotations: optional(jsonObject),
        result: optional(text),
        fails: optional(z.literal(true)),
        asks: optional(doors),
      }),
    )
    .min(1)
    .readonly(),
  resources: optional(z.record(z.string(), z.string()).readonly()),
  prompts: optional(z.record(z.string(), z.string()).readonly()),
  steps: z.array(stepSchema).min(1).readonly(),
});

/** A known attack that the gateway itself stops, whatever the policy. */
export interface StoppedByGateway {
  readonly slug: string;
  readonly name: string;
  /** What of the gateway stops it, in our words. */
  readonly how: string;
  /** Rows of the bypass table, or numbered behaviours, whose tests try it. */
  readonly rows: readonly string[];
}

/** A known attack that neither a policy nor the gateway can stop or show. */
export interface OutOfReach {
  readonly slug: string;
  readonly name: string;
  readonly reason: string;
}

/** `without-entry.yaml`: known attacks that no policy judges. */
export interface WithoutEntryDocument {
  readonly gateway: readonly StoppedByGateway[];
  readonly out_of_reach: readonly OutOfReach[];
}

/** The shape of {@link WithoutEntryDocument}. */
export const withoutEntrySchema: z.ZodType<WithoutEntryDocument> = strict({
  gateway: z.array(strict({ slug: text, name: text, how: text, rows: z.array(text).min(1).readonly() })).readonly(),
  out_of_reach: z.array(strict({ slug: text, name: text, reason: text })).readonly(),
});
