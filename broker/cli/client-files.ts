// What `install`, `uninstall` and `import` share: the client by name, its files, and writing one of them with its old bytes kept first.
import { readFileSync } from 'node:fs';
import { GatehouseError } from '../../shared/errors.ts';
import { type FileChange, keptText } from '../clients/change.ts';
import { type Discovery, discover } from '../clients/discover.ts';
import { type ClientKind, clientNames } from '../clients/kind.ts';
import { kinds } from '../clients/kinds.ts';
import { type Machine, thisMachine } from '../clients/machine.ts';
import { replaceFile } from '../clients/replace-file.ts';
import type { Errand } from './errand.ts';
import type { Api } from './operator-link.ts';

export function kindNamed(name: string): ClientKind {
  const kind = kinds.find((one) => one.name === name);
  if (kind) return kind;
  throw new GatehouseError('usage', `There is no client "${name}" here.`, `Name one of: ${clientNames.join(', ')}.`);
}

export function lookAround(only?: readonly ClientKind[]): { machine: Machine; found: Discovery } {
  const machine = thisMachine();
  return { machine, found: discover(machine, only) };
}

/** The bytes of a file now; null when there is none. */
export function bytesAt(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw thrown;
  }
}

/** Seals what stands there, then writes. Killed in between, the file is the old one and the copy is one too many, which harms nobody. */
export async function writeChange(api: Api, change: FileChange, format: 'json' | 'toml' | 'yaml'): Promise<void> {
  const kept = await api.clientFile.seal({ client: change.kind.name, path: change.path, text: keptText(change, format) });
  try {
    replaceFile(change);
  } catch (thrown) {
    await api.clientFile.forget({ id: kept.id }).catch(() => {});
    throw thrown;
  }
}

/** A yes typed at the terminal, where a person sits at one. A script with the operator's token has decided already. */
export async function agreed(errand: Errand, question: string): Promise<boolean> {
  if (errand.json || !process.stdin.isTTY || !process.stdout.isTTY) return true;
  const terminal = await errand.terminalOrNull();
  if (terminal === null) return true;
  return /^y(?:es)?$/i.test((await terminal.askWord(`${question} [y/N] `)).trim());
}
