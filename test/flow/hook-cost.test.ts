// What a hook costs before each of a client's own tools: its whole process, beside Node's start alone in the same run, because that part is not ours.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkout, closeHouse, openHouse } from '../support/house.ts';
import { cleanEnvironment } from '../support/run.ts';
import { scale } from '../support/scale.ts';

const rounds = scale(7, 60);

test('a granted call costs less than 100 ms over the start of Node, or as much as two more starts where the machine is that busy', async () => {
  expect(spawnSync(process.execPath, [join(checkout, 'bin', 'build-connector.mjs')]).status).toBe(0);
  const user = mkdtempSync(join(tmpdir(), 'gatehouse-hook-cost-'));
  const house = await openHouse();
  const installed = await house.cli(['install', 'claude-code', '--hooks', '--json'], { env: { HOME: user } });
  expect([installed.code, installed.stderr]).toEqual([0, '']);
  await house.ask('grant', 'add', '--client', 'claude-code', '--server', 'client-tools', '--capability', 'tool:Read');
  const event = JSON.stringify({ hook_event_name: 'PreToolUse', tool_name: 'Read', tool_input: { file_path: '/tmp/x' }, cwd: user });
  const words = ['hook', '--home', house.home, '--client', 'claude-code'];
  const ways = {
    'node -e 0': ['-e', '0'],
    built: [join(checkout, 'dist', 'connector', 'connect.mjs'), ...words],
    source: [join(checkout, 'broker', 'cli', 'main.ts'), ...words],
  };
  const times: Record<string, number[]> = { 'node -e 0': [], built: [], source: [] };
  for (let round = 0; round < rounds; round++)
    for (const [name, args] of Object.entries(ways)) {
      const before = performance.now();
      const ran = spawnSync(process.execPath, ['--disable-sigusr1', ...args], {
        input: event,
        env: { ...cleanEnvironment(), HOME: user },
        encoding: 'utf8',
      });
      times[name]?.push(performance.now() - before);
      expect([name, ran.status, ran.stderr]).toEqual([name, 0, '']);
      if (name !== 'node -e 0') expect(ran.stdout).toContain('"permissionDecision":"allow"');
    }
  const median = (name: string) => (times[name] ?? []).sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0;
  const yard = median('node -e 0');
  const own = median('built') - yard;
  console.log(
    `hook: node -e 0 ${yard.toFixed(0)} ms, built ${median('built').toFixed(0)} ms, from source ${median('source').toFixed(0)} ms (medians of ${rounds}); best: ${Object.entries(
      times,
    )
      .map(([name, all]) => `${name} ${Math.min(...all).toFixed(0)}`)
      .join(', ')}; its own cost is ${own.toFixed(0)} ms, ${(own / yard).toFixed(2)} starts of Node`,
  );
  expect(own).toBeLessThan(Math.max(100, 2 * yard));
  await closeHouse(house);
  rmSync(user, { recursive: true });
}, 120_000);
