import { resetPasswordIn } from "../../compose/reset-password.ts";
import { type Command, UsageError } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { readStorePlace, storeOptions } from "../store-argument.ts";

/** `callgate reset-password` */
export const resetPasswordCommand: Command = {
  usage: "callgate reset-password EMAIL [--config FILE | --store FILE]",
  description:
    "Gives a member a new password, prints it once, and signs them out everywhere; also while a gateway works on the store. For who forgot theirs.",
  options: storeOptions,
  examples: ["callgate reset-password ada@example.com", "callgate reset-password ada@example.com -c callgate.yaml"],
  run: async (args) => {
    const [email] = args.positionals;
    if (email === undefined || args.positionals.length > 1) {
      throw new UsageError("name one member by e-mail address: `callgate reset-password EMAIL`");
    }
    const password = await resetPasswordIn(readStorePlace(args).storeFile, email);
    process.stderr.write(
      `the password of ${email} is now the one below: sign in with it, and choose another at /account\n`,
    );
    process.stdout.write(`${password}\n`);
    return exitCodes.done;
  },
};
