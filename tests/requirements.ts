/** One numbered behaviour: somebody does something and sees what came of it. */
export type Requirement =
  | { readonly id: string; readonly text: string; readonly part: Part; readonly state: "proved" }
  | {
      readonly id: string;
      readonly text: string;
      readonly part: Part;
      readonly state: "planned";
      /** The part that is not there yet. */
      readonly needs: Part;
      /** Whether tests prove some of it already. */
      readonly isBegun: boolean;
    };

/** A part of Callgate: one that stands, or one that is to come. */
export type Part =
  // stands
  | "policy"
  | "limits"
  | "gateway"
  | "store"
  | "configuration"
  | "command line"
  | "HTTP servers"
  | "administration"
  | "credentials"
  | "OAuth"
  | "catalogue"
  | "client set-up"
  | "attack database"
  // to come
  | "approvals"
  | "audit trail"
  | "dashboard"
  | "database mode"
  | "figures"
  | "result rules"
  | "tool review";

function proved(number: number, part: Part, text: string): Requirement {
  return { id: `R${number}`, text, part, state: "proved" };
}

function planned(number: number, part: Part, text: string): Requirement {
  return { id: `R${number}`, text, part, state: "planned", needs: part, isBegun: false };
}

/** Planned, but with tests that prove some of it. */
function begun(number: number, part: Part, needs: Part, text: string): Requirement {
  return { id: `R${number}`, text, part, state: "planned", needs, isBegun: true };
}

