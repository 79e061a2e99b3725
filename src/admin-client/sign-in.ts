import { createApiToken, endSession, getWho, listSessions } from "../api/contract/account.ts";
import { AppError } from "../errors.ts";
import type { Role } from "../values/roles.ts";
import { createApiClient } from "./api-client.ts";
import type { KeptToken } from "./credentials-file.ts";

/** Who signs in, and what the token is for. */
export interface SignIn {
  readonly email: string;
  readonly password: string;
  /** What the token is called in the list of this member's tokens. */
  readonly label: string;
  /** What it may do; undefined for all that its member may. */
  readonly role: Role | undefined;
}

/** A token that was just made, and how long it works. */
export interface SignedIn extends KeptToken {
  readonly role: Role;
  /** RFC 3339; null for as long as its member. */
  readonly expiresAt: string | null;
}

/**
 * Signs in as a browser does, makes an API token, and signs out again. Rejects with `UNAUTHENTICATED`,
 * `TOO_MANY_ATTEMPTS`, `API_UNREACHABLE`, and what the API refuses.
 */
export async function signIn(origin: string, { email, password, label, role }: SignIn): Promise<SignedIn> {
  const cookie = await openSession(origin, email, password);
  const { csrfToken, name } = await createApiClient(origin, { cookie }).send(getWho);
  const client = createApiClient(origin, { cookie, origin, "x-csrf-token": csrfToken ?? "" });
  const body = { label, ...(role === undefined ? {} : { role }) };
  const made = await client.send(createApiToken, { body });
  for (const { id, isThis } of await client.all(listSessions)) {
    if (isThis) await client.send(endSession, { params: { sessionId: id } });
  }
  return { token: made.token, tokenId: made.id, name, role: made.role, expiresAt: made.expiresAt };
}

/** The cookie of a new session. */
async function openSession(origin: string, email: string, password: string): Promise<string> {
  const response = await postForm(origin, new URLSearchParams({ email, password }));
  const [cookie] = response.headers.getSetCookie().flatMap((line) => /^[^;]+/.exec(line) ?? []);
  if (response.status === 303 && cookie !== undefined) return cookie;
  if (response.status === 429) {
    const seconds = response.headers.get("retry-after");
    const when = seconds === null ? "later" : `in ${seconds} s`;
    throw new AppError("TOO_MANY_ATTEMPTS", `too many attempts to sign in: try again ${when}`);
  }
  if (response.status === 400 || response.status === 401) {
    throw new AppError("UNAUTHENTICATED", "e-mail address or password is wrong");
  }
  throw new AppError("API_UNREACHABLE", `${origin} answered ${response.status} to a sign-in: check the address`);
}

async function postForm(origin: string, body: URLSearchParams): Promise<Response> {
  try {
    const response = await fetch(new URL("/sign-in", origin), {
      method: "POST",
      body,
      redirect: "manual",
      headers: { origin },
      signal: AbortSignal.timeout(30_000),
    });
    await response.text();
    return response;
  } catch (error) {
    const message = `the gateway at ${origin} cannot be asked: is \`callgate serve\` running there?`;
    throw new AppError("API_UNREACHABLE", message, { cause: error });
  }
}
