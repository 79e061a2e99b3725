/** When definitions were seen is asked for often, and stands behind the definitions themselves in their table. */
export const migration0004: string = `
CREATE INDEX tool_definitions_seen ON tool_definitions (server, tool, last_seen_ms);
`;
