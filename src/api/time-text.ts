/** Pure. A moment (milliseconds since 1970) as the API writes it: RFC 3339 in UTC, null when there is none. */
export function timeText(ms: number): string;
export function timeText(ms: number | undefined | null): string | null;
export function timeText(ms: number | undefined | null): string | null {
  return ms === undefined || ms === null ? null : new Date(ms).toISOString();
}
