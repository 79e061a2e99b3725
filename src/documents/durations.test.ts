import { describe, expect, it } from "vitest";
import { durationMsMax, formatDuration, parseDuration } from "./durations.ts";

describe("parseDuration", () => {
  it.each([
    [1, 1000],
    [1.5, 1500],
    [0.1 + 0.2 + 0.7, 1000],
    ["1s", 1000],
    ["90s", 90_000],
    ["15m", 900_000],
    ["24h", 86_400_000],
    ["7d", 604_800_000],
    ["366d", durationMsMax],
    ["minute", 60_000],
    ["hour", 3_600_000],
  ])("reads %j as %i ms", (source, ms) => {
    expect(parseDuration(source)).toBe(ms);
  });

  it.each([
    0,
    -1,
    0.999,
    1.0005,
    31_622_401,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    "",
    "0s",
    "01s",
    "1",
    "1 s",
    "1S",
    "1y",
    "367d",
    "999999999d",
    "second",
    "day",
    "constructor",
    "1e3s",
  ])("does not read %j", (source) => {
    expect(parseDuration(source)).toBeUndefined();
  });
});

describe("formatDuration", () => {
  it.each([
    [1000, "1s"],
    [90_000, "90s"],
    [900_000, "15m"],
    [3_600_000, "1h"],
    [86_400_000, "24h"],
    [604_800_000, "7d"],
    [1500, "1500ms"],
  ])("writes %i ms as %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});
