// What a server's answer carries for the model: text that gives it orders, characters nobody sees (security.md T08). It is marked, never
// changed. What this costs is bounded: so many characters are looked at, and of what looks suspicious so many places are read closely.
import { hiddenIn } from './findings/hidden.ts';
import { titles } from './findings/scan.ts';
import { type Wording, wordingOf } from './findings/wording.ts';

export interface ResultFinding {
  readonly rule: string;
  readonly title: string;
  /** Ours: which kind of character, never a piece of the answer. */
  readonly detail?: string;
  readonly severity: 'warning' | 'serious';
}

export interface Marks {
  readonly findings: readonly ResultFinding[];
  /** Characters looked at and characters there were, where that is not all. */
  readonly partlyRead?: { readonly read: number; readonly of: number };
}

/** Characters looked at in one answer; of one long text its beginning and its end. */
const most = 128 * 1024;
const longest = { head: 80 * 1024, tail: 16 * 1024 };
const deepest = 64;
/** Members walked; what stands behind them is not even counted. */
const mostNodes = 50_000;
/** Places read closely, and characters before and after each: the first of them, and the last. */
const mostPlaces = 24;
const around = 300;

/** Rules that say something of any text; others would speak of every README (addresses to write to, markup, words about tools). */
const telling: ReadonlySet<Wording['rule']> = new Set(['secrecy', 'override', 'role', 'reach', 'encoded', 'markup']);
const rare =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\u3164\ufeff\uffa0]|[\ufe00-\ufe0e]|\u034f|\udb40|[\udb80-\udbff]|[\ue000-\uf8ff]/;
/** Cheap, and wider than the rules: what it finds is read closely. */
const suspicious =
  /ignor|disregard|forget|overrid|bypass|circumvent|supersed|overrul|set aside|precedence over|priority over|you are (?:now|no longer|an?)|pretend|from now on|your (?:new|real|true|actual|primary) |new (?:system )?instruction|(?:developer|god|jailbreak|dan|debug|maintenance) mode|pre-?approved|been (?:approved|authori)|(?:tell|mention|inform|notif|reveal|disclos|show|report|alert)[^.!?\n]{0,60}?(?:user|human|operator|person|anyone|this|it\b)|(?:user|human|operator)[^.!?\n]{0,30}?(?:not|n't) [^.!?\n]{0,20}?(?:know|see|notice|aware)|without [^.!?\n]{0,30}(?:approval|permission|consent|confirm)|silently|secretly|covertly|surreptitiously|discreetly|behind the scenes|<\s?\/?(?:important|system|instruction|secret|hidden|critical|assistant|admin|override|rules|prompt|priority|task)|\[\/?(?:inst|sys)|<\||<<sys|\.ssh|\.aws|id_rsa|id_ed25519|\.env\b|system prompt|(?:conversation|chat|message|browser|shell|command) history|\/etc\/(?:passwd|shadow)|seed phrase|private key/gi;
/** Chat markers and tags; a comment of a web page or a line that begins with `system:` is none. */
const marker = /<\s*\/?\s*[a-z_]+[^>]*>|\[\/?(?:inst|sys)|<\||<<\/?sys/i;

/** A file's own mark of how it is encoded. */
const withoutMark = (text: string) => (text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
const isCarried = (key: string, text: string) =>
  (key === 'data' || key === 'blob') && text.length > 200 && /^[A-Za-z0-9+/=_-]*$/.test(text.slice(0, 200));

interface Texts {
  readonly texts: string[];
  read: number;
  of: number;
  nodes: number;
}

function collect(at: unknown, key: string, depth: number, into: Texts): void {
  if (++into.nodes > mostNodes) {
    // There is more than was counted.
    into.of = Math.max(into.of, into.read + 1);
    return;
  }
  if (typeof at === 'string') {
    if (isCarried(key, at)) return;
    into.of += at.length;
    const room = most - into.read;
    if (room <= 0) return;
    const whole = at.length <= longest.head + longest.tail;
    const text = whole ? at : `${at.slice(0, longest.head)}\n${at.slice(-longest.tail)}`;
    const kept = text.slice(0, room);
    into.read += Math.min(kept.length, at.length);
    into.texts.push(withoutMark(kept));
  } else if (typeof at === 'object' && at !== null) {
    if (depth > deepest) return;
    for (const [name, member] of Object.entries(at)) {
      if (into.nodes > mostNodes) return;
      if (!Array.isArray(at) && name.length > 16) into.texts.push(name.slice(0, 200));
      collect(member, name, depth + 1, into);
    }
  }
}

/** Looks at what a model would read of an answer: `value` is its result or its error. */
export function readResult(value: unknown): Marks {
  const seen: Texts = { texts: [], read: 0, of: 0, nodes: 0 };
  collect(value, '', 0, seen);
  const found = new Map<string, ResultFinding>();
  for (const text of seen.texts) {
    if (!found.has('hidden') && rare.test(text)) {
      const hidden = hiddenIn(text);
      if (hidden)
        found.set('hidden', {
          ...{ rule: 'hidden', severity: 'serious' as const },
          title: 'Its answer holds characters that cannot be seen',
          detail: `${hidden.what} (${hidden.code})`,
        });
    }
  }
  for (const place of placesIn(seen.texts.join('\n'), found.has('hidden'))) {
    for (const { rule, serious, excerpt } of wordingOf(place)) {
      if (!telling.has(rule) || found.has(rule) || (rule === 'markup' && !marker.test(excerpt))) continue;
      if (rule === 'markup' && excerpt.includes('<!--')) continue;
      found.set(rule, { rule, severity: serious ? 'serious' : 'warning', title: titles[rule] });
    }
  }
  return {
    findings: [...found.values()],
    ...(seen.read < seen.of ? { partlyRead: { read: seen.read, of: seen.of } } : {}),
  };
}

/** Where something suspicious stands, with what stands around it. Where characters are hidden the words may be spelled with them. */
function placesIn(text: string, hidden: boolean): string[] {
  const all = Array.from(text.matchAll(suspicious), ({ index }) => index);
  const half = mostPlaces / 2;
  const chosen = all.length <= mostPlaces ? all : [...all.slice(0, half), ...all.slice(-half)];
  const spans: [number, number][] = [];
  for (const at of chosen) {
    const last = spans.at(-1);
    if (last && at - around <= last[1]) last[1] = at + around;
    else spans.push([Math.max(0, at - around), at + around]);
  }
  return [...spans.map(([from, to]) => text.slice(from, to)), ...(hidden ? [text.slice(0, 4096)] : [])];
}
