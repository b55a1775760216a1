// The connector without Node on the machine: one executable, a real SDK client, and nothing of the environment that could run other code in it.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildExecutable, executable, isBuilt } from '../../bin/build-executable.mjs';
import { checkout } from '../support/house.ts';
import { type Den, named, openDen } from '../support/imps.ts';
import { run } from '../support/run.ts';
import { connectClient, textOf } from '../support/sdk-client.ts';

const long = process.env.GATEHOUSE_LONG === '1';
const reason = 'the executable is not built here, or older than its sources (node bin/build-executable.mjs, or npm run test:long)';
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-executable-'));
let den: Den | null = null;

beforeAll(async () => {
  if (long && !isBuilt()) await buildExecutable();
  if (isBuilt()) den = await openDen();
}, 120_000);
afterAll(async () => {
  await den?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Milliseconds from the start of a program to its end, in an environment without anything. */
async function timeOf(program: string, args: string[]): Promise<number> {
  const began = performance.now();
  const child = spawn(program, args, { env: {}, stdio: ['ignore', 'ignore', 'ignore'] });
  await new Promise((resolve) => child.on('close', resolve));
  return performance.now() - began;
}

test('serves a real SDK client that has no Node on its path', async (context) => {
  context.skip(den === null, reason);
  const { add, pair, allow } = den as Den;
  await add('files', { tools: named('read') });
  const help = await pair('sdk', 'all', 20);
  await allow('sdk', 'files', 'tool:read');
  const stdio = { ...help.stdio, command: executable, args: help.stdio.args.slice(help.stdio.args.indexOf('connect')) };
  const { client, close } = await connectClient({ ...help, stdio }, 'connector', null, { capabilities: {}, env: { PATH: folder } });
  expect(textOf(await client.callTool({ name: 'files__read', arguments: { n: 1 } }))).toContain('1');
  await close();
});

test('runs nothing that its environment names, and opens no debugger', async (context) => {
  context.skip(den === null, reason);
  const foreign = join(folder, 'foreign.cjs');
  writeFileSync(foreign, `require('node:fs').writeFileSync(${JSON.stringify(join(folder, 'ran'))}, '')`);
  const env = { NODE_OPTIONS: `--require ${foreign}`, ELECTRON_RUN_AS_NODE: '1' };
  const ran = await run([executable, 'status', '--home', folder, '--json'], { env });
  expect(ran.code).toBe(3);
  expect(JSON.parse(ran.stderr)).toHaveProperty('error.code', 'no-broker');
  expect(existsSync(join(folder, 'ran'))).toBe(false);
  for (const flag of ['--inspect=0', '-e', '--require']) {
    const tried = await run([executable, flag, foreign]);
    expect([flag, tried.code]).toEqual([flag, 2]);
  }
  expect(existsSync(join(folder, 'ran'))).toBe(false);
});

test('has the commands, and says of what the app does itself', async (context) => {
  context.skip(den === null, reason);
  expect((await run([executable, '--help'])).stdout).toContain('Usage: gatehouse');
  const serve = await run([executable, 'serve', '--vault', 'sealed-file']);
  expect(serve).toMatchObject({ code: 1, stderr: expect.stringContaining('not part of the installed app') });
});

test('is about as large as Node and starts about as fast', async (context) => {
  context.skip(den === null, reason);
  const node = join(checkout, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  const times = { own: [] as number[], node: [] as number[] };
  for (let round = 0; round < (long ? 30 : 12); round += 1) {
    times.own.push(await timeOf(executable, ['connect', '--client', 'nobody', '--home', folder]));
    times.node.push(await timeOf(node, ['-e', '0']));
  }
  const median = (all: number[]) => all.toSorted((a, b) => a - b)[all.length >> 1] ?? Number.NaN;
  const [own, bare] = [median(times.own), median(times.node)];
  // Each pair ran in the same moment, under the same load.
  const ratio = median(times.own.map((each, at) => each / (times.node[at] ?? Number.NaN)));
  const size = statSync(executable).size;
  console.log(
    `executable: ${(size / 1e6).toFixed(0)} MB, ${own.toFixed(0)} ms from start to its answer; node -e 0: ${bare.toFixed(0)} ms; ${ratio.toFixed(2)} times (median of ${times.own.length} pairs)`,
  );
  expect(size).toBeLessThan(200e6);
  expect(ratio).toBeLessThan(2);
});
