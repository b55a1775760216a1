// `gatehouse log export`: the log as a file on standard output, to be kept or handed to a system that gathers such files.
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import { GatehouseError } from '../../shared/errors.ts';
import type { Errand } from './errand.ts';

const formats = ['jsonl', 'csv', 'ocsf'] as const;
type Format = (typeof formats)[number];

interface Wish {
  readonly format: Format;
  readonly since?: string;
  readonly until?: string;
}

/** `moment` reads a time as the other commands of `log` do. */
export function registerExport(log: Command, errand: Errand, moment: (option: string) => (text: string) => string): void {
  log
    .command('export')
    .description('Every entry, oldest first: JSON lines as they are chained, a table, or OCSF 1.3 events (API Activity).')
    .requiredOption('--format <format>', 'jsonl, csv or ocsf', format)
    .option('--since <time>', 'from this time on', moment('--since'))
    .option('--until <time>', 'up to this time', moment('--until'))
    .addHelpText('after', '\nExample:\n  gatehouse log export --format csv --since 7d > week.csv')
    .action(async (own: Wish, command: Command) => {
      // The options of `log` itself have the same names, and take them first.
      const { since, until } = { ...command.parent?.opts<Partial<Wish>>(), ...own };
      const { api } = await errand.operator();
      const wish = { format: own.format, ...(since === undefined ? {} : { since }), ...(until === undefined ? {} : { until }) };
      let entries = 0;
      for await (const part of await api.log.export(wish)) {
        entries += part.entries;
        if (!process.stdout.write(part.text)) await once(process.stdout, 'drain');
      }
      // What was written must be out before the process ends.
      while (process.stdout.writableLength > 0) await pause(5);
      if (process.stdout.isTTY) process.stderr.write(`${entries} entries.\n`);
    });
}

function format(text: string): Format {
  const found = formats.find((each) => each === text);
  if (found !== undefined) return found;
  throw new GatehouseError('usage', `--format does not take "${text}".`, 'Give jsonl, csv or ocsf.');
}
