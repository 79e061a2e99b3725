import { z } from "zod";

/** Which part of a list is asked for. */
export interface PageQuery {
  /** How many at most, 1 to 200. */
  readonly limit: number;
  /** `nextCursor` of the part before. */
  readonly cursor?: string;
}

/** The members of {@link PageQuery}, for queries that have more. */
export const pageMembers: {
  readonly limit: z.ZodDefault<z.ZodCoercedNumber>;
  readonly cursor: z.ZodExactOptional<z.ZodString>;
} = {
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.exactOptional(z.string().min(1).max(8_000)),
};

/** A part of a list, and nothing else in the query. */
export const pageQuery: z.ZodType<PageQuery> = z.strictObject(pageMembers);

/** A part of a list. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** What to ask for next; null at the end. */
  readonly nextCursor: string | null;
}

/** A part of a list of `item`, named `name` in the OpenAPI document. */
export function pageOf<Item>(name: string, item: z.ZodType<Item>): z.ZodType<Page<Item>> {
  return z.strictObject({ items: z.array(item), nextCursor: z.string().nullable() }).meta({ id: name });
}

/** A moment, RFC 3339 in UTC. */
export const time: z.ZodType<string> = z.iso.datetime();

/** Where something comes from: the operator's files, which the API cannot change, or the database. */
export const source: z.ZodType<"file" | "database"> = z.enum(["file", "database"]);

/** A thing's id in a path. */
export const idText: z.ZodType<string> = z.string().min(1).max(200);

/** Any JSON object. */
export const jsonObject: z.ZodType<Readonly<Record<string, unknown>>> = z.record(z.string(), z.unknown());
