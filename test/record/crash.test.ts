// What was said to be written survives the death of the process, and nothing half-written does.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scale } from '../support/scale.ts';
import { folder, open } from './support.ts';

/** Starts the writer, kills it after a while, and returns the lines it printed. */
async function killedWriter(path: string, afterLines: number): Promise<string[]> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'writer.ts'), path], { stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  for await (const chunk of child.stdout) {
    printed += chunk;
    if (printed.split('\n').length > afterLines) child.kill('SIGKILL');
  }
  // A line without its end was cut by the kill, not by us.
  return printed.split('\n').slice(0, -1);
}

test(
  'SIGKILL in the middle of writing, again and again',
  async () => {
    const path = join(folder(), 'audit.db');
    const rounds = scale(8, 60);
    let total = 0;
    for (let round = 0; round < rounds; round++) {
      const lines = await killedWriter(path, 50 + Math.floor(Math.random() * 400));
      const log = open(path);
      const verification = await log.verify();
      expect(verification).toMatchObject({ ok: true, problems: [] });
      expect(verification.entries).toBeGreaterThan(total);
      total = verification.entries;

      // Everything it said it had written is there.
      for (const line of lines) {
        const [type, seq] = line.split(' ');
        expect(log.get(Number(seq))?.entry.type).toBe(type);
      }
      // Every request has one outcome, the one that was cut off too.
      const ended = new Set(lines.filter((line) => line.startsWith('outcome')).map((line) => Number(line.split(' ')[2])));
      const marked = log.markInterrupted();
      expect(marked.length).toBeLessThanOrEqual(1);
      for (const outcome of marked) {
        expect(outcome).toMatchObject({ type: 'outcome', result: 'interrupted', client: 'claude', capability: 'tool:x' });
        expect(ended.has(outcome.asked as number)).toBe(false);
        expect(log.get(outcome.asked as number)?.request).not.toBeNull();
      }
      expect(log.markInterrupted()).toEqual([]);
      const entries = log.list({ limit: 100_000 });
      const outcomes = entries.filter(({ type }) => type === 'outcome').map(({ asked }) => asked);
      expect(new Set(outcomes).size).toBe(outcomes.length);
      expect(new Set(outcomes)).toEqual(new Set(entries.filter(({ type }) => type === 'asked').map(({ seq }) => seq)));
      expect(log.list({ search: 'claude', limit: 100_000 }).length).toBe(entries.length);
      await log.close();
      total += marked.length;
    }
    console.log(`${rounds} kills, ${total} records, every one of them as it was written`);
  },
  scale(60_000, 900_000),
);

test('a request without an outcome is found even when much was written after it, and in a clean log nothing is', async () => {
  const path = join(folder(), 'audit.db');
  const first = open(path, { anchor: () => {} });
  first.markInterrupted();
  const hanging = first.asked({ client: 'c' }, '{}');
  for (let i = 0; i < 300; i++) first.outcome(first.asked({ client: 'c' }, '{}'), { result: 'ok' }, null);
  await new Promise((resolve) => setTimeout(resolve, 300));
  await first.close();
  const second = open(path, { anchor: () => {} });
  // Entries, and the mark with them, come before the question: as when acts of a crashed change are logged at start.
  for (let i = 0; i < 70; i++) second.append({ type: 'x' });
  await second.anchorNow();
  expect(second.markInterrupted()).toMatchObject([{ asked: hanging.seq, result: 'interrupted' }]);
  await second.close();
  expect(open(path).markInterrupted()).toEqual([]);
});
