/** A group of the bypass table: which rows it has, and the later part that those without a test wait for. */
export interface RowGroup {
  readonly group: number;
  readonly title: string;
  /** Undefined for a group that is complete: each row has a test or an entry in {@link pendingRows}. */
  readonly needs: string | undefined;
  readonly ids: readonly string[];
}

/** All rows of the bypass table. */
export const rowGroups: readonly RowGroup[] = [
  {
    group: 1,
    title: "text and envelope",
    needs: undefined,
    ids: "B001 B002 B004 B005 B006 B008 B009 B010 B012 B013 B014 B016 B017 B018 B020 B021 B022 B024 B025 B026 B028 B029 B030 B032 B033 B034 B036 B037 B038 B040 B041 B042 B044".split(
      " ",
    ),
  },
  {
    group: 2,
    title: "arguments and predicates",
    needs: undefined,
    ids: "B045 B046 B048 B049 B050 B052 B053 B054 B056 B057 B058 B060 B061 B062 B064 B065 B066 B068 B069 B070 B072 B073 B074 B076 B077 B078 B080 B081 B082 B084 B085 B086 B088 B089 B090 B092 B093 B094 B096 B097 B098".split(
      " ",
    ),
  },
  {
    group: 3,
    title: "tool identity",
    needs: undefined,
    ids: "B100 B101 B102 B104 B105 B106 B108 B109 B110 B112 B113 B114 B116 B117 B118 B120 B121 B122".split(" "),
  },
  {
    group: 4,
    title: "HTTP",
    needs: undefined,
    ids: "B124 B125 B126 B128 B129 B130 B132 B133 B134 B136 B137 B138 B140 B141 B142 B144 B145 B146 B148 B149 B150 B152 B153 B154 B156 B157 B158 B160 B161 B162".split(
      " ",
    ),
  },
  {
    group: 5,
    title: "tokens and grants",
    needs: undefined,
    ids: "B164 B165 B166 B168 B169 B170 B172 B173 B174 B176 B177 B178 B180 B181 B182 B184 B185 B186 B188 B189 B190 B192 B193 B194".split(
      " ",
    ),
  },
  {
    group: 6,
    title: "limits",
    needs: undefined,
    ids: "B196 B197 B198 B200 B201 B202 B204 B205 B206 B208 B209 B210 B212 B213 B214 B220 B221 B222 B224 B225 B228 B229 B230".split(
      " ",
    ),
  },
  {
    group: 7,
    title: "approvals",
    needs: "approvals",
    ids: "B232 B233 B234 B236 B237 B238 B240 B241 B242 B244 B245 B246 B248 B249 B250 B252 B253 B254 B256 B257 B258".split(
      " ",
    ),
  },
  {
    group: 8,
    title: "side doors",
    needs: undefined,
    ids: "B260 B261 B262 B264 B265 B266 B268 B269 B270 B272 B273 B274 B276 B277 B278 B280 B281 B282 B284 B285 B286".split(
      " ",
    ),
  },
  {
    group: 9,
    title: "from server to agent",
    needs: undefined,
    ids: "B288 B289 B290 B292 B293 B294 B296 B297 B298 B300 B301 B302 B304 B305 B306 B308 B309 B310 B312 B313 B314".split(
      " ",
    ),
  },
  {
    group: 10,
    title: "starting servers",
    needs: undefined,
    ids: "B316 B317 B318 B320 B321 B322 B324 B325 B326 B328 B329 B330 B332 B333 B334".split(" "),
  },
  {
    group: 11,
    title: "outgoing connections",
    needs: undefined,
    ids: "B336 B337 B338 B340 B341 B342 B344 B345 B346 B348 B349 B350 B352 B353".split(" "),
  },
  {
    group: 12,
    title: "audit, logs and secrets",
    needs: "audit trail and vault",
    ids: "B354 B356 B357 B358 B360 B361 B362 B364 B365 B366 B368 B369 B370 B372 B373 B374 B376 B377 B378 B380".split(
      " ",
    ),
  },
  {
    group: 13,
    title: "dashboard",
    needs: "dashboard",
    ids: "B381 B382 B384 B385 B386 B388 B389 B390 B392 B393 B394 B396 B397 B398 B400 B401 B402".split(" "),
  },
  {
    group: 14,
    title: "loading policies",
    needs: undefined,
    ids: "B404 B405 B406 B408 B409 B410 B412 B413 B414 B416 B417 B418 B420 B421 B424".split(" "),
  },
  {
    group: 15,
    title: "load, life cycle and storage",
    needs: undefined,
    ids: "B425 B426 B428 B429 B430 B432 B433 B434 B436 B437 B438 B440 B441 B442".split(" "),
  },
];

/** A row, or part of one, that nothing can try yet. */
export interface PendingRow {
  readonly id: string;
  /** What is not tried. */
  readonly what: string;
  /** The part that has to come first. */
  readonly needs: string;
  /** Whether tests try the rest of the row. */
  readonly isPartly: boolean;
}

function wholly(id: string, needs: string, what: string): PendingRow {
  return { id, what, needs, isPartly: false };
}

function partly(id: string, needs: string, what: string): PendingRow {
  return { id, what, needs, isPartly: true };
}

/** Of the complete groups and of the transport: what waits for a later part. */
export const pendingRows: readonly PendingRow[] = [
  partly("B093", "result rules", "a filter knows the formats of secrets without a rule that spells them"),
  partly("B096", "tool review", "a hostile schema quarantines its tool, whatever the policy checks"),
  wholly("B108", "figures", "calls of hidden and of unknown names take the same time"),
  partly("B114", "approvals", "a server's tool cannot shadow one of the gateway's own"),
  wholly("B121", "catalogue", "tools that wrap other tools are hidden, or their inner names judged"),
  partly("B156", "administration", "a walk of every route without a token"),
  partly("B209", "approvals", "a refused approval leaves the counter as it was"),
  wholly("B170", "figures", "tokens that share a long beginning with a good one take the same time"),
  wholly("B212", "catalogue", "a wrapper call counts its inner operations"),
  wholly("B224", "database mode", "a counter store that lost its memory denies until a person confirms"),
  wholly(
    "B264",
    "tool review",
    "a server's `instructions` that name hidden tools are held back until they are reviewed",
  ),
  wholly("B298", "result rules", "`structuredContent` that breaks its `outputSchema` is an error, or marked"),
  wholly("B300", "result rules", "hidden characters in results are stripped or marked"),
  wholly("B301", "result rules", "images that carry data away are neutralised in results"),
  wholly("B320", "isolation of servers", "a program whose digest changed is not started"),
  wholly("B321", "isolation of servers", "a program cannot be swapped between check and start"),
  wholly("B329", "isolation of servers", "a server cannot open the gateway's data folder"),
  wholly("B330", "isolation of servers", "a server without network cannot connect anywhere"),
  wholly(
    "B332",
    "client configurations",
    "servers imported from a client's configuration are off until a person turns them on",
  ),
  wholly("B333", "isolation of servers", "a fork bomb hits limits of its own"),
  partly("B426", "operations", "a bounded queue for each server, so that others are not affected by a slow one"),
  partly("B433", "operations", "a migration killed half-way by the system, a hundred times"),
  partly("B436", "operations", "a health page that is red, and a disk without inodes"),
  partly("B438", "operations", "a process that ends on a rejection that nobody handles"),
  wholly("B418", "database mode", "an older signed policy that is put back is refused"),
  wholly("B420", "database mode", "a policy cannot be changed by the agent it judges"),
  wholly("B424", "database mode", "a policy that removes every denial is confirmed twice"),
];
