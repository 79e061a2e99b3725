import { describe, expect, it } from "vitest";
import { classifyTool } from "./classify/classify-tool.ts";
import { gradeTools } from "./grade.ts";
import type { ClassifiedTool } from "./record.ts";

function classified(name: string, description = ""): ClassifiedTool {
  const definition = { name, description, inputSchema: { type: "object" }, annotations: {} };
  return { definition, classification: classifyTool(definition) };
}

describe("gradeTools", () => {
  it("gives A to a small list of readers, and to an empty one", () => {
    expect(gradeTools([classified("get_order")])).toMatchObject({ letter: "A", points: 100, deductions: [] });
    expect(gradeTools([])).toMatchObject({ letter: "A", definitionTokens: 0, heaviestTool: undefined });
  });

  it("shows arithmetic that adds up", () => {
    const bare = { name: "delete_record" };
    const tools = [{ definition: bare, classification: classifyTool(bare) }, classified("run_job", "x".repeat(80_000))];
    const grade = gradeTools(tools);
    expect(grade.deductions.map(({ points }) => points)).toEqual([20, 10, 5, 5, 16]);
    expect(grade).toMatchObject({ points: 44, letter: "F", heaviestTool: "run_job" });
  });

  it.each([
    [9, "A"],
    [2, "B"],
    [1, "B"],
    [0, "D"],
  ])("of one destructive tool among %i readers is %s", (readers, letter) => {
    const tools = [classified("delete_record"), ...Array.from({ length: readers }, () => classified("get_order"))];
    expect(gradeTools(tools).letter).toBe(letter);
  });

  it("counts a quarter of the characters of a definition as its tokens", () => {
    const definition = { name: "get_order" };
    const grade = gradeTools([{ definition, classification: classifyTool(definition) }]);
    expect(grade.definitionTokens).toBe(Math.ceil(JSON.stringify(definition).length / 4));
    expect(grade.tokenMethod).toContain("divided by 4");
  });

  it("takes points off for what is grave in the definitions, and not for what is mild", () => {
    const finding = { subject: { kind: "tool", name: "a" }, place: "", seen: "", message: "" } as const;
    const of = (severity: "low" | "high", count: number) =>
      gradeTools(
        [classified("get_order")],
        Array.from({ length: count }, () => ({ ...finding, code: "instructions" as const, severity })),
      );
    expect(of("low", 9).points).toBe(100);
    expect(of("high", 1)).toMatchObject({ points: 85, letter: "B" });
    expect(of("high", 9)).toMatchObject({ points: 55, letter: "F" });
  });
});
