import type { Severity } from "./finding.ts";

/** Words that speak to a model and not of the tool. */
export interface Phrase {
  readonly pattern: RegExp;
  readonly severity: Severity;
  readonly message: string;
  /** Whether it speaks of keys, which an argument that is named like one may ask for. */
  readonly isOfKeys?: boolean;
}

const user = String.raw`(?:users?|humans?|persons?|people|anyone|operator|customer)`;

/** People of some kind, of whom one can speak without hiding anything from the user. */
const kindOfUsers = String.raw`(?:users|humans|persons|people|customers) (?:who|that) (?:have|had|are|were|do|did|don't|opted|un\w+|muted|blocked|disabled|left|prefer|want)\b`;

/** Before an order: what makes it the description of a choice. */
const choice = String.raw`\b(?:whether|(?:if|when) (?:it is |this is |set to |set as )?(?:true|false|set|enabled|disabled|yes|no)\b)[^.\n]{0,20}`;

/** Places on a computer where secrets are. */
const secretFiles = String.raw`(?:~?/?\.ssh\b(?!/(?:config|known_hosts)\b)|id[_ ]rsa|id[_ ]ed25519|\.aws/credentials|/etc/(?:passwd|shadow)\b|\.netrc|\.git-credentials|\.kube/config|\.gnupg|\.env\b(?! var)|mcp\.json|~/\.cursor\b|claude[_ ]desktop[_ ]config)`;
const secretKeys = String.raw`(?<!\bpublic[ -])\b(?:private|ssh)[ -]keys?\b(?! (?:names?|ids?|fingerprints?|titles?|labels?|pairs?))`;
const ownWords = String.raw`(?:\.ssh/(?:config|known_hosts)|\b(?:the|your|our|this|all|entire|whole|full|current) (?:\w+ )?(?:conversation history|chat history|system prompt|previous messages))`;
const handing = String.raw`(?:send|include|attach|append|provide|upload|pass|forward|paste)`;
const contents = String.raw`(?:contents?|full text|text|body|lines|value) of`;

/** Where a call takes something to. */
const intoCall = String.raw`(?:\b(?:into|as|to|in|with) (?:the |this |its |an? |every |each |your )?(?:\S{1,40} )?(?:arguments?|parameters?|fields?|calls?|tools?|requests?|addresses|https?:)|\b(?:into|as) ["'\x60]\w|\band (?:\w+ )?(?:${handing}|post|put|return|give|submit|transmit)\b)`;

/** A part of an address that somebody else is to fill in. */
const gap = String.raw`(?:\$?\{|<|\[|%7b)`;
const picture = String.raw`(?:!\[[^\]\n]{0,80}\]\(|<img\b[^>\n]{0,200}?\bsrc\s*=\s*["']?)`;
const link = String.raw`(?:\](?:\(|:\s{0,4})|\b(?:src|href)\s*=\s*["']?)`;
const told = String.raw`(?:conversation|history|secret|token|key|password|prompt|context|message|credential|data|answer|reply|summary|memory)`;

/**
 * Servers that mean well tell models in which order to call their tools; that alone is mild. All gaps are bounded, so that
 * patterns take linear time. Of phrases with one message the worst that is found counts.
 */
