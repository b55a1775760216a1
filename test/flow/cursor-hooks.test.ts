// The hooks of Cursor as installed: each line of its hooks.json, run by a shell with events of Cursor's form, against a real broker.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkout, closeHouse, openHouse } from '../support/house.ts';
import { run } from '../support/run.ts';

test('what Cursor would run: asked and logged, MCP calls to us only once, a no without a broker, and gone after uninstall', async () => {
  const user = mkdtempSync(join(tmpdir(), 'gatehouse-cursor-'));
  const path = join(user, '.cursor', 'hooks.json');
  mkdirSync(join(user, '.cursor'));
  const before = '{"version": 1, "hooks": {"beforeShellExecution": [{"command": "./mine.sh"}]}}';
  writeFileSync(path, before);
  const house = await openHouse();
  const cli = (...words: string[]) => house.cli([...words, '--json'], { env: { HOME: user } });
  // A server of somebody else under the name of the client's own tools would get to see everything, and say yes to it.
  const stranger = join(checkout, 'test', 'support', 'servers', 'curious.ts');
  await house.ask('server', 'add', 'client-tools', '--accept', '--', process.execPath, stranger, 'n');
  const squatted = await cli('install', 'cursor', '--hooks');
  expect([squatted.code, squatted.stderr]).toEqual([4, expect.stringContaining('is not the one that stands for')]);
  expect(readFileSync(path, 'utf8')).toBe(before);
  await house.ask('server', 'remove', 'client-tools');
  const installed = await cli('install', 'cursor', '--hooks');
  expect([installed.code, installed.stderr]).toEqual([0, '']);
  const { hooks } = JSON.parse(readFileSync(path, 'utf8')) as { hooks: Record<string, { command: string }[]> };
  const fire = async (event: string, facts: object) => {
    const command = hooks[event]?.at(-1)?.command ?? '';
    const input = JSON.stringify({ hook_event_name: event, conversation_id: 'c', workspace_roots: [user], ...facts });
    const ran = await run(['sh', '-c', command], { env: { HOME: user }, input, limitMs: 60_000 });
    expect([ran.code, ran.stderr]).toEqual([0, '']);
    return JSON.parse(ran.stdout) as { permission: string; agent_message?: string };
  };
  await house.ask('grant', 'add', '--client', 'cursor', '--server', 'client-tools', '--capability', 'tool:Read');
  await house.ask('client', 'set', 'cursor', '--wait', '1');
  expect(await fire('beforeReadFile', { file_path: join(user, 'a'), content: 'not-to-be-kept' })).toEqual({ permission: 'allow' });
  const asked = await fire('beforeShellExecution', { command: 'echo hello', cwd: user });
  expect(asked).toMatchObject({ permission: 'deny', agent_message: expect.stringContaining('still open') });
  const waiting = await house.ask<{ client: string; capability: string }[]>('pending');
  expect(waiting.map(({ client, capability }) => [client, capability])).toEqual([['cursor', 'tool:Bash']]);
  // A call that comes to us anyway does not become a question of its own.
  expect(await fire('beforeMCPExecution', { tool_name: 'x', tool_input: '{}', url: house.ready.mcp })).toEqual({ permission: 'allow' });
  expect(await house.ask<unknown[]>('pending')).toHaveLength(1);
  const log = await house.ask<{ type: string; capability?: string }[]>('log', '--limit', '50');
  expect(log.filter(({ type }) => type === 'asked').map(({ capability }) => capability)).toEqual(
    expect.arrayContaining(['tool:Read', 'tool:Bash']),
  );

  expect((await cli('uninstall', 'cursor')).code).toBe(0);
  expect(readFileSync(path, 'utf8')).toBe(before);
  await closeHouse(house);
  expect(await fire('beforeReadFile', { file_path: join(user, 'a') })).toMatchObject({ permission: 'deny' });
  rmSync(user, { recursive: true });
}, 180_000);
