// A request as the operator reads it before answering: our words and theirs apart, hidden characters visible, long values cut and measured.
import { createHash } from 'node:crypto';
import type { Approval } from '../../shared/vocabulary.ts';
import { facts, when, wrap } from './table.ts';
import { hidesSomething, visible } from './visible.ts';

export interface View {
  readonly text: string;
  /** Something in it would not show as itself. */
  readonly hidden: boolean;
  /** Something of the arguments is not in it. */
  readonly cut: boolean;
}

/** A value longer than this is cut to its head and tail, in characters. */
const longest = 800;
const head = 400;
const tail = 200;
const mostRows = 40;
/** What stands before every line that is not ours. */
const theirs = '  | ';

/** `columns` wide; `full` cuts nothing. */
export function requestView(item: Approval, columns: number, full: boolean): View {
  const room = Math.max(20, columns - theirs.length - 1);
  const boxed = (text: string) => wrap(visible(text), room).map((line) => theirs + line);
  const shown = rows(item.argumentsText);
  const kept = full ? shown : shown.slice(0, mostRows);
  let cut = kept.length < shown.length;
  const values = kept.flatMap(({ key, text }) => {
    const label = key === null ? '' : `${readable(key)}: `;
    const value = readable(text);
    if (full || value.length <= longest) return boxed(label + value);
    cut = true;
    const bytes = Buffer.byteLength(text).toLocaleString('en');
    return [
      ...boxed(label + value.slice(0, head)),
      `    ... cut here: the whole value has ${bytes} bytes, sha256 ${sha256(text).slice(0, 16)} ...`,
      ...boxed(value.slice(-tail)),
    ];
  });
  if (kept.length < shown.length) values.push(`    ... ${shown.length - kept.length} more arguments are not shown ...`);
  const claim = [item.claim.title, item.claim.description].filter((text) => text !== undefined && text !== '');

  const lines = [
    sentence(item),
    '',
    facts([
      ['approval', item.id],
      ['capability', item.capability],
      ['risk', item.risk],
      ...item.reasons.map((reason, at) => [at === 0 ? 'because' : '', reason] as const),
      ...(item.facts ?? []).map((fact) => [fact.name.toLowerCase(), visible(fact.value)] as const),
      ['folder', item.folder],
      ['session', item.session],
      ['waiting', item.waiting === 0 ? 'the client stopped waiting; a yes counts if it repeats this within 10 minutes' : item.waiting],
      ['expires', when(item.expiresAt)],
    ]),
    '',
    `Arguments, as received (${Buffer.byteLength(item.argumentsText).toLocaleString('en')} bytes):`,
    ...(values.length === 0 ? ['    none'] : values),
    `    digest ${item.digest}`,
    ...(claim.length === 0
      ? []
      : [
          '',
          'The server says of itself (its claim, not ours):',
          ...claim.flatMap((text) => boxed(full ? `${text}` : `${text}`.slice(0, 600))),
        ]),
    ...(item.widths.length === 0
      ? []
      : ['', 'An answer could cover more:', ...item.widths.map(({ id, label }) => `    --match ${visible(id)}  ${visible(label)}`)]),
  ];
  return { text: lines.join('\n'), hidden: hidden(item), cut };
}

/** Who asks whom: a server may also ask something of a client (capabilities of the last three kinds). */
function sentence({ client, server, capability, sentence: ours, review }: Approval): string {
  const [who, whom] = [visible(client), visible(server)];
  if (ours && !review) return `${who} wants ${whom} to ${saidOf(ours)}`;
  if (capability.startsWith('sampling:')) return `${whom} wants ${who} to ask its model`;
  if (capability === 'elicitation:url') return `${whom} wants to send you to a page, through ${who}`;
  if (capability.startsWith('elicitation:')) return `${whom} wants to ask you something, through ${who}`;
  return `${who} wants to use a capability of ${whom}`;
}

/** `read README.md in ~/code/acme`: our verbs, and what they are about made visible. */
export const saidOf = (parts: NonNullable<Approval['sentence']>, done = false): string =>
  parts.map(({ verb, past, object }) => [done ? (past ?? verb) : verb, visible(object)].filter(Boolean).join(' ')).join(' ');

/** True when the text is the text the approval is bound to. */
export function isGenuine(item: Approval): boolean {
  return sha256(item.argumentsText) === item.digest;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hidden(item: Approval): boolean {
  const strings: string[] = [item.client, item.capability, item.argumentsText];
  const walk = (value: unknown): void => {
    if (typeof value === 'string') strings.push(value);
    else if (Array.isArray(value)) value.forEach(walk);
    else if (value !== null && typeof value === 'object') {
      for (const [key, inner] of Object.entries(value)) {
        strings.push(key);
        walk(inner);
      }
    }
  };
  walk(item.arguments);
  return strings.some(hidesSomething);
}

// JSON text with its \uXXXX escapes read where the character can be shown: "\u0072m -rf" must not be a way to hide a command.
function readable(json: string): string {
  return json.replace(/((?:\\u[0-9a-fA-F]{4})+)|\\./g, (whole, escapes: string | undefined) =>
    escapes === undefined
      ? whole
      : [...(JSON.parse(`"${escapes}"`) as string)]
          .map((one) => (/["\\\p{Cc}\p{Cs}]/u.test(one) ? JSON.stringify(one).slice(1, -1) : one))
          .join(''),
  );
}

/** The members of the top object with their own text, so that numbers show as they were written; one row without a key for anything else. */
function rows(json: string): { key: string | null; text: string }[] {
  const text = json.trim();
  if (!text.startsWith('{')) return [{ key: null, text }];
  const found: { key: string; text: string }[] = [];
  let depth = 0;
  let inString = false;
  let start = 1;
  let colon = -1;
  const take = (end: number) => {
    if (colon !== -1) found.push({ key: text.slice(start, colon).trim().slice(1, -1), text: text.slice(colon + 1, end).trim() });
    start = end + 1;
    colon = -1;
  };
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (inString) {
      if (character === '\\') at++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']') {
      depth--;
      if (depth === 0) take(at);
    } else if (depth === 1 && character === ':' && colon === -1) colon = at;
    else if (depth === 1 && character === ',') take(at);
  }
  return found;
}
