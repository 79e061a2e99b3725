/** Variables that make every program load other code, or are the way to another program. */
const forAll = /^(?:PATH|NODE_OPTIONS|LD_\w+|DYLD_\w+|BASH_ENV)$/iu;

/** Variables by which programs that fetch packages, or what they start, find other sources, caches, settings or code. */
const forRunners =
  /^(?:(?:npm|pnpm|yarn|bun|corepack|uv|pip|pipx|docker|container|containers|git|ssl_cert|xdg|openssl)_\w*|NODE_(?!ENV$)\w+|PYTHON(?!UNBUFFERED$|IOENCODING$|UTF8$|DONTWRITEBYTECODE$)\w*|HOME|USERPROFILE|APPDATA|LOCALAPPDATA|PREFIX|SHELL|COMSPEC|PATHEXT|GCONV_PATH)$/iu;

/** Pure. Whether a variable decides what a program that fetches packages fetches or runs. */
export function isDecidingVariable(name: string): boolean {
  return forAll.test(name) || forRunners.test(name);
}

/** Pure. The first name among these variables that {@link isDecidingVariable}. */
export function decidingVariable(env: Readonly<Record<string, string>>): string | undefined {
  return Object.keys(env).find(isDecidingVariable);
}

/** Pure. The first name among these variables that decides what any program runs. */
export function loadingVariable(env: Readonly<Record<string, string>>): string | undefined {
  return Object.keys(env).find((name) => forAll.test(name));
}
