/**
 * The small world that random policies and calls are made of. Small, so that the right sides of rules and the arguments
 * of calls meet often; with look-alikes, so that they also nearly meet.
 */

/** Plain words and texts that look like them: full width, zero width, ligature, combining, case, line break. */
export const texts: readonly string[] = [
  "drop",
  "drop table",
  "DROP",
  "\uff44\uff52\uff4f\uff50",
  "dr\u200bop",
  "dr\u00adop table",
  "file",
  "\ufb01le",
  "caf\u00e9",
  "cafe\u0301",
  "prod",
  "prod\nstaging",
  "staging",
  "pr\u043ed",
  "\u212a",
  "K",
  "alice",
  "bob",
  "team-a",
  "",
  "5",
  "10.00",
  "99.5",
  "-3",
  "\u{1f600}\u{1f600}",
  "ops@corp.example",
  "a\u0301",
  "\u00e1",
  "\u{1d41d}rop",
  "drop\u200b",
  "\u200b",
  "true",
  "x@evil.example",
];

/** Texts that differ only by what text operators fold, and texts near them. */
export const lookAlikes: readonly string[] = [
  "drop",
  "\uff44\uff52\uff4f\uff50",
  "dr\u200bop",
  "drop table",
  "dr\u00adop table",
  "caf\u00e9",
  "cafe\u0301",
  "file",
  "\ufb01le",
];

/** Texts at the bounds of what string operators read, most of them beyond. */
export const longTexts: readonly string[] = [
  "drop".repeat(250),
  "drop".repeat(251),
  `drop${"\u0301".repeat(30)}`,
  "a".repeat(65_536),

  "drop ".repeat(14_000),
  `drop${"\u0301".repeat(31)}`,
  `drop${"\u0300".repeat(31)}`,
  `\u00e9${"a".repeat(65_535)}`,
];

/** Texts that are or look like decimal amounts. */
export const amountTexts: readonly string[] = [
  "10.00",
  "0.5",
  "-3",
  "1e3",
  "",
  " 5",
  "5 ",
  "+5",
  ".5",
  "5.",
  "0x10",
  "1,5",
  "NaN",
  "Infinity",
  "999999999999999",
  "1000000000000000",
  "0.000000001",
  "0.0000000001",
  "1.5000000000",
  "\uff15",
  "-0",
];

/** Right sides of text operators: neither empty nor of ignorable code points only. */
export const needles: readonly string[] = [
  "drop",
  "rop t",
  "drop",
  "file",
  "\ufb01",
  "caf\u00e9",
  "prod",
  "op",
  "@corp.example",
  "a",
  " table",
  "staging",
  "5",
];

export const numbers: readonly number[] = [
  0, 1, 2, 5, 5.5, 10, 99.99, 100, 100.01, 1000, -1, -5, 0.1, 0.30000000000000004, 1e-7, 1e15, 123456789012345,
];

export const urls: readonly string[] = [
  "https://example.com/",
  "https://example.com",
  "HTTPS://Example.COM/a?b#c",
  "http://example.com:80/",
  "https://example.com:8443/x",
  "https://api.example.com/v1",
  "https://deep.api.example.com",
  "https://example.com.evil.example/",
  "https://evil.example?example.com",
  "https://example.com@evil.example/",
  "https://user:pw@example.com/",
  "https://evil.example/@example.com",
  "https:\\\\evil.example",
  "https://example.com./",
  "https://example.com:/",
  "https://example.com:0443/",
  "https://2130706433/",
  "https://0x7f.1/",
  "https://127.0.0.1/",
  "https://127.0.0.1:8443/",
  "https://127.1/",
  "http://[::1]/",
  "http://[::ffff:127.0.0.1]/",
  "http://[0:0::1]/",
  "ftp://example.com/",
  "//example.com/",
  "https://ex ample.com/",
  "https://ex\u0430mple.com/",
  "https://example.com\t/",
  "https://example.com:443/",
  "http://example.com:443/",
  "https://example.com?x",
  "https://example.com:65536/",
  "https://example.com:0/",
  "https://example.com:8443",
  "https://api..example.com/",
  "https://.example.com/",
  "https://-x.example.com/",
  "https://a_b.example.com/",
  "https://example.com/\u00e9",
  "https://example.com/a b",
  "https://1.2.3.4.5/",
  "https://example.123/",
  "https://example.0xff/",
  "https://example.0xzz/",
  "https://127.0.0.01/",
  "http://[::1]:8443/",
  "http://[2001:db8::1]/",
  "http://[2001:DB8::1]/",
  "http://[::1",
  "http:/example.com/",
  "https:///example.com/",
  "https://example.com%2eevil.example/",
  "https://xn--exmple-cua.com/",
  "javascript://example.com/",
  "https://*.example.com/",
];

