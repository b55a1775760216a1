// A configuration file as a text with places in it: entries are read, replaced, added and dropped, and nothing else of the text changes.
import { isDeepStrictEqual } from 'node:util';

/** The file cannot be read in one way only; `message` says why, in the middle of a sentence. */
export class Malformed extends Error {
  override readonly name = 'Malformed';
}

export interface Entry {
  readonly value: unknown;
  /** Its text as it stands, for putting it back later. */
  readonly text: string;
}

/** One parsed file. `at` is the way to the map that holds entries, by keys from the top. */
export interface Tree {
  /** Everything, as plain values. */
  readonly value: unknown;
  entry(at: readonly string[], name: string): Entry | null;
  /** The text with this entry replaced, or added where there was none. */
  put(at: readonly string[], name: string, value: unknown): string;
  /** The text with an entry's text replaced by one that `entry` gave. */
  putText(at: readonly string[], name: string, text: string): string;
  /** The text without this entry. */
  drop(at: readonly string[], name: string): string;
  /** Where one text, number or truth value stands; null where there is none, or where it is written elsewhere. */
  span(way: readonly (string | number)[]): { readonly from: number; readonly to: number } | null;
}

export type Parse = (text: string) => Tree;

/** True for `{...}`, whatever made it. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** The map at `at`; null when there is none. @throws Malformed when something else stands there */
export function mapAt(value: unknown, at: readonly string[]): Record<string, unknown> | null {
  let here: unknown = value;
  for (const [depth, key] of at.entries()) {
    if (here === null || here === undefined) return null;
    if (!isRecord(here)) throw new Malformed(`"${at.slice(0, depth).join('.') || 'it'}" is not a map of names`);
    here = Object.hasOwn(here, key) ? here[key] : undefined;
  }
  if (here === null || here === undefined) return null;
  if (!isRecord(here)) throw new Malformed(`"${at.join('.') || 'it'}" is not a map of names`);
  return here;
}

/** What `value` is with one entry set, or taken away for `undefined`. Works on a copy. */
function changed(value: unknown, at: readonly string[], name: string, entry: unknown): unknown {
  const [key, ...rest] = at;
  const here = isRecord(value) ? { ...value } : {};
  if (key !== undefined) here[key] = changed(Object.hasOwn(here, key) ? here[key] : undefined, rest, name, entry);
  else if (entry === undefined) delete here[name];
  else here[name] = entry;
  return here;
}

/**
 * Reads what an edit made and compares it with what it should mean: a text that says anything else is never written.
 * @throws Malformed
 */
export function proven(parse: Parse, text: string, before: Tree, at: readonly string[], name: string, entry: unknown): string {
  const plain = (value: unknown) => JSON.parse(JSON.stringify(value ?? {})) as unknown;
  let after: unknown;
  try {
    after = parse(text).value;
  } catch {
    throw new Malformed(`"${name}" cannot be changed there without changing more than it`);
  }
  if (!isDeepStrictEqual(plain(after), plain(changed(before.value, at, name, entry))))
    throw new Malformed(`"${name}" cannot be changed there without changing more than it`);
  return text;
}
