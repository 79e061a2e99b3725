import { type IncomingHttpHeaders, request } from "node:http";

/** What a page answered. */
export interface Page {
  readonly url: string;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** As much of a browser as a sign-in needs: redirects, and cookies by host. Not a real one: no script, no page. */
export interface Browser {
  /** Keeps a cookie for a host and port, as if it had been set. */
  keep(host: string, cookie: string): void;
  /** Goes to an address and follows where it is led, at most twenty times. */
  visit(url: string): Promise<Page>;
  /** Goes to an address and follows nothing. */
  ask(url: string): Promise<Page>;
  /** Everything that was asked for, oldest first. */
  readonly visited: readonly string[];
}

/** `places`: where hosts are in truth, as `http://127.0.0.1:PORT`, for names that nobody resolves. */
export function openBrowser(places: Readonly<Record<string, string>> = {}): Browser {
  const cookies = new Map<string, Map<string, string>>();
  const visited: string[] = [];
  const keep = (host: string, cookie: string): void => {
    const [pair = ""] = cookie.split(";");
    const jar = cookies.get(host) ?? new Map<string, string>();
    cookies.set(host, jar);
    const [name = "", ...value] = pair.split("=");
    if (/;\s*max-age=0\b/i.test(cookie)) jar.delete(name);
    else jar.set(name, value.join("="));
  };
  const ask = (url: string): Promise<Page> => {
    const { host, pathname, search } = new URL(url);
    visited.push(url);
    const jar = [...(cookies.get(host) ?? [])].map(([name, value]) => `${name}=${value}`);
    const headers = { host, accept: "text/html", ...(jar.length === 0 ? {} : { cookie: jar.join("; ") }) };
    const place = places[host] ?? new URL(url).origin;
    return new Promise((resolve, reject) => {
      const asked = request(`${place}${pathname}${search}`, { headers }, (answer) => {
        for (const cookie of answer.headers["set-cookie"] ?? []) keep(host, cookie);
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          resolve({ url, status: answer.statusCode ?? 0, headers: answer.headers, text });
        });
        answer.on("error", reject);
      });
      asked.on("error", reject);
      asked.end();
    });
  };
  return {
    keep,
    ask,
    visited,
    visit: async (url) => {
      let page = await ask(url);
      for (let hops = 0; hops < 20 && page.headers.location !== undefined; hops += 1) {
        page = await ask(new URL(page.headers.location, page.url).href);
      }
      return page;
    },
  };
}
