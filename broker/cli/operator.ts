// `gatehouse operator`: the PIN, and a token for one shell.
import { GatehouseError } from '../../shared/errors.ts';
import type { Errand, Register } from './errand.ts';

import { when } from './table.ts';

export const register: Register = (root, errand) => {
  const operator = root.command('operator').description('How you prove that it is you.');
  const pin = operator.command('pin').description('The PIN that answers prompts when you have no token.');
  pin
    .command('set')
    .description('Sets the first PIN of this home. Asked at the terminal, twice.')
    .addHelpText('after', '\nExample, in the shell that has the token which "gatehouse serve" printed:\n  gatehouse operator pin set')
    .action(async () => {
      const api = await withToken(errand);
      const chosen = await choose(errand);
      errand.print(await api.operator.setPin({ pin: chosen }), () => 'The PIN is set. Commands that decide ask for it now.');
    });
  pin
    .command('change')
    .description('Changes the PIN. Asks for the current one first.')
    .addHelpText('after', '\nExample:\n  gatehouse operator pin change')
    .action(async () => {
      const { operatorLink } = await import('./operator-link.ts');
      const open = await errand.anyone();
      await open.status();
      const current = await (await errand.terminal()).askHidden('Current PIN: ');
      const { credential } = await open.operator.signIn({ pin: current, use: 'once' });
      const chosen = await choose(errand);
      const done = await operatorLink(errand.home, credential).operator.setPin({ pin: chosen, current });
      errand.print(done, () => 'The PIN is changed.');
    });
  operator
    .command('signin')
    .description('Trades the PIN for a token for one shell, good for 8 hours, and prints it.')
    .addHelpText('after', '\nExample:\n  export GATEHOUSE_OPERATOR_TOKEN="$(gatehouse operator signin)"')
    .action(async () => {
      const open = await errand.anyone();
      await open.status();
      const text = await (await errand.terminal()).askHidden('Operator PIN: ');
      const { credential, expiresAt } = await open.operator.signIn({ pin: text, use: 'token' });
      errand.print({ token: credential, expiresAt }, () => credential);
      if (!errand.json && process.stdout.isTTY) {
        process.stderr.write(`Good until ${when(expiresAt)}. Use it in this shell: export GATEHOUSE_OPERATOR_TOKEN=...\n`);
      }
    });
};

async function withToken(errand: Errand) {
  const { operatorLink } = await import('./operator-link.ts');
  const token = process.env.GATEHOUSE_OPERATOR_TOKEN;
  const { protected: hasPin } = await (await errand.anyone()).status();
  if (hasPin) throw new GatehouseError('exists', 'This home has a PIN already.', 'Change it with "gatehouse operator pin change".');
  if (token) return operatorLink(errand.home, token);
  throw new GatehouseError(
    'refused',
    'The first PIN can be set only by who started the broker on a new home.',
    'Set GATEHOUSE_OPERATOR_TOKEN to the token that "gatehouse serve" printed, or set the PIN in the console.',
  );
}

async function choose(errand: Errand): Promise<string> {
  const terminal = await errand.terminal();
  const chosen = await terminal.askHidden('New PIN: ');
  if ((await terminal.askHidden('New PIN again: ')) === chosen) return chosen;
  throw new GatehouseError('usage', 'The two PINs differ, so nothing was changed.', 'Run the command again.');
}
