// Finds keys and passwords that stand in plain text where a server is configured: environment, arguments, addresses, headers.
import type { Launch } from './launch.ts';

/** A stretch of one text of an entry that is a secret. */
export interface PlainSecret {
  readonly in: 'env' | 'args' | 'url' | 'headers';
  /** Name of the variable or header, number of the argument; empty for the address. */
  readonly key: string;
  readonly start: number;
  readonly end: number;
  readonly value: string;
  /** What it might be called, for example `github-token`. */
  readonly called: string;
}

const tellingWords = new Set(
  'key apikey secret token password passwd pwd pass pat credential credentials auth authorization bearer dsn cookie signature sig'.split(
    ' ',
  ),
);
/** Words run together, as in ACCESSTOKEN. */
const tellingEnd = /(?:apikey|token|secret|password|passphrase)$/;
/** A name that ends so is about something beside the secret. */
const harmlessWords = new Set(
  'path file dir folder url uri endpoint host port region name type method enabled mode timeout id env command limit'.split(' '),
);

/** What issuers give out: the whole text, or what stands in a longer one. */
const shapes = [
  /\bgh[pousr]_[A-Za-z0-9]{20,}/,
  /\bgithub_pat_[A-Za-z0-9_]{20,}/,
  /\bglpat-[A-Za-z0-9_-]{16,}/,
  /\bsk-[A-Za-z0-9_-]{16,}/,
  /\b(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,}/,
  /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/,
  /\bAIza[A-Za-z0-9_-]{30,}/,
  /\bya29\.[A-Za-z0-9_-]{20,}/,
  /\bnpm_[A-Za-z0-9]{30,}/,
  /\bpypi-[A-Za-z0-9_-]{20,}/,
  /\bhf_[A-Za-z0-9]{20,}/,
  /\b(?:ntn|secret)_[A-Za-z0-9]{30,}/,
  /\bfigd_[A-Za-z0-9_-]{20,}/,
  /\blin_api_[A-Za-z0-9]{20,}/,
  /\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}/,
  /\bdop_v1_[a-f0-9]{40,}/,
  /\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]*/,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]+/,
];

/** What people and documentation write where a key belongs. */
const standIn =
  /^(?:|x{3,}|\*+|\.{3}|todo|none|null|changeme|example|test|true|false|<.*>|\[.*\]|your[_ -].*|.*[_ -](?:here|goes_here)|replace[_ -]?me.*|insert[_ -].*)$/i;
/** The client fills this in. */
const filledIn = /^\s*(?:Bearer\s+|token\s+)?(?:\$\{[^}]+\}|\$[A-Za-z_][A-Za-z0-9_]*|\{(?:env|file):[^}]+\}|%[A-Za-z_]+%)\s*$/i;

/** True for a value that a name like TOKEN makes a secret. */
function opaque(value: string): boolean {
  return (
    value.length >= 4 &&
    !standIn.test(value.trim()) &&
    !filledIn.test(value) &&
    !/^(?:\/|~\/|\.\.?\/|[A-Za-z]:\\)/.test(value) &&
    !/^[0-9]{1,5}$/.test(value)
  );
}

function isTelling(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  if (harmlessWords.has(words.at(-1) ?? '') || words[0] === 'max') return false;
  return words.some((word) => tellingWords.has(word) || tellingEnd.test(word));
}

type Stretch = { start: number; end: number; hint: string };

