// `gatehouse status`: what the broker is doing. Needs no credential.
import type { Status } from '../../shared/vocabulary.ts';
import type { Register } from './errand.ts';

import { facts } from './table.ts';

export const register: Register = (root, errand) => {
  root
    .command('status')
    .description('What the broker of this home is doing. Needs no credential.')
    .addHelpText('after', '\nExamples:\n  gatehouse status\n  gatehouse status --json | jq .pending')
    .action(async () => {
      const status = await (await errand.anyone()).status();
      errand.print(status, () =>
        facts([
          ['broker', `${status.version}, process ${status.pid}, up ${uptime(status.uptimeMs)}`],
          ['state', stateOf(status)],
          [
            'operator',
            status.protected ? 'proves presence by PIN' : 'NO PIN: this home is open. Set one with "gatehouse operator pin set"',
          ],
          ['waiting', `${status.pending} ${status.pending === 1 ? 'request' : 'requests'} for your answer`],
          ['clients', status.clients],
          ['servers', status.servers],
          ['vault', status.vault],
          ['MCP', status.mcp],
        ]),
      );
    });
};

function stateOf({ locked, lockedReason, pausedUntil }: Status): string {
  if (locked) return `LOCKED: ${lockedReason ?? 'by the operator'}`;
  return pausedUntil ? `PAUSED until ${pausedUntil}: everything is refused. End it with "gatehouse settings set pause off"` : 'running';
}

function uptime(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${minutes} min`;
  return minutes < 1440
    ? `${Math.floor(minutes / 60)} h ${minutes % 60} min`
    : `${Math.floor(minutes / 1440)} d ${Math.floor((minutes % 1440) / 60)} h`;
}
