import { compareAtRandom } from "./run.ts";
import { Coverage } from "./coverage.ts";
const c = new Coverage();
const t = performance.now();
try {
  console.log(
    compareAtRandom(
      { policies: Number(process.argv[2] ?? 100), callsPerPolicy: 50, seed: Number(process.argv[3] ?? 1) },
      c,
    ),
    performance.now() - t,
  );
  console.log(c.report());
} catch (e) {
  console.log(performance.now() - t);
  console.log(String(e instanceof Error ? (e.cause instanceof Error ? e.cause.message : e.message) : e).slice(0, 3000));
}
