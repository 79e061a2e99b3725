import type { EventStore, JSONRPCMessage } from "@modelcontextprotocol/server";

interface StoredEvent {
  readonly streamId: string;
  readonly message: JSONRPCMessage;
}

/** Events of one session's streams, kept so that a client can read on after a cut (MCP 2025-11-25, Resumability). */
export class EventMemory implements EventStore {
  readonly #events: StoredEvent[] = [];

  async storeEvent(streamId: string, message: JSONRPCMessage): Promise<string> {
    return String(this.#events.push({ streamId, message }) - 1);
  }

  async getStreamIdForEventId(eventId: string): Promise<string | undefined> {
    return this.#events[Number(eventId)]?.streamId;
  }

  async replayEventsAfter(
    lastEventId: string,
    { send }: { send: (eventId: string, message: JSONRPCMessage) => Promise<void> },
  ): Promise<string> {
    const last = this.#events[Number(lastEventId)];
    if (last === undefined) throw new Error(`no event \`${lastEventId}\``);
    for (const [index, event] of this.#events.entries()) {
      // A priming event has no message of its own.
      const hasMessage = Object.keys(event.message).length > 0;
      if (index > Number(lastEventId) && event.streamId === last.streamId && hasMessage) {
        await send(String(index), event.message);
      }
    }
    return last.streamId;
  }
}
