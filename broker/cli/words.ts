// What is the same for every command: --home and --json wherever they stand, and everything behind `--` left alone.
import { GatehouseError } from '../../shared/errors.ts';

export interface Words {
  /** The command and its own words, without those of every command and without what stands behind `--`. */
  readonly own: string[];
  readonly home: string | undefined;
  readonly json: boolean;
  /** What stood behind the first `--`; null when there was none. */
  readonly rest: string[] | null;
}

/** Sorts the arguments. Throws GatehouseError('usage') for a --home without a folder. */
export function sortWords(all: readonly string[]): Words {
  const end = all.indexOf('--');
  const before = end === -1 ? all : all.slice(0, end);
  const own: string[] = [];
  let home: string | undefined;
  let json = false;
  for (let at = 0; at < before.length; at++) {
    const word = before[at] ?? '';
    if (word === '--json') json = true;
    else if (word === '--home' || word.startsWith('--home=')) {
      home = word === '--home' ? before[++at] : word.slice('--home='.length);
      if (!home) throw new GatehouseError('usage', '--home needs a folder.', 'Write --home DIR.');
    } else own.push(word);
  }
  return { own, home, json, rest: end === -1 ? null : all.slice(end + 1) };
}
