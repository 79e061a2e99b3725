import type { Category } from "../../policy/index.ts";

/** Words of a tool's name that say what it does. */
export interface VerbRule {
  readonly says: Category;
  readonly because: string;
  readonly words: string;
}

/** What verbs say, each word once. Words are separated by spaces. */
export const verbRules: readonly VerbRule[] = [
  {
    says: "Financial",
    because: "money moves or a bill grows",
    words:
      "pay charge refund payout purchase buy checkout invoice withdraw trade topup swap wire stake unstake mint disburse deposit donate debit payoff rebill",
  },
  {
    says: "Destructive",
    because: "something stored or running is gone afterwards",
    words:
      "delete remove drop purge destroy wipe truncate kill terminate erase teardown uninstall rm rmdir del discard nuke expunge deprovision flushdb flushall hdel zrem pkill borrar eliminar eliminare excluir apagar supprimer effacer löschen loeschen entfernen verwijderen удалить стереть 删除 削除 삭제 reset prune revoke unpublish unprotect flush empty shred abort clean cleanup",
  },
  {
    says: "Execute",
    because: "something is run, or a live page or system is acted on",
    words:
      "run exec execute eval evaluate click press type fill drag hover navigate tap swipe scroll deploy redeploy invoke trigger restart reboot promote launch spawn rerun retry rollback send call interact reload rebase intercept inject dismiss login logon signin visit goto scale upgrade rollout forward drain dispatch shutdown poweroff reformat mouse uncheck dblclick aggregate",
  },
  {
    says: "Write",
    because: "something stored or set is changed",
    words:
      "create add set update edit transfer modify write append upload push commit rename move copy assign unassign approve unapprove start stop save select close resize new emulate clear insert upsert put patch post publish comment reply submit merge fork clone pull import connect disconnect enable disable pause resume restore archive unarchive lock unlock protect grant invite register mark resolve reopen link unlink tag init configure change replace duplicate draft convert install attach detach schedule cancel checkout stash cherry build load switch react star follow unfollow apply sync mirror download export manage provision share claim store remember forget cherrypick mkdir stage unstage join leave subscribe sort format unmerge accept decline snooze reauthorize broadcast logout overwrite cordon uncordon trash notify bridge wrap unwrap sign book emit rotate bump autofix fix migrate",
  },
  {
    says: "Read",
    because: "it reads and returns",
    words:
      "get list search find read fetch show view describe check validate verify count whoami explore guide reference lookup open browse extract map crawl scan detect analyze audit compare diff inspect preview explain help review wait take query retrieve snapshot screenshot summarize summarise score research discover generate calculate compute estimate echo think locate geocode directions blame log status whois ping test print recommend monitor examine profile trace scrape assert introspect peek tail enumerate poll parse decode encode translate transcribe measure",
  },
];

/** Things in a name that say what it does where no verb does. */
export const nounRules: readonly VerbRule[] = [
  {
    says: "Read",
    because: "it names something to look at",
    words:
      "documentation docs info status logs log health history stats statistics usage details schema indexes size version summary overview messages requests diffs discussions metrics distance weather time location tree activity events files notes todos issues graph replies unreads cookies timeline reader viewer finder",
  },
  {
    says: "Execute",
    because: "it acts on a live page or system",
    words: "action script command dialog code sql agent ssh bash powershell python repl kubectl psql shell terminal",
  },
  { says: "Write", because: "it keeps a state", words: "tabs session sequence thinking stash tag worktree remote" },
];

/** Two words of a name, the second anywhere after the first, that say more together than each by itself. */
export const phraseRules: readonly VerbRule[] = [
  {
    says: "Financial",
    because: "money moves or a bill grows",
    words:
      "transfer+tokens send+eth send+sol send+btc send+bitcoin send+crypto send+nft market+order limit+order issue+card transfer+sol transfer+eth transfer+btc bridge+assets bridge+tokens wrap+eth approve+token approve+spend approve+allowance send+transaction broadcast+transaction sign+transaction sign+broadcast sign+send place+bid place+bet top+up cash+out increase+budget raise+budget set+budget dispute+accept accept+dispute open+long open+short open+position close+position book+flight book+taxi book+hotel book+ride order+groceries order+food order+pizza order+taxi renew+domain renew+subscription register+domain settle+balance redeem+points recharge+phone",
  },
  {
    says: "Destructive",
    because: "something stored or running is gone afterwards",
    words: "format+disk format+drive format+volume format+partition factory+reset tear+down wipe+out",
  },
  {
    says: "Execute",
    because: "something is run, or a live page or system is acted on",
    words:
      "start+process start+command start+shell terraform+apply tf+apply power+off shut+down roll+back rollout+undo test+webhook take+action send+keys execute+query write+stdin terminal+write",
  },
  {
    says: "Write",
    because: "something stored or set is changed",
    words:
      "check+in check+out find+replace search+replace log+time log+work log+hours log+event log+activity log+entry log+meal log+call print+document print+label print+receipt ping+user ping+channel open+garage open+door open+gate open+valve open+lock open+window open+curtain review+approve move+trash",
  },
];

