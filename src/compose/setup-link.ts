import { rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ControlContext } from "../control/control-context.ts";
import { offerSetup } from "../control/setup.ts";

/** A one-time link that makes its first user the admin. */
export interface SetupLink {
  readonly url: string;
  /** The file that holds it too, readable for the gateway's user alone. */
  readonly file: string;
}

/** A new setup link, in a file beside the store's; undefined, and no file, when there is an admin already. */
export async function writeSetupLink(
  context: ControlContext,
  origin: string,
  storeFile: string,
): Promise<SetupLink | undefined> {
  const file = join(dirname(storeFile), "setup-link.txt");
  await rm(file, { force: true });
  // Where nobody signs in by password, the first admin comes by a group of the OpenID provider.
  const token = context.rules().signIn.password ? await offerSetup(context) : undefined;
  if (token === undefined) return undefined;
  const url = `${origin}/setup?token=${token}`;
  await writeFile(file, `${url}\n`, { mode: 0o600, flag: "wx" });
  return { url, file };
}

/** Removes the file of a setup link that nobody can use any more. */
export async function removeSetupLink(link: SetupLink | undefined): Promise<void> {
  if (link !== undefined) await rm(link.file, { force: true });
}
