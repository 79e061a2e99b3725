import { takeSnapshot } from "../../catalogue-store/open-catalogue.ts";
import { readSnapshotBytes } from "../../catalogue-store/snapshot.ts";
import { systemClock } from "../../clock.ts";
import { composeCatalogue } from "../../compose/catalogue.ts";
import type { Command } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { catalogueOption } from "../with-catalogue.ts";

/** `callgate catalogue update` */
export const catalogueUpdateCommand: Command = {
  usage: "callgate catalogue update [FILE]",
  description:
    "Brings the catalogue up to date: with the facts of this version of Callgate and with your own scans, or with a snapshot file of a newer one. Nothing is fetched or sent. What you scanned, imported or corrected stays.",
  options: { ...catalogueOption },
  examples: ["callgate catalogue update", "callgate catalogue update catalogue.json.gz"],
  run: (args) => {
    const [file] = args.positionals;
    const { store } = composeCatalogue(args.text("catalogue"));
    try {
      const taken = file === undefined ? undefined : takeSnapshot(store, readSnapshotBytes(file), systemClock.wallMs());
      const { servers, tools } = store.counts();
      const what = taken === undefined ? "" : `${taken.kept} servers taken in, ${taken.changes} changes noted; `;
      process.stdout.write(`${what}${servers} servers with ${tools} tools are known\n`);
      return Promise.resolve(exitCodes.done);
    } finally {
      store.close();
    }
  },
};
