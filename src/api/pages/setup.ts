import type { Context, Hono } from "hono";
import { html } from "hono/html";
import { completeSetup, isSetupOpen, type SetupInput } from "../../control/setup.ts";
import { startSession } from "../../control/sign-in.ts";
import { AppError } from "../../errors.ts";
import type { WebEnvironment } from "../web-environment.ts";
import { faultsOf, goOnSignedIn, readForm, signInRequest } from "./forms.ts";
import { alarm, field, page } from "./layout.ts";
import type { PageParts } from "./page-parts.ts";
import { personFields } from "./person-fields.ts";

const closed = "the setup link was used, or is too old: start the gateway again for a new one";

/** The page that the setup link leads to, where the first person becomes the admin. It is there until then. */
export function addSetupPage(app: Hono<WebEnvironment>, parts: PageParts): void {
  const { control, clock } = parts;
  const demandLink = async (c: Context<WebEnvironment>, token: string): Promise<void> => {
    if (!(await isSetupOpen(control, control.database.read, token, clock.wallMs())))
      throw new AppError("NOT_FOUND", closed);
    if (parts.mayClaim(c.env.incoming)) return;
    const message = "the setup link works on the gateway's own machine only, unless the operator sets `public_url`";
    throw new AppError("FORBIDDEN", message);
  };

  app.get("/setup", async (c) => {
    const token = c.req.query("token") ?? "";
    await demandLink(c, token);
    return setupPage(c, token, { organisation: "", email: "", name: "", password: "" }, undefined);
  });

  app.post("/setup", async (c) => {
    const form = await readForm(c);
    const token = form("token");
    await demandLink(c, token);
    const input: SetupInput = {
      organisation: form("organisation"),
      email: form("email"),
      name: form("name"),
      password: form("password"),
    };
    try {
      const memberId = await completeSetup(control, parts.signIn.passwords, token, input, c.get("address"));
      return goOnSignedIn(c, parts, await startSession(control, memberId, signInRequest(c, parts)), "/");
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "INPUT_INVALID") throw error;
      return setupPage(c, token, input, error);
    }
  });
}

function setupPage(
  c: Context<WebEnvironment>,
  token: string,
  input: SetupInput,
  error: AppError | undefined,
): Promise<Response> {
  const faults = error === undefined ? new Map<string, string>() : faultsOf(error);
  const main = html`<div class="sheet">
    <h1>Set up Callgate</h1>
    <p class="quiet">You become the first admin. This page is gone afterwards.</p>
    ${alarm(error?.message)}
    <form method="post" action="/setup">
      <input type="hidden" name="token" value="${token}" />
      ${field({
        name: "organisation",
        label: "Organisation",
        autocomplete: "organization",
        value: input.organisation,
        fault: faults.get("organisation"),
        hasFocus: error === undefined,
      })}
      ${personFields(input, faults)}
      <button class="wide" type="submit">Set up</button>
    </form>
  </div>`;
  return page(c, { title: "Set up", main, isNarrow: true, status: error === undefined ? 200 : 400 });
}
