// Names on a connection that shows several servers: `server__tool`, short enough for every client, and reversible.
import { createHash } from 'node:crypto';

/** Clients add their own prefix to tool names and some cap the sum at 64 (interface.md: at most 48 of [A-Za-z0-9_-]). */
const longest = 48;

/** The name a client sees for `name` of `server`. Longer or unusual names end in a hash of the real one. */
export function publicName(server: string, name: string): string {
  const plain = `${server}__${name}`;
  if (plain.length <= longest && /^[A-Za-z0-9_-]+$/.test(plain)) return plain;
  const hash = createHash('sha256').update(`${server}\n${name}`).digest('hex').slice(0, 8);
  return `${plain.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, longest - 9)}_${hash}`;
}
