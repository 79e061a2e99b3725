import type { Dispatcher, Pool } from "undici";
import type { HttpExchange } from "./upstream-exchange.ts";
import type { PoolOptions } from "./upstream-pool.ts";

/** Sends one request to a server; the exchange is told what comes of it. */
export type Dispatch = (request: Dispatcher.DispatchOptions, exchange: HttpExchange) => void;

/** The way to one origin. undici is loaded with the first request: without servers over HTTP a gateway starts faster. */
export function createDispatch(options: PoolOptions): Dispatch {
  let pool: Pool | undefined;
  let loading: Promise<Pool> | undefined;
  const load = async (): Promise<Pool> => {
    const { createPool } = await import("./upstream-pool.ts");
    pool = createPool(options);
    return pool;
  };
  return (request, exchange) => {
    if (pool !== undefined) {
      pool.dispatch(request, exchange);
      return;
    }
    loading ??= load();
    loading.then(
      (loaded) => loaded.dispatch(request, exchange),
      (error: unknown) => exchange.onResponseError(null, error),
    );
  };
}
