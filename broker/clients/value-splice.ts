// One value of a client's file replaced where it stands, in any of the formats, with every other byte as it was.
import { isDeepStrictEqual } from 'node:util';
import type { Way } from './launch.ts';
import { isRecord, Malformed, type Parse } from './tree.ts';

export interface Swap {
  readonly way: Way;
  /** The whole text that stands there, as its client reads it. */
  readonly text: string;
  /** Stretches of it, in order and apart. */
  readonly parts: readonly { readonly start: number; readonly end: number; readonly now: string }[];
}

/** How a text can be spelled inside of a value: as it is, as in a string of JSON, as between single quotes of YAML. */
const spellings: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => JSON.stringify(text).slice(1, -1),
  (text) => text.replaceAll("'", "''"),
];

/**
 * What is made is read again, and is never given back where it says anything else than the old text with these values in it.
 * @throws Malformed where a value cannot be replaced alone
 */
export function withSwaps(parse: Parse, text: string, swaps: readonly Swap[]): string {
  return swaps.reduce((made, swap) => swapped(parse, made, swap), text);
}

function swapped(parse: Parse, text: string, { way, text: old, parts }: Swap): string {
  const tree = parse(text);
  const span = tree.span(way);
  const stands = way.reduce<unknown>((here, key) => (isRecord(here) || Array.isArray(here) ? (here as never)[key] : undefined), tree.value);
  const name = way.join(' > ');
  if (span === null || String(stands) !== old) throw new Malformed(`"${name}" does not stand there by itself`);
  const raw = text.slice(span.from, span.to);
  const whole = replaced(old, parts);
  const wanted = plain(changed(tree.value, way, whole));
  const inPlace = spellings.flatMap((spelled) => within(raw, old, parts, spelled) ?? []);
  // JSON's strings are TOML's and YAML's too, but for DEL in TOML.
  for (const value of [...inPlace, JSON.stringify(whole).replace(/\u007f/g, '\\u007f')]) {
    const made = text.slice(0, span.from) + value + text.slice(span.to);
    if (means(parse, made, wanted)) return made;
  }
  throw new Malformed(`"${name}" cannot be replaced there without changing more than it`);
}

function replaced(text: string, parts: Swap['parts']): string {
  return [...parts]
    .sort((a, b) => b.start - a.start)
    .reduce((made, { start, end, now }) => made.slice(0, start) + now + made.slice(end), text);
}

/** The value as it is written, with just these stretches of it spelled anew; null where one is not found there exactly once. */
function within(raw: string, old: string, parts: Swap['parts'], spelled: (text: string) => string): string | null {
  let made = raw;
  for (const { start, end, now } of parts) {
    const was = spelled(old.slice(start, end));
    const at = made.indexOf(was);
    if (was === '' || at === -1 || made.indexOf(was, at + 1) !== -1) return null;
    made = made.slice(0, at) + spelled(now) + made.slice(at + was.length);
  }
  return made;
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? {}));

function means(parse: Parse, text: string, wanted: unknown): boolean {
  try {
    return isDeepStrictEqual(plain(parse(text).value), wanted);
  } catch {
    return false;
  }
}

/** Works on a copy. */
function changed(value: unknown, [key, ...rest]: Way, text: string): unknown {
  if (key === undefined) return text;
  if (Array.isArray(value)) return value.map((item: unknown, at) => (at === key ? changed(item, rest, text) : item));
  return isRecord(value) ? { ...value, [key]: changed(value[key], rest, text) } : value;
}
