// Text that speaks to the model instead of describing a tool. What counts is what a sentence does (hides something from the person,
// lifts rules, sends things elsewhere, governs other tools), not any one phrase; the person always sees the raw text besides.
import { revealed } from './hidden.ts';
import { asRead } from './lookalike.ts';

export interface Wording {
  readonly rule: 'secrecy' | 'override' | 'markup' | 'reach' | 'destination' | 'other-tools' | 'role' | 'encoded';
  readonly serious: boolean;
  readonly excerpt: string;
}

const person = '(?:the |your |an? |any )?(?:end[- ])?(?:user|human|operator|person|customer|people|anyone|anybody|owner)s?';
const telling =
  '(?:tell|mention|inform|notif(?:y|i)|reveal|disclos|show|say|explain|report|alert|warn|discuss|let|acknowledg|bother|admit|share|expos|announc)\\w*(?! (?:more|all|too|the same|duplicate)\\b)';
const not =
  "(?:do(?:es)? not|don'?t|never|must not|mustn'?t|should not|shouldn'?t|may not|cannot|can'?t|avoid|without|no need to|refrain from|instead of)";
const secrecy = [
  new RegExp(`\\b${not}\\b[^.!?\\n]{0,40}?\\b${telling}\\b[^.!?\\n]{0,60}?\\b${person}\\b`, 'i'),
  new RegExp(
    `\\b${not}\\b[^.!?\\n]{0,20}?\\b(?:mention|reveal|disclose|talk about|refer to)\\b[^.!?\\n]{0,20}\\b(?:this|these|it)\\b`,
    'i',
  ),
  new RegExp(
    `\\b${not}\\b[^.!?\\n]{0,20}?\\b(?:the )?(?:user|human|operator|person)(?:'s)?\\b[^.!?\\n]{0,20}?\\b(?:know|notice|see|find out|aware|knowledge|consent|noticing|knowing)`,
    'i',
  ),
  /\b(?:the )?(?:users?|humans?|operators?|persons?|people|anyone)\b[^.!?\n]{0,30}?(?:\b(?:not|never|no need to)|n't)\b[^.!?\n]{0,20}?\b(?:know|see|notice|aware|informed|told|notified)/i,
  /\bwithout\b[^.!?\n]{0,12}\b(?:user|human|operator|person|owner)s?\b[^.!?\n]{0,12}\b(?:find|finding|notic|see|know|realiz|learn)\w*/i,
  /\b(?:keep|stay|remain)\b[^.!?\n]{0,25}\b(?:secret|hidden|confidential|between us|quiet about|silent about)\b/i,
  /\b(?:secretly|covertly|surreptitiously|discreetly|behind the scenes)\b/i,
  /\b(?:silently|quietly|invisibly)\b[^.!?\n]{0,40}\b(?:send|read|call|include|append|forward|copy|upload|run|execut)\w*/i,
];

const override = [
  /\b(?:ignor|disregard|forget|overrid|bypass|circumvent|supersed|overrul|set aside|skip)\w*\b[^.!?\n]{0,30}\b(?:all|any|previous|prior|earlier|above|your|other|every|existing|these|those|preceding|system|safety|security|original)\b[^.!?\n]{0,40}\b(?:instruction|rule|polic|guideline|prompt|restriction|safeguard|safety|approval|confirmation|permission|constraint|message|direction|check)/i,
  /\b(?:skip|bypass|without|no need (?:for|to (?:ask|wait) for)|(?:do not|don't|never|must not) (?:ask|wait|request|require|seek|prompt)(?: for)?)\b[^.!?\n]{0,20}\b(?:confirmation|approval|permission|consent)\b[^.!?\n]{0,40}\b(?:user|human|operator|required|needed)?/i,
  /\b(?:takes?|has|have) (?:absolute )?(?:precedence|priority) over\b[^.!?\n]{0,40}\b(?:instruction|rule|prompt|user|polic|tool)/i,
];

const tagNames =
  'important|system|instructions?|secret|hidden|critical|assistant|admin|tool_?calls?|function_?calls?|rules?|prompt|override|priority|task';
const markup = [
  new RegExp(`<\\s*(${tagNames})\\b[^>]*>[\\s\\S]*<\\s*/\\s*\\1\\s*>`, 'i'),
  /<\s*(?:important|system|system_prompt|secret|hidden_instructions?)\s*>/i,
  /\[\/?(?:inst|system|sys)\]|<\|(?:im_start|im_end|system|user|assistant|endoftext)[^>]{0,20}\|?>|<<\/?sys>>/i,
  /^\s{0,3}(?:#{1,4}\s*)?(?:system|assistant|developer)(?: prompt| message| note)?\s*:/im,
  /<!--[\s\S]{12,}-->/,
  // A made-up piece of the conversation: both of its voices.
  /\bassistant\s*:[\s\S]{0,400}?\n\s*(?:human|user)\s*:|\n\s*(?:human|user)\s*:[\s\S]{0,400}?\n\s*assistant\s*:/i,
];
/** The usual opening in other languages; the person sees the text besides, whatever its language. */
const elsewhere =
  /\bignorier(?:e|en)\b.{0,20}\b(?:alle|vorherigen|bisherigen|obigen)\b.{0,30}\b(?:anweisung|regel|vorgabe)|\bignore[sz]?\b.{0,12}\b(?:toutes?|les)\b.{0,40}\b(?:instruction|r\u00e8gle|consigne)|\bignor[ae]\b.{0,12}\b(?:todas?|las|los|as|os|tutte|le)\b.{0,40}\b(?:instru[c\u00e7]|istruz|regla|regra|regol)|\u0438\u0433\u043d\u043e\u0440\u0438\u0440\u0443\u0439.{0,40}\u0438\u043d\u0441\u0442\u0440\u0443\u043a|\u5ffd\u7565.{0,12}\u6307(?:\u4ee4|\u793a)|\u7121\u8996.{0,12}\u6307\u793a|\u6307\u793a.{0,6}\u7121\u8996|\ubb34\uc2dc.{0,12}\uc9c0\uc2dc|\uc9c0\uc2dc.{0,8}\ubb34\uc2dc/iu;
const elsewhereSecrecy =
  /\b(?:sag|erw\u00e4hn|verrat|teil)\w*\b.{0,25}\b(?:nutzer|benutzer|anwender)\w*\b.{0,12}\bnicht|\bsans\b.{0,20}\b(?:dire|pr\u00e9venir|informer)\b.{0,25}\butilisateur|\bne\b.{0,20}\b(?:dis|dites|pr\u00e9viens|informe)\b.{0,25}\butilisateur|\bno\b.{0,12}\b(?:digas|menciones|informes)\b.{0,20}\busuario|\bn\u00e3o\b.{0,12}\b(?:diga|mencione|informe)\b.{0,20}\busu\u00e1rio|\bnon\b.{0,12}\b(?:dire|dirlo|menzionare)\b.{0,20}\butente|\u043d\u0435\s.{0,20}(?:\u0433\u043e\u0432\u043e\u0440|\u0441\u043e\u043e\u0431\u0449).{0,25}\u043f\u043e\u043b\u044c\u0437\u043e\u0432\u0430\u0442|(?:\u4e0d\u8981|\u522b|\u4e0d\u53ef).{0,6}(?:\u544a\u8bc9|\u901a\u77e5).{0,6}\u7528\u6237/iu;

const guarded =
  /(?:^|[\s"'`(/~\\])\.(?:ssh|aws|gnupg|kube|netrc|npmrc|pgpass|git-credentials|env)\b|\bid_(?:rsa|ed25519|ecdsa|dsa)\b|\/etc\/(?:passwd|shadow)\b|\b(?:mcp|claude_desktop_config|\.?claude|\.?cursor)[^\s]{0,20}\.json\b|\b(?:private|ssh|signing|encryption|wallet) keys?\b|\bseed phrase|\b(?:conversation|chat|message|browsing|browser|shell|command) history\b|\b(?:previous|prior|earlier|preceding|entire|whole|full|complete|all) (?:user )?(?:messages?|conversations?|chats?|dialogu?e)\b|\bsystem prompt\b|\bbash_history\b|\b(?:results?|outputs?|contents?) (?:of|from) (?:other|previous|all|any) tools?\b|\bcredentials? (?:file|store)s?\b|\bkeychain\b|\b(?:all|every|the) environment variables?\b|\b(?:everything|anything|whatever) (?:that )?the (?:user|human|person) (?:has )?(?:said|say|wrote|typed|asked)/i;
const taking =
  /\b(?:read|open|cat|load|fetch|retriev|collect|gather|extract|cop(?:y|ies)|find|locat|dump|includ|append|attach|pass|provid|suppl|send|post|upload|forward|transmit|put|insert|embed|add|encod|set|fill|summari[sz]e|write)\w*\b/i;
const directive =
  /\b(?:must|always|first|before|should|need(?:s)? to|required?|ensure|make sure|be sure|remember|mandatory|important|please|in order to|has to|have to|otherwise|necessary|will not work|won't work|so that|to verify|for (?:security|verification|compliance) (?:reasons|purposes))\b|^\s*(?:read|open|cat|load|fetch|retrieve|collect|include|append|attach|pass|send|upload|copy|put|insert|add|fill)\b/im;

const command =
  /\b(?:run|execut|launch|invok|typ)\w*\b[^.!?\n]{0,30}\b(?:curl|wget|bash|sh|zsh|powershell|iwr|nc|python3? -c|node -e|eval)\b[^.\n]{0,60}(?:\||https?:|-c\b|\$\()/i;

const destination =
  /\b(?:send|post|upload|forward|transmit|exfiltrat|leak|e-?mail|mail|deliver|bcc|cc|redirect|rout|push|submit|report|copy|copies)\w*\b[^.!?\n]{0,100}?(?:https?:\/\/(?![^\s"']*(?:example\.(?:com|org)|localhost|127\.0\.0\.1))[^\s"'<>)]+|\b(?:to|with) [\w.+-]+@(?!example\.)[\w-]+\.\w{2,})/i;

/** A picture or a link whose address is to be filled with what the model knows: it is fetched as soon as it is drawn. What looks ahead is not gone back into: no text makes it slow. */
const filledAddress = /\]\(\s*https?:(?=[^)\s]*(?:\{\{|\$\{|<|%7B))[^)]*\)|<img\b(?=([^>]*?\bsrc\s*=\s*["']?https?:))\1[^>]*(?:\{\{|\$\{)/i;

const otherTools = [
  /\b(?:before|after|whenever|when|each time|every time|prior to|instead of|rather than)\b[^.!?\n]{0,40}\b(?:any|another|all|every|each)\b(?! of (?:this|the) server)[^.!?\n]{0,20}\b(?:tools?|functions?|servers?|actions?)\b/i,
  /\b(?:do not|don't|never|must not|should not|shouldn't|avoid|stop|refrain from)\b[^.!?\n]{0,20}\b(?:us|call|invok|trust|rely)\w*\b[^.!?\n]{0,15}\b(?:any|another|other|all)\b[^.!?\n]{0,15}\b(?:tools?|functions?|servers?)\b/i,
  /\b(?:this|these) (?:tool|function|server|rule)s?\b[^.!?\n]{0,30}\b(?:replac|supersed|overrid|deprecat)\w*\b[^.!?\n]{0,40}\b(?:tools?|functions?|servers?)\b/i,
];
const afterOthers =
  /\b(?:whenever|each time|every time|after|before|once)\b[^.!?\n]{0,50}\b(?:tool|function|server)\b[^.!?\n]{0,15}\b(?:is|are|was|gets?|has been) (?:used|called|invoked|run)\b[^.!?\n]{0,40}\b(?:call|use|run|invoke|send|pass)\b/i;
const orders =
  /\b(?:must|always|first|required|mandatory|never|have to|has to|need to|make sure|ensure|do not|don't|should not|avoid|stop|replac|supersed|overrid|deprecat)\w*/i;

const role =
  /\byou are (?:now|no longer|an? (?:unrestricted|different|new))\b|\bpretend (?:to be|that you)\b|\bfrom now on,?\s+(?:you|always|never|every)\b|\byour (?:new|real|true|actual|primary) (?:task|goal|instructions?|objective|purpose|role|job)\b|\bnew (?:system )?instructions?\b\s*[:.]|\b(?:developer|god|jailbreak|dan|debug|maintenance) mode (?:is )?(?:on|enabled|active)|\b(?:pre-?approved|already (?:been )?(?:approved|authori[sz]ed)|(?:has|have) been (?:approved|authori[sz]ed))\b[^.!?\n]{0,30}\b(?:by|user|operator|admin|system|gatehouse)|\b(?:user|human|operator|admin|owner|person)s?\b[^.!?\n]{0,12}\b(?:pre-?approved|already (?:agreed|consented|approved|authori[sz]ed|allowed|confirmed|granted)|(?:has|have) (?:approved|authori[sz]ed|agreed to|consented to))\b/i;

const encoded = /(?:[A-Za-z0-9+/]{4}){16,}={0,2}|(?:[0-9a-f]{2}){32,}/gi;

/** What `text` does besides describing; a rule is named once. */
export function wordingOf(text: string): Wording[] {
  const written = revealed(text);
  const read = asRead(written);
  const found = new Map<Wording['rule'], Wording>();
  const add = (rule: Wording['rule'], serious: boolean, match: RegExpExecArray | null) => {
    if (match && !found.has(rule)) found.set(rule, { rule, serious, excerpt: excerptOf(read, match.index, match[0].length) });
  };
  for (const pattern of secrecy) add('secrecy', true, pattern.exec(read));
  for (const pattern of override) add('override', true, pattern.exec(read));
  add('override', true, elsewhere.exec(read));
  add('secrecy', true, elsewhereSecrecy.exec(read));
  for (const pattern of markup) add('markup', true, pattern.exec(read));
  add('role', true, role.exec(read));
  add('destination', true, destination.exec(read));
  add('destination', true, command.exec(read));
  // As it was written: digits that are read as letters are no signs of an address any more.
  add('destination', true, filledAddress.exec(written));
  for (const sentence of read.split(/(?<=[.!?])\s+|\n+/)) {
    const at = read.indexOf(sentence);
    const within = (pattern: RegExp): RegExpExecArray | null => {
      const match = pattern.exec(sentence);
      if (match) match.index += at;
      return match;
    };
    if (taking.test(sentence) && directive.test(sentence)) add('reach', true, within(guarded));
    add('other-tools', false, within(afterOthers));
    if (orders.test(sentence)) for (const pattern of otherTools) add('other-tools', false, within(pattern));
  }
  // As it was written: what is read as letters is no encoding any more.
  for (const [run] of written.matchAll(encoded)) {
    const plain = decoded(run);
    if (plain !== null && wordingOf(plain).length > 0) add('encoded', true, /[\s\S]/.exec(read));
  }
  return [...found.values()];
}

function decoded(run: string): string | null {
  const bytes = /^[0-9a-f]+$/i.test(run) ? Buffer.from(run, 'hex') : Buffer.from(run, 'base64');
  const text = bytes.toString('utf8');
  return /^[\t\n\r -~]+$/.test(text) ? text : null;
}

function excerptOf(text: string, at: number, length: number): string {
  const start = Math.max(0, at - 30);
  const end = Math.min(text.length, at + length + 30);
  return `${start > 0 ? '...' : ''}${text.slice(start, end).slice(0, 240).trim()}${end < text.length ? '...' : ''}`;
}
