import { type Context, Hono } from "hono";
import type { AuthorizationServer } from "../../authorization-server/authorization-server.ts";
import {
  type ConsentRequest,
  heldByClient,
  offersOf,
  type Person,
  recordConsent,
  rememberedGrant,
} from "../../authorization-server/consent.ts";
import { acceptRequest, denyRequest, readConsentRequest } from "../../authorization-server/interactions.ts";
import type { ControlContext } from "../../control/control-context.ts";
import { AppError } from "../../errors.ts";
import type { WebEnvironment } from "../web-environment.ts";
import { consentPage, expiredPage, returnPage } from "./consent-page.ts";

/** What the pages of consent work with. */
export interface ConsentParts {
  readonly control: ControlContext;
  readonly oauth: AuthorizationServer;
}

type PageContext = Context<WebEnvironment>;

/** Where a person decides what a client gets. */
export function createConsentRoutes({ control, oauth }: ConsentParts): Hono<WebEnvironment> {
  const app = new Hono<WebEnvironment>();
  const exchange = ({ env }: PageContext) => ({ req: env.incoming, res: env.outgoing });

  const finish = async (
    c: PageContext,
    person: Person,
    request: ConsentRequest,
    grantId: string,
  ): Promise<Response> => {
    const next = await acceptRequest(await oauth.provider(), exchange(c), person, request, grantId);
    return returnPage(c, request, next);
  };

  app.get("/:uid", async (c) => {
    const request = await readConsentRequest(await oauth.provider(), exchange(c), c.req.param("uid"));
    if (request === undefined) return expiredPage(c);
    const person = personOf(c);
    if (person === undefined) return askToSignIn(c);
    const remembered = await rememberedGrant(control, person, request);
    if (remembered !== undefined) return finish(c, person, request, remembered);
    const chosen = heldByClient(control, person, request.clientId);
    return consentPage(c, { control, person, request, offers: offersOf(control, person, request), chosen });
  });

  app.post("/:uid", async (c) => {
    const provider = await oauth.provider();
    const request = await readConsentRequest(provider, exchange(c), c.req.param("uid"));
    if (request === undefined) return expiredPage(c);
    const person = personOf(c);
    if (person === undefined) return askToSignIn(c);
    const form = await c.req.parseBody();
    const chosen = choiceIn(form);
    if (form["decision"] !== "allow") return returnPage(c, request, await denyRequest(provider, exchange(c)));
    try {
      return await finish(c, person, request, await recordConsent(control, person, request, chosen));
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "INPUT_INVALID") throw error;
      const offers = offersOf(control, person, request);
      return consentPage(c, { control, person, request, offers, chosen, fault: error.publicMessage });
    }
  });
  return app;
}

/** Who decides has signed in in this browser; a token for the HTTP API consents to nothing. */
function personOf(c: PageContext): Person | undefined {
  const actor = c.get("actor");
  const { memberId } = actor ?? {};
  return actor === undefined || memberId === undefined || c.get("session") === undefined
    ? undefined
    : { ...actor, memberId };
}

/** Has the person sign in, and come back. */
function askToSignIn(c: PageContext): Response {
  return c.redirect(`/sign-in?next=${encodeURIComponent(c.req.path)}`, 303);
}

/** The fields `policy:<server>`; an empty one leaves the server out. */
function choiceIn(form: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> {
  const prefix = "policy:";
  const chosen = Object.entries(form).flatMap(([name, value]) =>
    name.startsWith(prefix) && typeof value === "string" && value !== ""
      ? [[name.slice(prefix.length), value] as const]
      : [],
  );
  return new Map(chosen);
}
