// The connector in one file: what clients launch does what its sources do, and hands everything else to them.
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { connectorCommand } from '../../broker/start/connector-command.ts';
import { checkout } from '../support/house.ts';
import { run } from '../support/run.ts';

const built = join(checkout, 'dist', 'connector', 'connect.mjs');
const home = mkdtempSync(join(tmpdir(), 'gatehouse-connector-'));

beforeAll(async () => {
  if (connectorCommand(checkout).args.includes(built)) return;
  expect(await run([process.execPath, join(checkout, 'bin', 'build-connector.mjs')])).toMatchObject({ code: 0 });
});

test('clients are given it', () => {
  const { args } = connectorCommand(checkout);
  expect(args).toEqual(['--disable-sigusr1', built, 'connect']);
});

test('where it is not built they are given the sources', () => {
  expect(connectorCommand(home).args).toEqual(['--disable-sigusr1', join(home, 'broker', 'cli', 'main.ts'), 'connect']);
});

test('in the installed app they are given the executable beside the archive', () => {
  const resources = join(home, 'resources');
  const name = process.platform === 'win32' ? 'gatehouse.exe' : 'gatehouse';
  expect(connectorCommand(join(resources, 'app.asar'))).toEqual({ command: join(resources, 'bin', name), args: ['connect'] });
});

test('it holds nothing but the connector', () => {
  const imports = [...readFileSync(built, 'utf8').matchAll(/from"([^"]+)"|import\([`"]([^`"]+)[`"]\)/g)].map(
    ([, from, later]) => from ?? later,
  );
  expect(imports.filter((name) => !name?.startsWith('node:'))).toEqual(['../../broker/cli/run.ts']);
});

test.each(['one file', 'sources'])('without a credential the first request is answered with words, from %s', async (from) => {
  const { command, args } = connectorCommand(from === 'sources' ? home : checkout);
  const program = args.map((word) => word.replace(home, checkout));
  const input = '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}\n';
  const ran = await run([command, ...program, '--client', 'nobody', '--home', home], { input });
  expect(ran.code).toBe(1);
  expect(JSON.parse(ran.stdout)).toMatchObject({
    id: 1,
    error: { code: -32603, message: expect.stringContaining('has no credential here') },
  });
});

test('another command is run from the sources', async () => {
  const ran = await run([process.execPath, built, 'status', '--home', home, '--json']);
  expect(ran.code).toBe(3);
  expect(JSON.parse(ran.stderr)).toHaveProperty('error');
});
