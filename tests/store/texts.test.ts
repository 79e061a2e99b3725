import { describe, expect, it } from "vitest";
import type { FlowMark } from "../../src/values/admission.ts";
import { decodeMark, encodeMark } from "../../src/store/sqlite/mark-text.ts";

describe("a flow mark as text", () => {
  it("says the same when it is read", () => {
    const reviewed = { server: "mail", tool: "send", category: "Write", signals: ["sends_out"] };
    const unsigned = { ...reviewed, signals: undefined };
    const marks: readonly FlowMark[] = [reviewed, unsigned, { ...unsigned, category: undefined }];
    for (const mark of marks) expect(decodeMark(encodeMark(mark))).toEqual(mark);
  });

  it("is corruption when it is none, never a mark that fits nothing", () => {
    for (const text of ["", "{", "{}", "[]", '["a"]', "[1,2]", '["a","b",3]', '["a","b","c",4]', '["a","b","c",[5]]']) {
      expect(() => decodeMark(text), text).toThrow(expect.objectContaining({ code: "STORE_CORRUPT" }));
    }
  });
});
