import { newPasswordFault } from "../identity/password.ts";
import type { InputProblem } from "./control-context.ts";

/** What somebody says of themself when they become a member. */
export interface PersonInput {
  readonly email: string;
  readonly name: string;
  readonly password: string;
}

/** What is wrong with it. Pure. */
export function personProblems({ email, name, password }: PersonInput): readonly InputProblem[] {
  return [
    ...emailProblems(email, "/email"),
    ...nameProblems(name, "/name"),
    ...passwordProblems(password, "/password"),
  ];
}

/** Why a text cannot be a new password. Pure. */
export function passwordProblems(password: string, path: string): readonly InputProblem[] {
  const message = newPasswordFault(password);
  return message === undefined ? [] : [{ path, message, hint: "choose another, such as a few words in a row" }];
}

/** Why a text cannot be an e-mail address: one `@` with something before it and a name after it. Pure. */
export function emailProblems(email: string, path: string): readonly InputProblem[] {
  if (email.length <= 254 && /^[^\s@<>"'(),:;\\[\]\p{C}]+@[^\s@<>"'(),:;\\[\]\p{C}]+$/u.test(email)) return [];
  return [{ path, message: "this is no e-mail address", hint: "write it as in `ada@example.com`" }];
}

/** Why a text cannot be a name that is shown to people. Pure. */
export function nameProblems(name: string, path: string): readonly InputProblem[] {
  const isShown = name.trim() !== "" && name.length <= 200 && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(name);
  if (isShown) return [];
  return [{ path, message: "this is no name to show", hint: "write 1 to 200 characters that can be seen" }];
}

/** An address as it is stored and compared. Pure. */
export function storedEmail(email: string): string {
  return email.trim().toLowerCase();
}
