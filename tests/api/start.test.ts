import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const serve = new URL("../../src/compose/serve.ts", import.meta.url).href;

it("loads no library of the HTTP API before somebody asks for it", () => {
  const script = `
    import { registerHooks } from "node:module";
    const seen = [];
    registerHooks({ resolve: (name, context, next) => { const found = next(name, context); seen.push(found.url); return found; } });
    await import(${JSON.stringify(serve)});
    console.log(JSON.stringify(seen));
  `;
  const output = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
    encoding: "utf8",
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
  });
  const seen: unknown = JSON.parse(output);
  expect(seen).toEqual(expect.arrayContaining([serve]));
  const ofTheApi = Array.isArray(seen)
    ? seen.filter((url) => /\/hono\/|\/@hono\/|\/src\/api\//.test(String(url)))
    : seen;
  expect(ofTheApi).toEqual([]);
});
