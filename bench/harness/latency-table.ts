import { ms } from "./figures.ts";
import { medianOf, type TargetResult, valuesOf } from "./load.ts";
import type { Table } from "./report.ts";
import { medianDifference } from "./statistics.ts";

/** Latencies side by side, and what each adds to the target named `direct` in the same rounds, where there is one. */
export function latencyTable(caption: string, results: readonly TargetResult[]): Table {
  const direct = results.find(({ name }) => name === "direct");
  const added = (result: TargetResult, figure: "p50" | "p99"): string =>
    direct === undefined || result === direct
      ? "-"
      : ms(medianDifference(valuesOf(result, figure), valuesOf(direct, figure)));
  return {
    caption,
    head: ["", "p50", "p99", "added p50", "added p99"],
    rows: results.map((result) => [
      result.name,
      ms(medianOf(result, "p50")),
      ms(medianOf(result, "p99")),
      added(result, "p50"),
      added(result, "p99"),
    ]),
  };
}
