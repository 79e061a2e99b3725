const lineEnds = /[\r\n]/g;

/**
 * Pure. One message as one line, line end included (MCP 2025-11-25, Transports §stdio). Its text is JSON, so a CR or LF
 * in it stands between tokens and becomes a space: else what is nested in a message could arrive as one of its own.
 */
export function toLine(text: string): string {
  return `${text.replaceAll(lineEnds, " ")}\n`;
}