/** Verbs that are nouns as well: in `monitor_delete`, `comment_list` and `build_status` they only say of what. */
export const alsoNouns: ReadonlySet<string> = new Set(
  "monitor log status test review score snapshot screenshot map profile trace diff query preview print estimate draft tag stash schedule share link comment post star export import build release clone fork sync merge pull invite upload download archive checkout run deploy call intercept charge refund payout purchase invoice trade".split(
    " ",
  ),
);

/** Of {@link alsoNouns} those that stand before a word of {@link lookNouns} as what is looked at. */
export const lookedAt: ReadonlySet<string> = new Set(
  "run build deploy intercept call sync test charge refund payout purchase invoice trade merge pull crawl".split(" "),
);

/** Last words of a name that say what is looked at. */
export const lookNouns: ReadonlySet<string> = new Set(
  "status log logs history details info summary stats statistics metrics".split(" "),
);

/** Last words of a name that say plainly that something is read: `run_list`, `invoice_get`. */
export const plainReads: ReadonlySet<string> = new Set("list get read view show describe count".split(" "));

/** Last words of a name that take something away, whatever stands before: `status_check_delete`. */
export const lastDeletes: ReadonlySet<string> = new Set(
  "delete remove destroy purge wipe erase drop truncate uninstall terminate kill prune revoke unpublish".split(" "),
);

/** Words after those that make them the name of a setting: `enable_delete_protection`. */
export const guards: ReadonlySet<string> = new Set(
  "protection policy lock guard flag marker permission rule rules".split(" "),
);

/** Words that join two acts in one name. */
export const joints: ReadonlySet<string> = new Set("or and then also".split(" "));

/** Starts of one word that is several: `deleteall`. */
export const deletingStart: RegExp =
  /^(delete|destroy|purge|truncate|terminate|uninstall|wipe)(?!(d|s|r|rs)$)\p{L}{2,}$/u;

/** What takes away, where a description does not begin with it. */
export const toldDeletes: ReadonlySet<string> = new Set(
  "delete remove destroy purge wipe erase drop truncate uninstall terminate kill".split(" "),
);

/** Verbs that count where a description begins with them, even against a name that speaks of reading. */
export const loudVerbs: ReadonlySet<string> = new Set(
  "navigate click press fill deploy launch restart reboot terminate shutdown ssh install spawn inject".split(" "),
);

/** A sentence that begins with money moving. */
export const movedMoney: RegExp =
  /^\P{L}*(?:\p{L}+ly\s+)?(pays?|sends?|moves?|transfers?|adds?|withdraws?|deposits?|debits?|charges?|spends?|loses?|bridges?|swaps?|stakes?|initiates?)\b[^.]*\b(?:funds|money|bank account|crypto(?:currency)?|usdc|usdt|eth|sol|btc|lamports)\b/iu;

/** Nouns of taking away, with their verbs. */
export const deletingNouns: ReadonlyMap<string, string> = new Map([
  ["deletion", "delete"],
  ["deletions", "delete"],
  ["removal", "remove"],
  ["removals", "remove"],
  ["destruction", "destroy"],
  ["termination", "terminate"],
  ["revocation", "revoke"],
  ["erasure", "erase"],
  ["truncation", "truncate"],
]);

/** What is resolved by looking it up, not by settling it. */
export const lookedUpThings: ReadonlySet<string> = new Set(
  "id ids name names library url uri dns host hostname domain address handle reference path".split(" "),
);

/** Verbs that act on a live page when a parameter names a part of it. */
export const pageVerbs: ReadonlySet<string> = new Set(["select", "upload", "drop", "handle", "choose", "check", "set"]);

/** Verbs that act on a live page wherever they stand in a name. */
export const livePageVerbs: ReadonlySet<string> = new Set(
  "navigate click dblclick press drag hover fill uncheck mouse".split(" "),
);

/** Verbs that bring something about, so that what they make may be billed. */
export const makingVerbs: ReadonlySet<string> = new Set(
  "create add new upgrade scale order provision place make issue capture process authorize send submit transfer subscribe".split(
    " ",
  ),
);

/** What is sent into a chat, and not to any address. */
export const chatThings: ReadonlySet<string> = new Set("message messages chat dm reply comment".split(" "));

/** Things that are money, wherever they stand in a name with a verb that makes. */
export const moneyThings: ReadonlySet<string> = new Set(
  "subscription payment charge invoice order refund payout transfer purchase funds money".split(" "),
);

/** Things for which having one is billed, when they are what a verb makes: the last word of what it is about. */
export const billedThings: ReadonlySet<string> = new Set(
  "addon cluster instance vm droplet dyno server domain plan tier ps".split(" "),
);

/** Words beside such things that say that nothing is billed. */
export const unbilledWords: ReadonlySet<string> = new Set("free mock test".split(" "));

/** Parts of names that put back what one call took away: removing them loses no content. */
export const putBackThings: ReadonlySet<string> = new Set(
  "reaction reactions link links assignee unassign member subtask relation intercept star tag watcher".split(" "),
);