const english: readonly Phrase[] = [
  {
    pattern:
      /\b(?:(?:ignore|disregard|forget)\b.{0,30}\b(?:previous|prior|above|earlier|all|other|any|system|your|the)|override\b.{0,30}\b(?:previous|prior|above|earlier|all|any|system|your))\b.{0,30}\b(?:instructions?|prompts?|rules|guidelines|directives)\b/isu,
    severity: "critical",
    message: "tells a model to leave its instructions",
  },
  {
    pattern: new RegExp(
      String.raw`\b(?:do not|don'?t|never|must not|avoid(?:ing)?)\b(?<!${choice}\b(?:do not|don'?t|never|must not|avoid(?:ing)?))[^.\n]{0,25}\b(?:tell|telling|mention|mentioning|inform|informing|reveal|notify|notifying|disclose|alert)\b[^.\n]{0,50}\b(?!${kindOfUsers})${user}\b`,
      "iu",
    ),
    severity: "high",
    message: "says that the user is not to be told something",
  },
  {
    pattern:
      /\b(?:do not|don'?t|never|must not)\b[^.\n]{0,60}\blet (?:the )?users? (?:\w+ )?(?:know|see|notice|find out)\b|\b(?:keep|hide|conceal) (?:this|that|it|these|them|all of (?:this|it))(?: \w+){0,3} from the user\b/iu,
    severity: "high",
    message: "says that the user is not to be told something",
  },
  {
    pattern: new RegExp(
      String.raw`\bwithout\b(?<!\b(?:never|not|don'?t)\b[^.\n]{0,80}without)[^.\n]{0,15}\b(?:telling|informing|asking|notifying|mentioning|alerting)\b[^.\n]{0,30}\b${user}\b`,
      "iu",
    ),
    severity: "high",
    message: "asks a model to act without the user",
  },
  {
    pattern: new RegExp(
      String.raw`\b(?:read|open|cat|copy|fetch|${handing}|${contents})\b[^\n]{0,80}${secretFiles}|${secretFiles}\S{0,30} (?:file )?contents?\b`,
      "iu",
    ),
    severity: "high",
    message: "asks for files or words that are the user's own",
  },
  {
    pattern: new RegExp(
      String.raw`\b(?:read|cat|put|write|enter|give|copy|send|include|attach|append|provide|pass|forward|paste|${contents})\b[^\n]{0,60}${secretKeys}`,
      "iu",
    ),
    severity: "high",
    message: "asks for files or words that are the user's own",
    isOfKeys: true,
  },
  {
    pattern: new RegExp(
      String.raw`\b${handing}\b[^\n]{0,80}${ownWords}|\b(?:read|open|copy|cat|fetch)\b[^\n]{0,80}${ownWords}[^\n]{0,60}${intoCall}`,
      "iu",
    ),
    severity: "high",
    message: "asks for files or words that are the user's own",
  },
  {
    pattern: /<\/?\s*(?:important|system|instructions?|secret|hidden|admin|assistant|critical|override)\s*>/iu,
    severity: "high",
    message: "has marks that look like a part of a prompt",
  },
  {
    pattern:
      /^[^\S\n]{0,40}(?:system|assistant|human)[ \t]{0,4}:\s{1,4}(?:(?:please |now )?(?:send|call|read|run|execute|use|give|reply|answer|respond|act|follow|approve|print)\b|[^\n]{0,80}\b(?:you(?:'re| are| must| should| will| have| need| can)|your (?:task|job|goal|role|rules|instructions)|ignore|disregard|forget|never|always|must|do not|don't|obey|instructions?)\b)|^[^\S\n]{0,40}(?:human|user)[ \t]{0,4}:[^\n]{1,400}\n\s{0,40}assistant[ \t]{0,4}:\s|\[(?:INST|SYSTEM)\]|<\|(?:im_start|im_end|system|endoftext)\|>|\bnew (?:system )?instructions\s*:/imu,
    severity: "high",
    message: "is laid out like the turns of a conversation",
  },
  {
    pattern: new RegExp(String.raw`(?:${picture}|${link})https?:[^\s)"'>]{0,300}?${gap}[^\s)>\]}]{0,40}?${told}`, "iu"),
    severity: "high",
    message: "has a picture or link whose address tells somebody else what is put into it",
  },
  {
    pattern:
      /\b(?:skip|bypass|suppress|without|needs? no|requires? no|no need for)\b(?<!\b(?:never|nor|not|don'?t)\b[^.\n]{0,80})[^.\n]{0,25}\b(?:approvals?|confirmations?|consent|permission prompts?|human review)\b/iu,
    severity: "medium",
    message: "speaks against asking for approval",
  },
  {
    pattern:
      /\bclassify (?:this|it|the tool)\b|\bthis tool is (?:completely |perfectly |totally )?(?:safe|harmless|trusted|pre-?approved)\b/iu,
    severity: "medium",
    message: "tells its reviewer what to think of it",
  },
  {
    pattern:
      /\b(?:forward|bcc|cc|redirect|send)\b[^.\n]{0,60}[\w.+-]{1,64}@(?!(?:[\w-]{1,64}\.){0,4}(?:example|test|company|domain|acme|email|mail|gmail)\b)[\w-]{1,64}\.[a-z]{2,}/iu,
    severity: "medium",
    message: "names an address that something is to be sent to",
  },
  {
    pattern: new RegExp(
      String.raw`${picture}https?:|${link}https?:[^\s)"'>?]{0,300}\?[^\s)"'>]{0,200}?(?:${gap}|=(?:\.{3}|…)?[)"'])`,
      "iu",
    ),
    severity: "medium",
    message: "has a picture or link whose address tells somebody else what is put into it",
  },
  {
    pattern:
      /\bbefore (?:using|calling|invoking|running) (?:any|other|another|the other|every|all)\b[^.\n]{0,30}\b(?:tools?|functions?)\b/iu,
    severity: "medium",
    message: "says what a model must do before it uses other tools",
  },
  {
    pattern: /\bbefore (?:using|calling|invoking|running) this (?:tool|function)\b/iu,
    severity: "low",
    message: "says what a model must do before it uses this tool",
  },
  {
    pattern:
      /\b(?:always|must|should)\b[^.\n]{0,20}\b(?:call|use|invoke|run|prefer)\b[^.\n]{0,25}\b(?:this tool|this function|instead of|before any|first)\b/iu,
    severity: "low",
    message: "asks a model to prefer it, or to call it first",
  },
  {
    pattern: new RegExp(
      String.raw`\b(?:do not|don'?t|never|must not|avoid(?:ing)?)\b[^.\n]{0,25}\b(?:tell|mention|inform|reveal|notify|disclose|alert)(?:ing)?\b[^.\n]{0,50}\b${user}\b`,
      "iu",
    ),
    severity: "low",
    message: "says that the user is not to be told something",
  },
];

/** The same orders elsewhere. Latin letters without accents, as one of the readings of a text has none either. */
const leaving: readonly RegExp[] = [
  /\b(?:ignorier\w{0,4}|missacht\w{0,4}|vergiss|vergesst|vergessen sie)\b.{0,40}\b(?:vorherig\w{0,2}|bisherig\w{0,2}|vorangegangen\w{0,2}|fru(?:e)?her\w{0,3}|obig\w{0,2}|alle|deine|ihre)\b.{0,30}\b(?:anweisung|instruktion|regeln|vorgaben|befehl|prompts?\b)/isu,
  /\b(?:ignore[rz]?|oublie[rz]?|ne (?:tiens|tenez) (?:pas|plus|aucun) compte)\b.{0,30}\b(?:les|tes|vos|ces|toutes?|tous)\b.{0,30}\b(?:instructions?|consignes?|regles|directives|ordres)\b/isu,
  /\b(?:ignor(?:a|e|ad|ar|en)|olvid(?:a|e|ad|ar|en)|descart(?:a|e|ar|en)|no hagas? caso)\b.{0,30}\b(?:las|los|tus|sus|todas?|todos|cualquier)\b.{0,30}\b(?:instrucciones|indicaciones|reglas|ordenes|directrices)\b/isu,
  /(?<!\p{L})(?:(?:про)?игнорир(?:уй|уйте|овать)|забудь(?:те)?|отбрось(?:те)?|не обращай(?:те)? внимания на).{0,40}(?:инструкци|указани|правил|команд|распоряжени)/isu,
  /(?:忽略|忽视|忽視|无视|無視|忘记|忘記|忘掉|不要理会)[^。\n]{0,8}(?:之前|以前|以上|此前|先前|前面|所有|全部|一切|上述|系统|你的)[^。\n]{0,8}(?:指令|指示|提示|规则|規則|命令)/u,
  /(?:以前|これまで|今まで|上記|すべて|全て|全部|システム)[^。\n]{0,12}(?:指示|命令|指令|ルール|規則|プロンプト)[^。\n]{0,8}(?:無視|忘れ|破棄)/u,
];

const keepingFromUser: readonly RegExp[] = [
  /\b(?:sage?n?|sagt|erzahl\w{0,2}|verrat\w{0,2}|erwahn\w{0,2}|informier\w{0,2}|teile?n?)\b[^.\n]{0,40}\b(?:(?:nichts?|nie|niemals)\b[^.\n]{0,40}\b(?:nutzer|benutzer|anwender)|(?:nutzer|benutzer|anwender)[^.\n]{0,30}\b(?:nichts?|nie|niemals)\b)/iu,
  /\b(?:nutzer|benutzer|anwender)\w{0,2}\b[^.\n]{0,20}\b(?:nichts?|nie|niemals)\b[^.\n]{0,30}\b(?:sagen|erzahlen|verraten|mitteilen|erwahnen|erfahren|wissen)\b|\bohne (?:dass )?(?:de[nmrs] |es |wissen )+(?:nutzer|benutzer|anwender)\w{0,2}\b/iu,
  /\bn(?:e |')(?:(?:le|la|les|lui|leur|rien|en) ){0,2}(?:dis|dites|dire|parle[rz]?|mentionne[rz]?|informe[rz]?|revele[rz]?|previen[st]|prevenez|montre[rz]?)\b[^.\n]{0,60}\butilisat(?:eur|rice)|\bsans (?:le dire|en parler|demander|prevenir|informer|avertir|consulter|que)\b[^.\n]{0,30}\butilisat(?:eur|rice)/iu,
  /\b(?:no|nunca|jamas) (?:(?:se|lo|le|les|la) ){0,2}(?:digas?|decir\w{0,4}|mencion(?:es|e|ar)|inform(?:es|e|ar)|revel(?:es|e|ar)|avis(?:es|e|ar)|cuent(?:es|e)|muestr(?:es|e))\b[^.\n]{0,60}\busuari[oa]|\bsin (?:que|avisar|decir\w{0,4}|informar|preguntar\w{0,2}|consultar)\b[^.\n]{0,30}\busuari[oa]/iu,
  /(?<!\p{L})не (?:говори|сообщай|рассказывай|упоминай|показывай|раскрывай|уведомляй|информируй)(?:те)?(?!\p{L})[^.\n]{0,50}пользовател|(?<!\p{L})без (?:ведома|уведомления|согласия) пользовател/iu,
  /(?:不要|不得|切勿|请勿|別|别)[^。，,\n]{0,6}(?:告诉|告訴|告知|透露|提及|提到|说明)[^。\n]{0,10}(?:用户|用戶|使用者)|(?:不要|不得|切勿|请勿|別|别)(?:向|对|對|让|讓|跟|在)(?:用户|用戶|使用者)[^。\n]{0,10}(?:提及|提到|透露|说|說|知道|告知)|(?:用户|用戶|使用者)(?:不知情|(?:不应该?|不该|不得)(?:知道|知晓))/u,
  /(?:ユーザー?|利用者|使用者)(?:に|には|へ)[^。\n]{0,16}(?:言わな|伝えな|知らせな|教えな|話さな|明かさな|言わず|伝えず|知らせず)/u,
];

const askingForSecrets: readonly RegExp[] = [
  new RegExp(
    String.raw`(?:\b(?:lies|lese[nt]?|offne[nt]?|sende[nt]?|schick\w{0,2}|kopier\w{0,2}|fu(?:e)?ge?|ha(?:e)?nge?|lis|lisez|ouvre[zr]?|envoie|envoyez|copie[rz]?|joins|joignez|ajoute[rz]?|lee|lea|abre|abra|envia|envie|copia|incluye|adjunta)\b|(?<!\p{L})(?:прочитай|прочти|открой|отправь|пришли|скопируй|вставь|приложи)(?:те)?|读取|讀取|打开|发送|發送|附上|上传|复制)[^\n]{0,80}${secretFiles}`,
    "iu",
  ),
  new RegExp(
    String.raw`${secretFiles}[^。\n]{0,30}(?:読み|読ん|送信|送って|添付|貼り付け|コピー|的内容|的全部内容|の内容)`,
    "iu",
  ),
];

const elsewhere: readonly Phrase[] = [
  ...leaving.map((pattern): Phrase => ({
    pattern,
    severity: "critical",
    message: "tells a model to leave its instructions",
  })),
  ...keepingFromUser.map((pattern): Phrase => ({
    pattern,
    severity: "high",
    message: "says that the user is not to be told something",
  })),
  ...askingForSecrets.map((pattern): Phrase => ({
    pattern,
    severity: "high",
    message: "asks for files or words that are the user's own",
  })),
];

/** All phrases, in English, German, French, Spanish, Russian, Chinese and Japanese. */
export const phrases: readonly Phrase[] = [...english, ...elsewhere];
