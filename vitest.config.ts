import { defineConfig, type ViteUserConfig } from "vitest/config";

const config: ViteUserConfig = defineConfig({
  test: {
    include: ["src/**/*.test.ts", "tests/**/*.test.ts"],
    pool: "forks",
    // Some scenarios start a hundred processes; a busy machine must not fail them.
    testTimeout: 300_000,
    hookTimeout: 120_000,
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts"],
      reporter: ["text-summary", "json-summary", "html"],
      reportOnFailure: true,
      // A ratchet: it only goes up. Rooms that are tested as whole processes are not counted in them, and not listed.
      thresholds: {
        "src/policy/**": { branches: 100 },
        "src/protocol/**": { branches: 100 },
        "src/limits/**": { branches: 98 },
        "src/values/**": { branches: 94 },
        "src/store/**": { branches: 92 },
      },
    },
  },
});

export default config;
