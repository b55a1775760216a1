// One file of a client: what stands there, and writing it with its old bytes kept first.
import { readFileSync, statSync } from 'node:fs';
import { GatehouseError } from '../../shared/errors.ts';
import type { BrokerLink } from './broker-link.ts';
import { type FileChange, keptText } from './change.ts';
import { type ClientFile, type ClientKind, clientNames } from './kind.ts';
import { kinds } from './kinds.ts';
import { replaceFile } from './replace-file.ts';
import { Malformed } from './tree.ts';

/** @throws GatehouseError usage for a client that is not known here */
export function kindNamed(name: string): ClientKind {
  const kind = kinds.find((one) => one.name === name);
  if (kind) return kind;
  throw new GatehouseError('usage', `There is no client "${name}" here.`, `Name one of: ${clientNames.join(', ')}.`);
}

/**
 * The bytes of a file now; null when there is none.
 * @throws Malformed for what is no plain file: a pipe would hold its reader for ever
 */
export function bytesAt(path: string): Buffer | null {
  try {
    if (!statSync(path).isFile()) throw new Malformed('it is not a plain file');
    return readFileSync(path);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw thrown;
  }
}

/** Seals what stands there, then writes. Killed in between, the file is the old one and the copy is one too many, which harms nobody. */
export async function writeChange(api: BrokerLink['api'], change: FileChange, format: ClientFile['format']): Promise<void> {
  const kept = await api.clientFile.seal({ client: change.kind.name, path: change.path, text: keptText(change, format) });
  try {
    replaceFile(change);
  } catch (thrown) {
    await api.clientFile.forget({ id: kept.id }).catch(() => {});
    throw thrown;
  }
}
