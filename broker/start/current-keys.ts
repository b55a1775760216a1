// The present values of keys that were rotated, for a client's file that goes back to what it was. No more of the vault than what stands in the
// places of that file's own kept copies.
import { GatehouseError } from '../../shared/errors.ts';
import type { KeptFile } from '../../shared/vocabulary.ts';
import { readKept } from '../clients/change.ts';
import { kindNamed } from '../clients/client-file.ts';
import { returningKeys, type Served } from '../clients/rotated.ts';
import type { Vault } from '../vault/vault.ts';

interface Around {
  open(id: string): Promise<{ head: KeptFile; text: string }>;
  readonly servers: Iterable<Served>;
  readonly vault: Pick<Vault, 'get'>;
}

/** Values in the order of `secrets`. @throws GatehouseError not-verified for copies of several files, refused for a secret of another place */
export async function currentKeys(
  { open, servers, vault }: Around,
  ids: readonly string[],
  secrets: readonly string[],
): Promise<{ client: string; path: string; values: string[] }> {
  const copies = await Promise.all(ids.map((id) => open(id)));
  const [first] = copies;
  if (first === undefined || copies.some(({ head }) => head.path !== first.head.path || head.client !== first.head.client))
    throw new GatehouseError('not-verified', 'These kept copies are not of one file.', 'Run the command again.');
  const { client, path } = first.head;
  const kind = kindNamed(client);
  const known = [...servers];
  // Each change by itself: which of them came back together is known only to who undoes them.
  const standing = copies.flatMap(({ text }) => readKept(text).edits.flatMap((edit) => returningKeys(kind, [edit], known)));
  const values: string[] = [];
  for (const secret of secrets) {
    if (!standing.some(({ now }) => 'secret' in now && now.secret === secret))
      throw new GatehouseError('refused', `The secret ${secret} does not stand in a place of ${path}.`, 'Look at the preview again.');
    const value = (await vault.get(`secret:${secret}`, true))?.reveal();
    if (value === undefined)
      throw new GatehouseError('not-found', `The vault has no value for ${secret} any more.`, 'Put the file back with the old value.');
    values.push(value);
  }
  return { client, path, values };
}
