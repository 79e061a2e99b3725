import type { SignInParts } from "../../control/sign-in.ts";
import type { WebParts } from "../web-parts.ts";

/** What the pages work with. */
export interface PageParts extends WebParts {
  readonly signIn: SignInParts;
}
