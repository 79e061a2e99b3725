import { Hono } from "hono";
import { createPasswordHasher } from "../../identity/password.ts";
import { createSignInThrottle } from "../../identity/throttle.ts";
import type { WebEnvironment } from "../web-environment.ts";
import type { WebParts } from "../web-parts.ts";
import { addCataloguePages } from "../catalogue-pages/catalogue-pages.ts";
import { addAccountPage } from "./account.ts";
import { addInvitationPage } from "./invitation.ts";
import { addOpenIdPages } from "./openid.ts";
import type { PageParts } from "./page-parts.ts";
import { addSetupPage } from "./setup.ts";
import { addSignInPage } from "./sign-in.ts";
import { addStartPage } from "./start.ts";
import { iconPath, iconText, stylePath, styleText } from "./style.ts";

/** Everything that people open in a browser. */
export function createPages(webParts: WebParts): Hono<WebEnvironment> {
  const signIn = { passwords: createPasswordHasher(), throttle: createSignInThrottle(webParts.clock) };
  const parts: PageParts = { ...webParts, signIn };
  const pages = new Hono<WebEnvironment>();
  const kept = "public, max-age=31536000, immutable";
  pages.get(stylePath, (c) =>
    c.body(styleText, 200, { "content-type": "text/css; charset=utf-8", "cache-control": kept }),
  );
  pages.get(iconPath, (c) => c.body(iconText, 200, { "content-type": "image/svg+xml", "cache-control": kept }));
  addStartPage(pages, parts);
  addSignInPage(pages, parts);
  addOpenIdPages(pages, parts);
  addSetupPage(pages, parts);
  addInvitationPage(pages, parts);
  addAccountPage(pages, parts);
  addCataloguePages(pages, parts);
  return pages;
}
