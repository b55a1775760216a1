// `gatehouse secret`: secrets in the vault. A value comes from standard input or a hidden prompt, never from an argument.
import { GatehouseError } from '../../shared/errors.ts';
import type { Errand, Register } from './errand.ts';

import { table, when } from './table.ts';
import { visible } from './visible.ts';

/** More than the contract lets through, in bytes; reading stops there. */
const longest = 512 * 1024;

export const register: Register = (root, errand) => {
  const secret = root.command('secret').description('Secrets in the vault. No command prints a value.');
  secret
    .command('set <name>')
    .description('Keeps a secret. The value comes from standard input, or is asked for without echo; one ending newline is dropped.')
    .addHelpText('after', '\nExamples:\n  gatehouse secret set github-token\n  pass show github | gatehouse secret set github-token')
    .action(async (name: string) => {
      const value = await readValue(errand, name);
      const { api } = await errand.operator();
      errand.print(
        await api.secret.set({ name, value }),
        () => `Kept ${visible(name)}. Give it to a server with --secret-env KEY=${visible(name)}.`,
      );
    });
  secret
    .command('list')
    .description('Names of the secrets, and which servers get them.')
    .addHelpText('after', '\nExample:\n  gatehouse secret list')
    .action(async () => {
      const { api } = await errand.operator();
      const list = await api.secret.list();
      errand.print(list, () =>
        list.length === 0
          ? 'No secrets are kept.'
          : table(
              ['NAME', 'KEPT SINCE', 'USED BY'],
              list.map((one) => [one.name, when(one.createdAt), one.usedBy.join(', ') || '-']),
              errand.columns,
            ),
      );
    });
  secret
    .command('where <name>')
    .description('Which servers get this secret.')
    .addHelpText('after', '\nExample:\n  gatehouse secret where github-token')
    .action(async (name: string) => {
      const { api } = await errand.operator();
      const info = await api.secret.where({ name });
      errand.print(info, () => (info.usedBy.length === 0 ? `No server gets ${visible(name)}.` : info.usedBy.map(visible).join('\n')));
    });
  secret
    .command('remove <name>')
    .description('Removes a secret from the vault.')
    .addHelpText('after', '\nExample:\n  gatehouse secret remove github-token')
    .action(async (name: string) => {
      const { api } = await errand.operator();
      errand.print(await api.secret.remove({ name }), () => `Removed ${visible(name)}.`);
    });
};

async function readValue(errand: Errand, name: string): Promise<string> {
  if (process.stdin.isTTY) {
    const value = await (await errand.terminal()).askHidden(`Value of ${visible(name)} (not shown): `);
    if (value === '') throw new GatehouseError('usage', 'The value was empty, so nothing was kept.', 'Run the command again.');
    return value;
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > longest) throw new GatehouseError('usage', 'The value is too long for a secret.', 'A secret is at most 65,536 characters.');
    chunks.push(chunk);
  }
  let value: string;
  try {
    value = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new GatehouseError('usage', 'The value is not text in UTF-8, so nothing was kept.', 'Encode it first, for example with base64.');
  }
  value = value.replace(/\r?\n$/, '');
  if (value === '')
    throw new GatehouseError(
      'usage',
      'Standard input was empty, so nothing was kept.',
      'Pipe the value in, or run this at a terminal to be asked.',
    );
  return value;
}
