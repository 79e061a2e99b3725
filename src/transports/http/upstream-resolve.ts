import { lookup, type LookupAddress } from "node:dns";

/** Finds all addresses of a name. */
export type Resolve = (
  name: string,
  answer: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** Asks the system: its hosts file, its name servers. */
export const systemResolve: Resolve = (name, answer) => lookup(name, { all: true }, answer);
