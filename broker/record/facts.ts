// What an entry says openly, and which of its strings are masked.
import type { Mask } from './mask.ts';

export interface Facts {
  readonly [key: string]: unknown;
}

/** Names and numbers of ours. Masking them would only hide who did what: a secret called `read` must not eat `tool:read`. */
const plain = new Set([
  'type',
  'at',
  'client',
  'server',
  'session',
  'verdict',
  'result',
  'digest',
  'canonicalDigest',
  'approval',
  'decidedBy',
  'grant',
  'rules',
]);

/** Never in a fact: what the arguments were. They go into the sealed body. */
const raw = new Set(['arguments', 'argumentsText', 'params', 'seq', 'hash', 'prev', 'body']);

/** Characters kept of what a client writes and can make as long as it likes; whole, it is in the sealed body of its request. */
const longest = { capability: 300, name: 200, argumentKey: 64 };
const cut = (text: string, length: number) => (text.length <= length ? text : `${text.slice(0, length)}...`);

/** After masking, or half a secret could be left over. Query and fragment of an address hold values. */
function shortened(key: string, value: unknown): unknown {
  if (key === 'argumentKeys' && Array.isArray(value)) return value.map((name) => cut(String(name), longest.argumentKey));
  if (typeof value !== 'string') return value;
  if (key === 'capability') return cut(value.startsWith('resource:') ? value.replace(/[?#].*$/s, '?...') : value, longest.capability);
  return key === 'name' ? cut(value, longest.name) : value;
}

function maskDeep(value: unknown, mask: Mask): unknown {
  if (typeof value === 'string') return mask(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((member) => maskDeep(member, mask));
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([key, member]) => [mask(key), maskDeep(member, mask)]),
  );
}

/** The facts as they may be kept: without raw values, values in addresses and undefined members, secrets masked. */
export function keptFacts(facts: Facts, mask: Mask): { [key: string]: unknown } {
  const kept: { [key: string]: unknown } = {};
  for (const key of Object.keys(facts)) {
    const value = facts[key];
    if (value === undefined || raw.has(key)) continue;
    // A resource's capability holds its address, which may hold a secret; other names are the server's own.
    const openly = plain.has(key) || (key === 'capability' && typeof value === 'string' && !value.startsWith('resource:'));
    kept[key] = shortened(key, openly ? value : maskDeep(value, mask));
  }
  return kept;
}
