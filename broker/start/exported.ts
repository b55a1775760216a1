// The log as a file, read in pages, so that neither its length nor a slow reader holds up anything else.
import { setImmediate as turn } from 'node:timers/promises';
import { type ExportFormat, headOf, linesOf } from '../record/export.ts';
import type { Log } from '../record/log.ts';

const page = 500;

interface Wish {
  readonly format: ExportFormat;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

/** Up to the entry that was the last when it began. */
export async function* exported(
  log: Pick<Log, 'list' | 'head'>,
  { format, since, until }: Wish,
  version: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<{ text: string; entries: number }, void, void> {
  const end = log.head.seq;
  yield { text: headOf(format), entries: 0 };
  for (let after = 0; after < end && !signal?.aborted; ) {
    const entries = log.list({ since, until, after, limit: page }).filter(({ seq }) => seq <= end);
    const last = entries.at(-1);
    if (last === undefined) return;
    yield { text: linesOf(format, entries, version), entries: entries.length };
    after = last.seq;
    await turn();
  }
}
