/** What the files of one folder (or one file) directly below `src/` may import. */
export interface Layer {
  /** A folder, or a file with its ending. */
  readonly name: string;
  /** Other layers; `folder/` is the whole of it, `folder/file.ts` that file alone, `folder/*` its files but no subfolder. */
  readonly layers: readonly string[];
  /** Layers of which only types may be imported. */
  readonly types: readonly string[];
  /** Libraries, or `any`. */
  readonly packages: readonly string[] | "any";
  /** Whether Node's own modules may be imported. */
  readonly mayUseNode: boolean;
}

const pure = ["documents/", "policy/", "protocol/", "values/", "limits/", "input-schema/"];
const base = ["errors.ts", "clock.ts", "ids.ts"];
const domain = [
  "identity/",
  "definitions/",
  "vault/",
  "approvals/",
  "audit/*",
  "store/*",
  "catalogue/",
  "attacks/",
  "clients/",
];
const front = [
  "catalogue-store/",
  "gateway/",
  "logger.ts",
  "config/",
  "control/",
  "upstream-oauth/",
  "authorization-server/",
  "api/",
  "scan/",
  "transports/transport.ts",
];

function pureLayer(name: string, packages: readonly string[], layers: readonly string[] = ["values/"]): Layer {
  return { name, layers, types: ["errors.ts"], packages, mayUseNode: false };
}

function domainLayer(name: string, more: readonly string[] = []): Layer {
  return { name, layers: [...pure, ...base, ...more], types: [], packages: "any", mayUseNode: true };
}

function frontLayer(name: string, more: readonly string[] = []): Layer {
  const layers = [...pure, ...base, ...domain, ...front, ...more];
  return { name, layers, types: [], packages: "any", mayUseNode: true };
}

function rootFile(name: string, layers: readonly string[], packages: readonly string[], mayUseNode: boolean): Layer {
  return { name, layers, types: [], packages, mayUseNode };
}

/** ARCHITECTURE.md, "The rooms", as data. A folder below `src/` that is not here fails the test. */
export const layers: readonly Layer[] = [
  pureLayer("policy", ["re2js", "zod"], ["values/", "documents/"]),
  pureLayer("documents", ["yaml", "zod"]),
  pureLayer("protocol", []),
  pureLayer("limits", []),
  // The validator of arguments is passed in to policy, which names its shape.
  { ...pureLayer("input-schema", ["ajv", "re2js"]), types: ["errors.ts", "policy/"] },
  pureLayer("values", ["temporal-polyfill"], []),
  // A server's definitions held against what was reviewed.
  domainLayer("definitions"),
  // Who signs in, and with what: members, sessions and tokens are rows of the control tables.
  domainLayer("identity", ["vault/", "audit/admin-event.ts", "store/control-database.ts", "store/control-tables.ts"]),
  domainLayer("vault"),
  domainLayer("approvals"),
  domainLayer("audit"),
  // The store keeps the audit's rows.
  domainLayer("store", ["audit/row.ts", "audit/admin-event.ts"]),
  // A server's definitions are judged here: the same definition, the same answer.
  pureLayer("catalogue", [], ["values/", "policy/"]),
  // Records of servers and tools in a file of their own.
  domainLayer("catalogue-store", ["catalogue/", "clients/", "attacks/"]),
  domainLayer("attacks"),
  domainLayer("clients", ["catalogue/"]),
  // Bytes in and out: what a policy is, a transport does not know.
  { ...domainLayer("transports"), layers: ["protocol/", "values/", ...base, "logger.ts"] },
  {
    name: "gateway",
    layers: [...pure, ...base, ...domain, "logger.ts", "transports/transport.ts"],
    types: [],
    packages: [],
    mayUseNode: true,
  },
  // Connects to a server as the gateway does, and asks what it lists.
  domainLayer("scan", ["catalogue/", "clients/", "gateway/*", "logger.ts", "transports/transport.ts"]),
  // Files of the operator become settings here, tokens digests, keys the places they come from.
  domainLayer("config", ["identity/", "vault/", "definitions/"]),
  // What people administer: every change of it goes through here, whoever asks for it.
  domainLayer("control", [
    "identity/",
    "catalogue/",
    "definitions/",
    "vault/",
    "audit/*",
    "store/*",
    "config/settings.ts",
    "config/operator-rules.ts",
    "logger.ts",
  ]),
  // The gateway as an OAuth client of the servers behind it; what it sends goes through what it is handed.
  domainLayer("upstream-oauth", [
    "identity/",
    "vault/",
    "audit/*",
    "store/*",
    "control/",
    "logger.ts",
    "transports/transport.ts",
  ]),
  // Tokens for MCP clients, with the consent of a person: what is granted goes through control.
  frontLayer("authorization-server"),
  frontLayer("api"),
  // The HTTP API as a command asks it: its contract, and none of what stands behind it.
  domainLayer("admin-client", ["api/contract/", "config/", "policy/"]),
  frontLayer("cli", ["admin-client/", "compose/"]),
  rootFile("errors.ts", [], [], false),
  rootFile("clock.ts", [], [], true),
  rootFile("ids.ts", [], [], true),
  rootFile("logger.ts", ["clock.ts", "errors.ts"], ["pino"], true),
];

