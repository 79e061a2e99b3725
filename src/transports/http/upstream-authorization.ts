import type { AuthorizationSource, UpstreamFailure } from "../transport.ts";
import type { ExchangeCalls } from "./upstream-exchange.ts";
import type { HeaderList } from "./upstream-headers.ts";

/**
 * Goes on with the headers that authorize a request: at once when there is nothing to wait for, later when a token has to
 * be renewed first. `fail`: there is none, and nothing may be sent.
 */
export function authorize(
  source: AuthorizationSource | undefined,
  go: (headers: HeaderList) => void,
  fail: (failure: UpstreamFailure) => void,
): void {
  if (source === undefined) return go([]);
  const value = source.fresh();
  if (value !== undefined) return go(["authorization", value]);
  void source.renewed().then((result) => {
    if ("value" in result) go(["authorization", result.value]);
    else fail(result);
  });
}

/** The same calls, which tell the source of a token that the server does not accept. */
export function watched(
  calls: ExchangeCalls,
  source: AuthorizationSource | undefined,
  headers: HeaderList,
): ExchangeCalls {
  if (source === undefined) return calls;
  const [, value] = headers;
  if (value === undefined) return calls;
  return {
    ...calls,
    onHead: (status, received) => {
      if (status === 401) source.refused(value);
      return calls.onHead(status, received);
    },
  };
}
