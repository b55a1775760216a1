// `gatehouse connect` called wrongly or for its help; called rightly it never comes here (main.ts).

import { GatehouseError } from '../../shared/errors.ts';
import type { Register } from './errand.ts';

export const register: Register = (root) => {
  root
    .command('connect')
    .description('What an AI client launches: its standard input and output become a connection to the broker.')
    .requiredOption('--client <name>', 'the client this is, as paired with "gatehouse client add"')
    .option('--server <name>', 'exactly this server, under its own tool names')
    .addHelpText(
      'after',
      '\nExample, in a client\'s configuration:\n  "command": "gatehouse", "args": ["connect", "--client", "claude-desktop"]',
    )
    .action(() => {
      throw new GatehouseError('usage', 'A name is missing.', 'Write: gatehouse connect --client NAME [--server NAME].');
    });
};