export const hosts: readonly string[] = [
  "example.com",
  "*.example.com",
  "example.com:8443",
  "evil.example",
  "127.0.0.1",
  "*.api.example.com",
];

export const filePaths: readonly string[] = [
  "/srv/data",
  "/srv/data/",
  "/srv/data/a.txt",
  "/srv/data/deep/b",
  "/srv/data_evil/x",
  "/srv/data/../secret",
  "/srv/./data",
  "/srv//data",
  "/etc/passwd",
  "srv/data",
  "~/x",
  "/srv/$HOME",
  "/srv/%2e%2e/x",
  "/srv/data\\x",
  "C:/srv/data",
  "/srv/data/a\u0000.png",
  "/",
  "",
  "//",
  "/srv/data//",
  "/srv/data/.",
  "/srv/data/..",
  "/srv/data/...",
  "/srv/data/.hidden",
  "/srv/data/a:b",
  "/C:/srv/data",
  "/srv/C:/x",
  "/srv/data\u0085/x",
  "/srv/data\u007f",
  "/srv/DATA/x",
  "/srv/data/caf\u00e9",
  "/srv/data/x~",
  "file:///srv/data",
];

export const fileRoots: readonly string[] = ["/srv/data", "/", "/srv/data/", "/srv", "/etc", "/srv/data/deep"];

export const addresses: readonly string[] = [
  "10.0.0.1",
  "10.1.2.3",
  "192.168.1.9",
  "8.8.8.8",
  "::ffff:10.0.0.1",
  "010.0.0.1",
  "10.0.0",
  "10.0.0.256",
  "2001:db8::1",
  "2001:DB8::1",
  "2001:db8:0:0:0:0:0:1",
  "2001:db8:1::",
  "::1",
  "fe80::1%eth0",
  "localhost",
  "::",
  "0.0.0.0",
  "10.0.0.1 ",
  "::ffff:a00:1",
  "::ffff:10.0.0.01",
  "::FFFF:10.0.0.1",
  "2001:db8::1:0:0:1",
  "2001:db8:0:0:1::1",
  "2001:db8::0:1",
  "10.0.0.1/32",
  "::10.0.0.1",
  "1.1.1.1.1",
];

export const networks: readonly string[] = [
  "10.0.0.0/8",
  "10.0.0.0/24",
  "192.168.0.0/16",
  "2001:db8::/32",
  "::1/128",
  "8.8.8.8/32",
];

/** Instants that bound rules; calls come just before, at and just after them. */
export const instants: readonly string[] = [
  "2026-01-01T00:00:00Z",
  "2026-03-29T01:30:00+01:00",
  "2026-06-15T12:00:00.250Z",
  "2026-06-15T09:00:00-03:00",
  "2026-12-31T23:59:59Z",
];

/** Arguments that should be instants and are not always. */
export const instantTexts: readonly string[] = [
  ...instants,
  "2026-06-15T12:00:00.2500Z",
  "2026-06-15T12:00:00.2501Z",
  "2026-06-15",
  "2026-06-15T12:00:00",
  "2026-02-30T12:00:00Z",
  "2026-06-15T25:00:00Z",
  "2026-06-15T24:00:00Z",
  "2026-06-15t12:00:00z",
  "2026-06-15 12:00:00Z",
  "2026-06-15T12:00Z",
  "2026-06-15T12:00:60Z",
  "2026-06-15T12:00:00,5Z",
  "2026-06-15T12:00:00+24:00",
  "2026-06-15T12:00:00-00:00",
  "2024-02-29T00:00:00Z",
  "2025-02-29T00:00:00Z",
  "+2026-06-15T12:00:00Z",
  "0000-01-01T00:00:00Z",
  "9999-12-31T23:59:59.999999999999Z",
  "soon",
];

export const toolNames: readonly string[] = [
  "read_file",
  "read_secret",
  "write_file",
  "delete_file",
  "send_mail",
  "refund",
  "fetch_url",
  "odd/na~me",
  "constructor",
  "Read_file",
  "read_file ",
];

/** Families of patterns in which any two lie one inside the other or share no name. */
export const patternFamilies: readonly (readonly string[])[] = [
  ["r*", "re*", "read_*", "read_f*", "write_*", "d*", "s*", "f*", "odd/*", "con*"],
  ["*e", "*_file", "*d_file", "*_url", "*_mail", "*_secret", "*~me"],
  ["*_*", "read_*e", "read_*file", "w*_*e"],
];

export const servers: readonly string[] = ["files", "mail"];
export const teams: readonly string[] = ["team-a", "team-b", "prod"];
export const zones: readonly string[] = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"];