/** Parameters that hold statements for a database. */
export const statementNames: RegExp = /^(sql|soql|(?:sql|mysql|pg)_?(?:query|statement|text)|sqlQuery)$/iu;

/** Words of statements that change something, and a second statement. RE2. */
export const changingStatement =
  "(?i)\\b(insert|update|delete|merge|replace|truncate|drop|alter|create|grant|revoke|copy|call|do|set|attach|vacuum)\\b|;\\s*\\S";

/** Whom something is sent to, as parameters name it. */
export const recipientNames: RegExp =
  /^(?:to|cc|bcc|recipients?|(?:to_?|recipient_?)?e?mail(?:_?address)?|channel(?:_?id)?|chat_?id|phone(?:_?number)?|to_?account|destination)$/iu;

/** Names of parameters whose choices decide what the tool does. */
export const modeNames: RegExp =
  /^(action|actions|operation|operations|op|ops|mode|method|command|cmd|type|subcommand|intent|verb|do|task)$|^(action|operation|command|method)_?(type|name|kind|mode)$/iu;

/** Of {@link modeNames} those that name what is done, and nothing else. */
export const actionNames: RegExp = /^(action|operation|op|command|cmd|subcommand)$/iu;

/** A flag that takes something away. */
export const deletingFlag: RegExp =
  /^(delete|purge|destroy|wipe|erase)(?!.*([Bb]ranch|[Aa]ny))(?=[_-]|\p{Lu}|$)|^(remove|permanent(ly)?|hard)([_-]?(all|existing|delete|permanently|data|content|contents|history|files))?$|^allow_?delet|^(in_?)?trash(ed)?$/u;

/** Verbs of a page that take an `amount` which is no money. */
export const amountVerbs: ReadonlySet<string> = new Set("scroll swipe zoom pan wheel drag resize".split(" "));

/** A choice that takes something away: its first or its last word. */
export const deletingChoices: ReadonlySet<string> = new Set(
  "delete remove drop purge destroy prune truncate wipe erase kill terminate rm del nuke trash uninstall revoke reset flush hard".split(
    " ",
  ),
);

/** A choice that runs something. */
export const executingChoice: RegExp =
  /^(run|exec|execute|invoke|trigger|deploy|start_run|evaluate|call|click|script)([_-]|$)/u;

/** A choice of an HTTP method that is no reading one. */
export const sendingMethod: RegExp = /^(POST|PUT|PATCH|DELETE|PURGE|LINK|UNLINK|COPY|MOVE)$/u;

/** A choice that changes something. */
export const writingChoice: RegExp = /^(create|update|add|set|insert|upsert|write|edit|rename|move|apply)([_-]|$)/u;

/** Parameters that hold code or a command. */
export const codeNames: RegExp =
  /^(code|source_?code|script|js_code|expression|shell|cmd|command_?line|cli_?command|init_?script|program)$/iu;

/** Parameters that list what a call acts on. */
export const listNames: RegExp =
  /^(urls|keys|ids|files|paths|items|records|rows|entities|relations|observations|deletions|objects|inputs|operations|updates)$/iu;

/** Parameters that hold a query, which is code when the definition names a query language. */
export const queryNames: RegExp = /^(query|statement|function|command|q|text)$/iu;

/** Names of databases that are asked in a language. */
export const databaseWords: ReadonlySet<string> = new Set(
  "mysql mariadb pg postgres postgresql sqlite bigquery snowflake redshift clickhouse athena duckdb oracle mssql mongo neo4j database db read sql".split(
    " ",
  ),
);

/** Query languages by name, as a description's beginning speaks of them. */
export const queryLanguages: RegExp = /\b(sql|cypher|sparql|soql|promql|kql|logql|graphql)\b/iu;

/** Words of a parameter's name that say that it holds code. */
export const codeWords: ReadonlySet<string> = new Set(
  "sql soql ddl promql kql logql cypher sparql graphql javascript python powershell bash stdin".split(" "),
);

/** Query languages and scripts by name. */
export const languageWords: RegExp =
  /\b(sql|soql|graphql|cypher|sparql|javascript|kql|psql|shell command|bash|script)\b/iu;

/** Parameters that name the file a result is written to, by themselves. */
export const outputPathNames: RegExp =
  /^(output|out|dest|destination|save|download|local|request|response|target)_?(file|dir|directory|path|folder|filepath|dirpath)(_?path)?$/iu;

/** Parameters that name a file, which is written to when their description says so. */
export const fileNames: RegExp = /^(file_?path|file_?name|path|file|save_?to|directory)$/iu;

/** Words that say a file is written. */
export const writesFile: RegExp = /\b(save|saved|saves|write|written|output|download|store)\b/iu;

/** Words that say money is spent. */
export const moneyNames: RegExp =
  /^(([a-z]+_)?costs?(_id)?|amount|amount_cents|price|currency|payment_method|payment_intent|card_id)$/iu;
