// Which files of clients have a kept copy in a home, by the first lines of the copies. Nothing here is proven: that takes the vault.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRecord } from './tree.ts';

export interface KeptHead {
  readonly client: string;
  readonly path: string;
}

/** Each file once. What is no copy is passed over. */
export function keptHeads(home: string): KeptHead[] {
  const folder = join(home, 'kept');
  let names: string[] = [];
  try {
    names = readdirSync(folder);
  } catch {
    // No folder, no copies.
  }
  const found = new Map<string, KeptHead>();
  for (const name of names.sort()) {
    try {
      const head: unknown = JSON.parse(readFileSync(join(folder, name)).toString('utf8').split('\n', 1)[0] ?? '');
      if (isRecord(head) && typeof head.client === 'string' && typeof head.path === 'string')
        found.set(head.path, { client: head.client, path: head.path });
    } catch {
      // Whoever opens it says what is wrong with it.
    }
  }
  return [...found.values()];
}