/** Every numbered behaviour. Tests name the ids they prove, in square brackets; requirements.test.ts compares. */
export const requirements: readonly Requirement[] = [
  // Organisation, members, roles
  proved(1, "administration", "the first user makes an organisation and is its admin"),
  proved(2, "administration", "an invited member accepts, has the role given, and sees that organisation only"),
  proved(3, "administration", "a viewer reads servers, policies, grants and calls, and writes nothing"),
  proved(4, "administration", "a policy manager edits policies and attaches them to grants"),
  proved(5, "administration", "a policy manager cannot touch grants' tokens or upstream credentials"),
  proved(6, "administration", "a changed role holds from the member's next request on"),
  proved(7, "administration", "a removed member's sessions end at once, and their grants can be revoked with them"),
  proved(8, "administration", "the last admin can be neither removed nor demoted"),
  proved(9, "administration", "a sign-in by OpenID Connect takes its role from a group"),
  // Servers
  proved(10, "administration", "a registered HTTP server gets an address of its own at the gateway"),
  proved(11, "catalogue", "a server chosen from the catalogue comes with address and name filled in"),
  planned(12, "dashboard", "a server's page shows its addresses, access, policies, grants, calls and what is missing"),
  proved(13, "administration", "a registered server that is a local command is reached like any other"),
  proved(14, "administration", "an edited upstream address holds from the next call on"),
  proved(15, "administration", "a deleted or disabled server makes its grants fail at once"),
  proved(16, "administration", "an upstream address that is private or loopback is refused unless allowed"),
  proved(17, "administration", "a server's tools are stored with a digest and a date, and read again on demand"),
  // Upstream credentials
  proved(18, "gateway", "headers set for a server arrive with every request"),
  proved(19, "gateway", "a saved header value is never shown again"),
  proved(20, "gateway", "an admin connects a server by OAuth, and calls carry its token"),
  proved(21, "gateway", "a token is refreshed before it expires; a failure is said and alerted"),
  proved(22, "gateway", "the client's Authorization never reaches the server"),
  proved(23, "gateway", "the client's cookies never reach the server"),
  proved(24, "store", "stored secrets are unreadable without the key, and outlive its rotation"),
  proved(25, "gateway", "two grants can act upstream as two people"),
  // Grants
  proved(26, "administration", "a new grant's token is shown once and stored as its digest"),
  proved(27, "administration", "a rotated grant has a new token and is otherwise the same"),
  proved(28, "configuration", "a grant taken away fails on its next call, and no other does"),
  proved(29, "policy", "a grant without a policy has every call denied with `(no policy)`"),
  proved(30, "gateway", "a token does not open another server's address"),
  proved(31, "gateway", "a grant stops working at the instant it expires"),
  proved(32, "administration", "the list of grants shows when each was used last, and how often"),
  proved(33, "administration", "the grants of one person can be listed and revoked together"),
  proved(34, "gateway", "without a token that is known the answer is 401 with a challenge"),
  // Policy documents
  proved(
    35,
    "policy",
    'a document without version "1" or with an unknown default is refused with the place of the fault',
  ),
  proved(36, "policy", "an unknown key anywhere is refused, not ignored"),
  proved(37, "policy", "all problems come together, each with its JSON pointer"),
  proved(38, "administration", "saving makes a new version; older ones can be read and restored"),
  proved(39, "configuration", "the next request after a save is judged by the new version, without a reconnect"),
  proved(40, "administration", "one policy can be attached to many grants"),
  proved(41, "administration", "a policy that grants use cannot be deleted without a word"),
  planned(42, "dashboard", "the builder offers allow, deny, hide, custom and approval, and writes the same JSON"),
  planned(43, "dashboard", "from JSON to the builder and back nothing is lost"),
  proved(44, "administration", "a tool that a policy names and the server has not is flagged, and the other way round"),
  proved(45, "command line", "a policy file is validated and tried in CI, with exit codes"),
  proved(46, "command line", "policies are exported to files and applied from them, with a difference"),
  // Default, hide, allow
  proved(47, "policy", "default deny: a tool that nothing names is denied with `(default deny)`"),
  proved(48, "policy", "default deny: a tool with an empty entry is allowed, with an empty rule"),
  proved(49, "policy", "default allow: a tool that nothing names is allowed"),
  proved(50, "policy", "a hidden tool is in no list, and a call of it is denied with `(hidden)`"),
  proved(51, "policy", "hiding `*` empties the list and denies all"),
  proved(52, "policy", "hide wins over a rule that would allow"),
  proved(53, "gateway", "lists are filtered on every page, in JSON and in streams, and keep all else"),
  proved(54, "gateway", "a list that cannot be read is withheld"),
  proved(55, "gateway", "tools that can never be called are left out of lists, unless a setting shows them"),
  proved(56, "policy", "empty and repeated entries of `hide` are refused"),
  proved(57, "policy", "patterns and categories select tools as documented"),
  // Predicates
  proved(58, "policy", "a `require` that does not hold denies with its own words"),
  proved(59, "policy", "a `require` that holds lets the call on"),
  proved(60, "policy", "a `deny_if` that holds denies with its own words"),
  proved(61, "policy", "two conditions of one entry must both hold"),
  proved(62, "policy", "of two `require` entries either can deny"),
  proved(63, "policy", "an entry without conditions always denies, and leaves the tool in the list"),
  proved(64, "policy", "`require` and `deny_if` together are two walls"),
  proved(65, "policy", "every operator answers as its table says, for every kind of value"),
  proved(66, "policy", "a missing argument never satisfies `require`, and what it does to `deny_if` is fixed"),
  proved(67, "policy", "`exists` tells null as documented"),
  proved(68, "policy", '`"5"` is not 5'),
  proved(69, "policy", "numbers that a double does not hold as written are refused before any rule"),
  proved(70, "policy", "a pattern runs in linear time or is refused at load"),
  proved(71, "policy", "paths reach nested values, items of lists, and keys with dots"),
  proved(72, "policy", "an empty `on_deny` gets a sentence from the engine"),
  proved(73, "policy", "alternatives and negation can be said"),
  proved(74, "policy", "conditions read the grant, the time of day and the network"),
  proved(75, "policy", "a predicate that can never match is flagged at save"),
  proved(76, "policy", "one switch checks arguments against the tool's own schema"),
  // Limits
  proved(77, "limits", "of 31 calls in a minute with 30 allowed the last is denied, with the limit's pointer"),
  proved(78, "limits", "the counter is free again in the next window"),
  proved(79, "limits", "minute and hour slide; day and month follow the calendar of a time zone"),
  proved(80, "limits", "a window of any length slides, without a burst at its edge"),
  proved(81, "limits", "two grants are counted apart, other scopes together"),
  proved(82, "limits", "a limit under `all_tools` counts the calls of every tool"),
  proved(83, "limits", "an argument's value is summed up against `max`"),
  proved(84, "limits", "an amount that is negative, missing or no number is denied, never credited"),
  proved(85, "limits", "of parallel calls at the last place exactly one goes through"),
  proved(86, "limits", "a limit that refuses gives back what the others had reserved"),
  proved(87, "limits", "a call of which no byte was sent gets its reservation back, any other does not"),
  proved(88, "limits", "errors, time-outs and cancelled calls keep their charge"),
  proved(89, "limits", "a return after a window never touches the next one"),
  proved(90, "limits", "counters outlive a restart and an edited policy"),
  proved(91, "store", "without a store calls with limits are denied, and say so"),
  proved(92, "limits", "one counter name on two servers or tools is two counters"),
  proved(93, "limits", "at most so many calls in flight"),
  proved(94, "limits", "a denial by a limit says when to try again"),
  proved(95, "administration", "an admin sees and resets a counter"),
  // Gateway and transports
  proved(96, "gateway", "an ordinary MCP client connects with address and token, lists and calls"),
  proved(
    97,
    "gateway",
    "a denied call is a tool result with `isError`, a fixed prefix and the caller's id, under HTTP 200",
  ),
  proved(98, "gateway", "the same result says code, rule, policy version and request id as data"),
  proved(99, "gateway", "a batch is refused on every transport and leaves a row"),
  proved(100, "gateway", "a call with malformed `params` is refused, never forwarded"),
  proved(101, "gateway", "keys that come twice or differ by case are refused"),
  proved(102, "gateway", "the server gets exactly the bytes that were judged, and none that could be read in two ways"),
  proved(103, "gateway", "events above 64 KiB stream through"),
  proved(104, "gateway", "session ids pass through, and an ended session is a clean 404"),
  proved(105, "gateway", "the stream of GET and the end by DELETE work through the gateway"),
  proved(106, "gateway", "a slow server runs into a time-out, and the client gets an error"),
  proved(107, "gateway", "a body over the limit is a 413"),
  proved(108, "gateway", "a request with a foreign origin is refused"),
  begun(109, "store", "credentials", "a fault of engine, store or key denies, and nothing reaches the server"),
  proved(110, "gateway", "resources, prompts, sampling and elicitation follow sections of the policy"),
  proved(111, "gateway", "one address shows many servers' tools under one token"),
  planned(112, "figures", "the time added to a call stays under a published figure"),
  // Tool integrity and results
  proved(113, "gateway", "a changed definition blocks or flags its tool until it is approved"),
  proved(114, "administration", "hidden characters and text like instructions are flagged in definitions"),
  planned(115, "result rules", "secrets in results are struck out"),
  proved(116, "policy", "a sequence rule denies what may not follow what"),
  // Approvals
  planned(117, "approvals", "a held call shows its approver all there is to know"),
  planned(118, "approvals", "an approved call runs once, with exactly those arguments"),
  planned(119, "approvals", "a rejected call gets the reason"),
  planned(120, "approvals", "without an answer in time a call is denied and expired"),
  planned(121, "approvals", "a client that cannot wait repeats the call after approval"),
  begun(122, "policy", "approvals", "only calls that match are held"),
  planned(123, "approvals", "approvers are named by role or group, and never approve their own"),
  planned(124, "approvals", "a notification with a link goes out"),
  begun(125, "limits", "approvals", "an approved call counts, and is judged again at its release"),
  planned(126, "approvals", "every approval is in the audit with who, when and what"),
  // Audit
  begun(127, "gateway", "audit trail", "each judged request has one complete row"),
  proved(128, "gateway", "no argument value is in any row or log line"),
  begun(129, "policy", "audit trail", "rule texts follow the table, and each names one place of the policy"),
  proved(130, "gateway", "refused tokens, batches and malformed messages leave rows"),
  begun(131, "command line", "audit trail", "rows are found by time, grant, tool, outcome and rule, and exported"),
  proved(132, "administration", "every change of state is recorded with actor, before and after"),
  planned(133, "audit trail", "retention is set, and pruning is recorded"),
  planned(134, "audit trail", "rows are chained, and a changed or missing one is found"),
  planned(135, "audit trail", "a webhook or syslog gets decisions within seconds"),
  planned(136, "dashboard", "a summary shows totals, shares and what was denied"),
  // Catalogue and registry
  proved(137, "catalogue", "a server's page shows identity, grade, access and counts, with evidence"),
  proved(138, "catalogue", "a tool's page shows category, severity, reasons, signals and a policy"),
  proved(139, "catalogue", "the recommended policy is one document everywhere, and loads"),
  proved(140, "catalogue", "a recommended policy is applied in one action"),
  proved(141, "catalogue", "search finds servers by name, slug or package"),
  proved(142, "catalogue", "pages of risks and categories list tools with counts"),
  proved(143, "command line", "scanning runs no code of a package; looking at a live server is isolated"),
  proved(144, "catalogue", "each classification has a confidence and a reason, and can be overridden"),
  proved(145, "catalogue", "a feed lists changes, with a cursor and a filter"),
  proved(146, "catalogue", "webhooks of the feed are signed and tried again"),
  proved(147, "catalogue", "the catalogue answers as an MCP server"),
  proved(148, "catalogue", "an unknown server is reported as unknown"),
  proved(149, "catalogue", "pages show what tool definitions cost in tokens"),
  proved(150, "catalogue", "all of it works offline"),
  // Attack database
  proved(151, "attack database", "at least twelve entries, each complete"),
  proved(152, "attack database", "each entry's policy is run against the attack and blocks what it says"),
  proved(153, "attack database", "tools' pages link the entries"),
  // Command line
  proved(154, "command line", "servers in the configurations of clients are found"),
  proved(155, "command line", "a check before connecting prints report, verdict and rules"),
  proved(156, "command line", "a second check prints what changed"),
  proved(157, "command line", "names of packages only leave the machine, if asked"),
  proved(158, "command line", "a hook is installed once, shown, and taken out again"),
  proved(159, "command line", "the hook never blocks, and says when it checked nothing"),
  proved(160, "command line", "a starter policy is written for a live server"),
  proved(161, "command line", "a CI action fails from a severity on"),
  proved(162, "command line", "exit codes are documented: done, refused, wrong use, fault"),
  proved(163, "command line", "snippets for the main clients are printed"),
  proved(164, "command line", "older words and dialects are converted, with a report"),
  planned(165, "audit trail", "a policy is replayed over recorded calls, and differences are listed"),
];
