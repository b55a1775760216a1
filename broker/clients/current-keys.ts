// Keys that were rotated since a client's file was changed: what may stand in their place when it is put back, and the file with that in it.
import { GatehouseError } from '../../shared/errors.ts';
import type { ClientKind } from './kind.ts';
import { type Returning, returningKeys, type Served } from './rotated.ts';
import { decode, encode } from './text.ts';
import { Malformed, type Parse } from './tree.ts';
import type { Undone } from './undo.ts';
import { type Swap, withSwaps } from './value-splice.ts';

/** Names and places; no value comes from here. */
interface VaultSays {
  match(values: string[]): Promise<readonly (string | null)[]>;
  servers(): Promise<readonly Served[]>;
  secretNames(): Promise<readonly string[]>;
}

/** A key in plain text again. `current`: the secret whose value may go there in its place. */
export interface ReturningKey {
  readonly returning: Returning;
  readonly rotated: boolean;
  readonly current: string | null;
  readonly why: string | null;
}

interface Filling {
  readonly path: string;
  readonly undone: Undone;
  readonly parse: Parse;
  readonly keys: readonly ReturningKey[];
}

/** What is asked of the broker only where a key was rotated. */
export async function keysOf(vault: VaultSays, kind: ClientKind, { edits, bytes }: Undone, parse: Parse): Promise<ReturningKey[]> {
  const without = returningKeys(kind, edits, []);
  if (without.length === 0 || bytes === null) return [];
  const names = await vault.match(without.map(({ value }) => value));
  if (!names.includes(null)) return without.map((returning) => ({ returning, rotated: false, current: null, why: null }));
  const [servers, secrets] = [await vault.servers(), await vault.secretNames()];
  const { body } = decode(bytes);
  return returningKeys(kind, edits, servers).map((returning, at) => {
    const key = { returning, rotated: names[at] === null, current: null, why: null };
    if (!key.rotated) return key;
    const { now } = returning;
    if ('why' in now) return { ...key, why: now.why };
    if (!secrets.includes(now.secret)) return { ...key, why: `the secret ${now.secret} was removed` };
    if (!canStand(parse, body, returning)) return { ...key, why: 'it cannot be written there without changing more' };
    return { ...key, current: now.secret };
  });
}

/** Tried with another value, so that what is offered is also done. */
function canStand(parse: Parse, body: string, returning: Returning): boolean {
  try {
    withSwaps(parse, body, swapsOf([{ returning, now: 'abc' }]));
    return true;
  } catch (thrown) {
    if (thrown instanceof Malformed) return false;
    throw thrown;
  }
}

/** @throws GatehouseError where the operator's proof is missing or a secret is gone, Malformed where a value does not fit into its place */
export async function withCurrent(
  { path, undone, keys, parse }: Filling,
  values: (secrets: string[]) => Promise<readonly string[]>,
): Promise<Buffer | null> {
  const chosen = keys.flatMap(({ returning, current }) => (current === null ? [] : [{ returning, secret: current }]));
  if (undone.bytes === null || chosen.length === 0) return undone.bytes;
  const secrets = [...new Set(chosen.map(({ secret }) => secret))];
  const known = await values(secrets);
  const text = decode(undone.bytes);
  try {
    const filled = chosen.map(({ returning, secret }) => ({ returning, now: known[secrets.indexOf(secret)] ?? '' }));
    return encode({ ...text, body: withSwaps(parse, text.body, swapsOf(filled)) });
  } catch (thrown) {
    if (!(thrown instanceof Malformed)) throw thrown;
    throw new GatehouseError(
      'refused',
      `The current keys do not go into ${path}: ${thrown.message}.`,
      'Put it back without them, then write the new key by hand.',
    );
  }
}

/** One for each text, with all that changes in it. */
function swapsOf(filled: readonly { returning: Returning; now: string }[]): Swap[] {
  const swaps = new Map<string, Swap>();
  for (const { returning, now } of filled) {
    const { way, text, start, end, in: place } = returning;
    if (way === null) throw new Malformed(`${returning.where} has no single place`);
    const id = JSON.stringify(way);
    const part = { start, end, now: place === 'url' ? encodeURIComponent(now) : now };
    swaps.set(id, { way, text, parts: [...(swaps.get(id)?.parts ?? []), part].sort((a, b) => a.start - b.start) });
  }
  return [...swaps.values()];
}
