// Rules and log agree after any death: what was said to be changed is, what decides is logged, once.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scale } from '../support/scale.ts';
import { openBoth } from './changer.ts';
import { folder } from './support.ts';

test(
  'SIGKILL in the middle of changes, again and again',
  async () => {
    const dir = folder();
    const rounds = scale(8, 60);
    const expected = new Set<string>();
    for (let round = 0; round < rounds; round++) {
      const child = spawn(process.execPath, [join(import.meta.dirname, 'changer.ts'), dir], { stdio: ['ignore', 'pipe', 'inherit'] });
      const enough = 5 + Math.floor(Math.random() * 60);
      let printed = '';
      for await (const chunk of child.stdout) {
        printed += chunk;
        if (printed.split('\n').length > enough) child.kill('SIGKILL');
      }
      for (const line of printed.split('\n').slice(0, -1)) {
        if (line.startsWith('+')) expected.add(line.slice(2));
        else expected.delete(line.slice(2));
      }
      const { log, state } = openBoth(dir);
      expect(state.problems).toEqual([]);
      expect(await log.verify()).toMatchObject({ ok: true });

      // The change that was cut off may have been made, but never without its entry.
      const acts = log.list({ after: 0, limit: 100_000 });
      const logged = new Set<string>();
      for (const { type, grant } of acts) {
        if (type === 'grant.added') logged.add(String(grant));
        else logged.delete(String(grant));
      }
      const rows = new Set(state.rows.grant.keys());
      expect(rows).toEqual(logged);
      expect([...rows].filter((id) => !expected.has(id)).length + [...expected].filter((id) => !rows.has(id)).length).toBeLessThanOrEqual(
        1,
      );
      const generations = acts.map(({ rules }) => (rules as { generation: number }).generation);
      expect(generations).toEqual(generations.map((_, index) => index + 1));
      expected.clear();
      for (const id of rows) expected.add(id);
      state.close();
      await log.close();
    }
  },
  scale(60_000, 900_000),
);
