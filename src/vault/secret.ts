import { inspect } from "node:util";
import { AppError } from "../errors.ts";

const shown = "[secret]";

/**
 * A text that nobody may see: it prints as `[secret]` wherever it is printed, and a copy of it is empty. JavaScript
 * texts cannot be wiped, so keep a `Secret` no longer than it is used.
 */
export class Secret {
  readonly #text: string;

  static {
    // For consoles. As a method it would need a computed name, whose type cannot be declared on its own.
    Object.defineProperty(Secret.prototype, inspect.custom, { value: () => shown });
  }

  private constructor(text: string) {
    this.#text = text;
  }

  /** Throws `SECRET_UNREADABLE` for a text with half a character in it, which would not come back as it was. */
  static of(text: string): Secret {
    if (text.isWellFormed()) return new Secret(text);
    throw new AppError("SECRET_UNREADABLE", "the secret has half a character in it: enter it again, whole");
  }

  /** The text itself. Called only where it is used: `secret.test.ts` lists the files. */
  reveal(): string {
    return this.#text;
  }

  /** `[secret]`. */
  toString(): string {
    return shown;
  }

  /** `[secret]`. */
  toJSON(): string {
    return shown;
  }
}
