import { outboundUrlFault } from "../../values/public-address.ts";

const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * Pure. The path and query to POST to, from the data of an `endpoint` event and the URL of its stream. Undefined for
 * anything but an address at the stream's own origin: no other may get the gateway's credentials.
 */
export function readEndpoint(data: Uint8Array, stream: URL): string | undefined {
  try {
    const text = decoder.decode(data);
    if (/[\s\\\x00-\x20\x7f]/.test(text)) return undefined;
    const url = new URL(text, stream);
    const isPlain = url.origin === stream.origin && url.hash === "" && outboundUrlFault(url.href, true) === undefined;
    return isPlain ? `${url.pathname}${url.search}` : undefined;
  } catch {
    return undefined;
  }
}
