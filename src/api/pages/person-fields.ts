import { html } from "hono/html";
import type { PersonInput } from "../../control/person.ts";
import { passwordLengthMin } from "../../identity/password.ts";
import { field, type Html } from "./layout.ts";

/** The fields in which somebody says who they are. `fixedEmail`: the only address that will do. */
export function personFields(
  { email, name }: PersonInput,
  faults: ReadonlyMap<string, string>,
  fixedEmail?: string,
): Html {
  return html`${field({
    name: "name",
    label: "Your name",
    autocomplete: "name",
    value: name,
    fault: faults.get("name"),
  })}
  ${field({
    name: "email",
    label: "E-mail address",
    type: "email",
    autocomplete: "username",
    value: fixedEmail ?? email,
    fault: faults.get("email"),
    isFixed: fixedEmail !== undefined,
  })}
  ${field({
    name: "password",
    label: "Password",
    type: "password",
    autocomplete: "new-password",
    hint: `At least ${passwordLengthMin} characters. A few words in a row are good.`,
    fault: faults.get("password"),
  })}`;
}
