import * as fc from "fast-check";
import type { Arbitrary } from "fast-check";

/** Members that may be undefined become members that may be missing. */
export type Present<T> = {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K];
} & { [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined> };

/** Leaves out the members that are undefined, as a JSON text does. */
export function present<T extends object>(object: T): Present<T> {
  return JSON.parse(JSON.stringify(object));
}

/** One of a pool. */
export function pick<T>(pool: readonly T[]): Arbitrary<T> {
  return fc.constantFrom(...pool);
}

/** Present `percent` times in a hundred. */
export function sometimes<T>(percent: number, arbitrary: Arbitrary<T>): Arbitrary<T | undefined> {
  return fc.oneof({ weight: 100 - percent, arbitrary: fc.constant(undefined) }, { weight: percent, arbitrary });
}