/** What may import everything: the folder that puts the parts together, and the public surface. */
export const unlimited: readonly string[] = ["compose", "index.ts"];

/** Whether an import of `target`, a path below `src/`, is allowed by one entry of a layer's list. Pure. */
export function isWithin(entry: string, target: string): boolean {
  if (entry.endsWith("/*")) {
    const folder = entry.slice(0, -1);
    return target.startsWith(folder) && !target.slice(folder.length).includes("/");
  }
  return entry.endsWith("/") ? target.startsWith(entry) : target === entry;
}

/** One entry of `overrides` in `.oxlintrc.json`. */
export interface LintOverride {
  readonly files: readonly string[];
  readonly excludeFiles: readonly string[];
  readonly rules: Readonly<Record<string, unknown>>;
}

function escapeDots(name: string): string {
  return name.replaceAll(".", "\\.");
}

/**
 * The lint rule for one folder: no-restricted-imports, by names that are forbidden. It shows a wrong import in the
 * editor; that nothing else is imported, libraries among it, is held by layers.test.ts alone, because the rule's
 * regular expressions cannot say "all but". Pure.
 */
export function lintOverride(layer: Layer): LintOverride {
  const names = [...layers.map(({ name }) => name), ...unlimited].filter((name) => name !== layer.name);
  const asEntry = (name: string): string => (name.endsWith(".ts") ? name : `${name}/`);
  const isNamed = (name: string): boolean =>
    [...layer.layers, ...layer.types].some((entry) => entry.startsWith(asEntry(name)));
  const forbidden = names.filter((name) => !isNamed(name)).map((name) => escapeDots(asEntry(name)));
  const patterns: Record<string, unknown>[] = [
    { regex: `^(\\.\\./)+(${forbidden.join("|")})`, message: `${layer.name} may not import this folder` },
  ];
  const filesOnly = layer.layers.filter((entry) => entry.endsWith("/*") || /\/.*\.ts$/.test(entry));
  if (filesOnly.length > 0) {
    const folders = [...new Set(filesOnly.map((entry) => entry.slice(0, entry.indexOf("/"))))];
    patterns.push({
      regex: `^(\\.\\./)+(${folders.join("|")})/[^/]+/`,
      message: `${layer.name} may import the interface, not a concrete part`,
    });
  }
  if (layer.types.length > 0) {
    const message = `${layer.name} may import types from here, nothing else`;
    patterns.push({ regex: `^(\\.\\./)+(${layer.types.map(escapeDots).join("|")})`, allowTypeImports: true, message });
  }
  if (!layer.mayUseNode) patterns.push({ regex: "^node:", message: `${layer.name} is pure: no input or output` });
  return {
    files: [`src/${layer.name}/**/*.ts`],
    excludeFiles: ["**/*.test.ts"],
    rules: { "eslint/no-restricted-imports": ["error", { patterns }] },
  };
}