/** Stretches of `text` that are secrets whatever it is called: known shapes, passwords and keys in addresses. */
function stretches(text: string): Stretch[] {
  const found: Stretch[] = [];
  for (const [, scheme = '', user = '', password = ''] of text.matchAll(/\b([a-z][a-z0-9+.-]*:\/\/)([^\s/:@?#]*):([^\s/@]+)@/gi)) {
    const start = text.indexOf(`${scheme}${user}:${password}@`) + scheme.length + user.length + 1;
    if (!standIn.test(password) && !filledIn.test(password))
      found.push({ start, end: start + password.length, hint: `${scheme.replace(/\W+/g, '')}-password` });
  }
  for (const match of text.matchAll(/[?&]([A-Za-z0-9_.-]+)=([^&#\s]+)/g)) {
    const [whole, name = '', value = ''] = match;
    const start = match.index + whole.length - value.length;
    if (isTelling(name) && opaque(value)) found.push({ start, end: start + value.length, hint: name });
  }
  for (const shape of shapes) {
    const match = shape.exec(text);
    if (match) found.push({ start: match.index, end: match.index + match[0].length, hint: '' });
  }
  return apart(found);
}

/** In order, the first of those that overlap. */
function apart(found: Stretch[]): Stretch[] {
  const sorted = found.sort((a, b) => a.start - b.start || b.end - a.end);
  return sorted.filter((one, at) => at === 0 || one.start >= Math.max(...sorted.slice(0, at).map(({ end }) => end)));
}

/** `Bearer x`, `token x`, `Basic x`: the part that is secret. */
function afterScheme(value: string): { start: number } {
  return { start: /^\s*(?:Bearer|Basic|token|ApiKey)\s+/i.exec(value)?.[0].length ?? 0 };
}

function named(text: string, name: string): Stretch[] {
  const { start } = afterScheme(text);
  const value = text.slice(start);
  // An address under a telling name (DATABASE_URL, SENTRY_DSN) is looked into, not taken whole.
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(value))
    return /dsn/i.test(name) && opaque(value) ? [{ start, end: text.length, hint: name }] : stretches(text);
  if (isTelling(name) && opaque(value)) return [{ start, end: text.length, hint: name }];
  return stretches(text);
}

/** What an address says percent by percent; it is written so again when it is used. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Everything secret in an entry, by place and order. */
export function plainSecrets(launch: Launch): PlainSecret[] {
  const found: PlainSecret[] = [];
  const add = (place: PlainSecret['in'], key: string, text: string, parts: Stretch[]) => {
    for (const { start, end, hint } of parts) {
      const value = text.slice(start, end);
      if (!filledIn.test(value))
        found.push({
          in: place,
          key,
          start,
          end,
          value: place === 'url' ? decoded(value) : value,
          called: nameFor(hint || (place === 'args' ? '' : key), value),
        });
    }
  };
  if (launch.kind === 'command') {
    for (const [key, text] of Object.entries(launch.env)) add('env', key, text, named(text, key));
    launch.args.forEach((text, at) => {
      add('args', String(at), text, inArgument(text, launch.args[at - 1] ?? ''));
    });
  } else if (launch.kind === 'url') {
    add('url', '', launch.url, stretches(launch.url));
    for (const [key, text] of Object.entries(launch.headers)) add('headers', key, text, named(text, key));
  }
  return found;
}

/** `--api-key=x`, `--api-key x`, `-H "Authorization: Bearer x"`, `TOKEN=x` (docker -e). */
function inArgument(text: string, before: string): Stretch[] {
  const header = /^([A-Za-z][A-Za-z0-9-]*):\s*(.+)$/.exec(text);
  if (header && /^(?:-H|--header)$/.test(before))
    return shifted(named(header[2] ?? '', header[1] ?? ''), text.length - (header[2] ?? '').length);
  const pair = /^(?:--?)?([A-Za-z][A-Za-z0-9_.-]*)=([\s\S]*)$/.exec(text);
  if (pair) return shifted(named(pair[2] ?? '', pair[1] ?? ''), text.length - (pair[2] ?? '').length);
  const flag = /^--?([A-Za-z][A-Za-z0-9_-]*)$/.exec(before);
  if (flag && !text.startsWith('-')) return named(text, flag[1] ?? '');
  return stretches(text);
}

const shifted = (parts: Stretch[], by: number) => parts.map(({ start, end, hint }) => ({ start: start + by, end: end + by, hint }));

const issuers: readonly (readonly [RegExp, string])[] = [
  [/^gh[pousr]_|^github_pat_/, 'github-token'],
  [/^glpat-/, 'gitlab-token'],
  [/^sk-ant-/, 'anthropic-key'],
  [/^sk-/, 'openai-key'],
  [/^xox/, 'slack-token'],
  [/^A[KS]IA/, 'aws-key-id'],
  [/^AIza/, 'google-key'],
];

/** A name for the vault: from the key it stood under, else from who issues such keys. */
function nameFor(key: string, value: string): string {
  const plain = key
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 48);
  if (plain !== '' && !/^(?:key|token|secret|password|authorization|auth|pat)$/.test(plain)) return plain;
  return issuers.find(([shape]) => shape.test(value))?.[1] ?? (plain || 'key');
}
