/** What a page may load and where its forms may lead: nothing but the gateway, and these origins for forms. Pure. */
export function pageSecurityPolicy(formOrigins: readonly string[]): string {
  const forms = ["'self'", ...formOrigins].join(" ");
  return `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; font-src 'self'; form-action ${forms}; base-uri 'none'; frame-ancestors 'none'; object-src 'none'`;
}

/**
 * Sent with every answer of the API and the pages: nothing is framed, kept, sniffed, or loaded from
 * anywhere else, and no script or style stands in a page.
 */
export const securityHeaders: Readonly<Record<string, string>> = {
  "content-security-policy": pageSecurityPolicy([]),
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "",
  "cache-control": "no-store",
};
