import type { Context, Hono } from "hono";
import { html } from "hono/html";
import { acceptInvitation, findInvitation, type InvitationEntry } from "../../control/invitations.ts";
import type { PersonInput } from "../../control/person.ts";
import { startSession } from "../../control/sign-in.ts";
import { AppError } from "../../errors.ts";
import type { WebEnvironment } from "../web-environment.ts";
import { faultsOf, goOnSignedIn, readForm, signInRequest } from "./forms.ts";
import { alarm, page } from "./layout.ts";
import type { PageParts } from "./page-parts.ts";
import { personFields } from "./person-fields.ts";
import { roleTexts } from "./role-texts.ts";

/** The page that an invitation's link leads to, where somebody becomes a member. */
export function addInvitationPage(app: Hono<WebEnvironment>, parts: PageParts): void {
  const { control, clock } = parts;
  const demandInvitation = async (token: string): Promise<InvitationEntry> => {
    const found = await findInvitation(control, control.database.read, token, clock.wallMs());
    if (found !== undefined) return found;
    throw new AppError("NOT_FOUND", "the invitation was used, taken back, or is too old: ask for another one");
  };

  app.get("/invitation", async (c) => {
    const token = c.req.query("token") ?? "";
    const invitation = await demandInvitation(token);
    return invitationPage(c, parts, { token, invitation }, { email: "", name: "", password: "" }, undefined);
  });

  app.post("/invitation", async (c) => {
    const form = await readForm(c);
    const token = form("token");
    const invitation = await demandInvitation(token);
    const input: PersonInput = { email: form("email"), name: form("name"), password: form("password") };
    try {
      const memberId = await acceptInvitation(control, parts.signIn.passwords, token, input, c.get("address"));
      return goOnSignedIn(c, parts, await startSession(control, memberId, signInRequest(c, parts)), "/");
    } catch (error) {
      const isTheirs = error instanceof AppError && (error.code === "INPUT_INVALID" || error.code === "NAME_TAKEN");
      if (!isTheirs) throw error;
      return invitationPage(c, parts, { token, invitation }, input, error);
    }
  });
}

async function invitationPage(
  c: Context<WebEnvironment>,
  { control }: PageParts,
  { token, invitation }: { readonly token: string; readonly invitation: InvitationEntry },
  input: PersonInput,
  error: AppError | undefined,
): Promise<Response> {
  const organisation = await control.database.read.selectFrom("organisations").select("name").executeTakeFirst();
  const faults = error === undefined ? new Map<string, string>() : faultsOf(error);
  const main = html`<div class="sheet">
    <h1>Join ${organisation?.name ?? "Callgate"}</h1>
    <p>You are invited as <strong>${roleTexts[invitation.role].title}</strong>: ${roleTexts[invitation.role].can}.</p>
    ${alarm(error?.message)}
    <form method="post" action="/invitation">
      <input type="hidden" name="token" value="${token}" />
      ${personFields(input, faults, invitation.email)}
      <button class="wide" type="submit">Join</button>
    </form>
  </div>`;
  return page(c, { title: "Join", main, isNarrow: true, status: error === undefined ? 200 : 400 });
}
