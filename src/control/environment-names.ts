/** Names of variables by which a program loads other code, finds other programs, or is led to another server. */
const loaderNames =
  /^(?:PATH|PATHEXT|HOME|SHELL|IFS|ENV|BASH_ENV|BASH_FUNC_.*|BASHOPTS|SHELLOPTS|PS4|PROMPT_COMMAND|CDPATH|LD_.*|DYLD_.*|GCONV_PATH|GLIBC_TUNABLES|LOCPATH|NODE_.*|NPM_CONFIG_.*|YARN_.*|BUN_.*|DENO_.*|PYTHON.*|PIP_.*|UV_.*|VIRTUAL_ENV|PERL.*|RUBY.*|GEM_.*|BUNDLE_.*|JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|JDK_JAVA_OPTIONS|CLASSPATH|GIT_.*|SSH_ASKPASS|EDITOR|VISUAL|PAGER|OPENSSL_.*|SSL_CERT_.*|CURL_CA_BUNDLE|REQUESTS_CA_BUNDLE|(?:ALL|HTTP|HTTPS|NO)_PROXY|CALLGATE_.*|COMSPEC|SYSTEMROOT|WINDIR)$/i;

/**
 * Pure. Why the HTTP API may not set a variable of a server's process, or undefined: the operator's files name the ones it
 * may, and those that load code are refused even there.
 */
export function environmentNameFault(
  name: string,
  allowed: readonly string[],
): { readonly message: string; readonly hint: string } | undefined {
  const shown = name.slice(0, 80);
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    return { message: `\`${shown}\` is not the name of a variable`, hint: "write letters, digits and `_`" };
  }
  if (loaderNames.test(name)) {
    const message = `\`${shown}\` decides what code a program runs or whom it speaks to, so it is not set from here`;
    return { message, hint: "set it in callgate.yaml, under the server's `env`, if it has to be" };
  }
  if (allowed.includes(name)) return undefined;
  const message = `the operator's files do not allow the variable \`${shown}\` for this command`;
  return { message, hint: "the operator can name it: `allow: { commands: [{ command, args, env: [NAME] }] }`" };
}
