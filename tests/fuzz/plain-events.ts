/** An event as a reader of the whole stream finds it. */
export interface PlainEvent {
  readonly event: string;
  readonly data: string;
  readonly id: string | undefined;
}

/**
 * A second, slow, obvious reader of server-sent events (HTML Living Standard §9.2.6): lines of the whole text, fields of
 * each. Events that only set an id count, as in the parser; the end of the text ends no event.
 */
export function readEvents(stream: string): readonly PlainEvent[] {
  const lines = stream.replace(/^\ufeff/, "").split(/\r\n|\r|\n/);
  // What stands behind the last line end is no line yet.
  lines.pop();
  const events: PlainEvent[] = [];
  let data: string[] = [];
  let event = "";
  let id: string | undefined;
  for (const line of lines) {
    if (line === "") {
      if (data.length > 0 || id !== undefined) events.push({ event: event || "message", data: data.join("\n"), id });
      data = [];
      event = "";
      id = undefined;
      continue;
    }
    const [, field = "", value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === "data") data.push(value);
    if (field === "event") event = value;
    if (field === "id" && !value.includes("\0")) id = value;
  }
  return events;
}
