// The guard over client files: what a client wipes, changes or adds is noticed and offered, mended on a yes, and never written by itself.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DeviationShown } from '../../shared/setup-contract.ts';
import type { Entry, Finding } from '../../shared/vocabulary.ts';
import { until } from '../support/attempt.ts';
import { checkout, closeHouse, type House, openHouse } from '../support/house.ts';
import { operate as operateAt } from '../support/operate.ts';

const server = join(checkout, 'test', 'support', 'servers', 'curious.ts');
const user = mkdtempSync(join(tmpdir(), 'gatehouse-guard-'));
const path = join(user, '.claude.json');
const settings = join(user, '.claude', 'settings.json');
const key = 'ghp_aaaaaaaaaabbbbbbbbbbccccccccccdddddd';
const plain = (name: string, env = {}) => ({ type: 'stdio', command: process.execPath, args: [server, name], env });
const original = `${JSON.stringify({ numStartups: 1, mcpServers: { One: plain('n1', { GITHUB_TOKEN: key }), Two: plain('n2') } }, null, 2)}\n`;
const rules = '{\n  "permissions": {"allow": ["Bash(ls:*)"]}\n}\n';
let house: House;
let placed: string;

const operate = <T>(operation: string, input?: object): Promise<T> => operateAt<T>(house.ready, operation, input);
const findings = async () => (await operate<Finding[]>('finding/list', {})).filter(({ rule }) => rule?.startsWith('client-'));
const kinds = async () => (await findings()).map(({ rule }) => rule).sort();
/** Noticed without anybody asking for a look. */
const noticed = (expected: string[]) => until(`noticed: ${expected.join(', ')}`, async () => (await kinds()).join() === expected.join());
const deviations = () => operate<DeviationShown[]>('setup/deviations');
interface File {
  numStartups: number;
  mcpServers: Record<string, unknown>;
}
const file = () => JSON.parse(readFileSync(path, 'utf8')) as File;
const write = (change: (value: File) => void) => {
  const value = file();
  change(value);
  writeFileSync(path, JSON.stringify(value, null, 2));
};

beforeAll(async () => {
  mkdirSync(join(user, '.claude'));
  writeFileSync(path, original, { mode: 0o600 });
  writeFileSync(settings, rules);
  house = await openHouse({ env: { HOME: user } });
  for (const words of [['import'], ['install', 'claude-code', '--pass-dialogs', '--over', 'stdio']]) {
    const ran = await house.cli([...words, '--json'], { env: { HOME: user } });
    expect([ran.code, ran.stderr]).toEqual([0, '']);
  }
  placed = readFileSync(path, 'utf8');
  expect(readFileSync(settings, 'utf8')).toContain('mcp__One');
  // A change this young may still be under way, and is not judged.
  await sleep(4500);
}, 90_000);
afterAll(async () => {
  await closeHouse(house);
  rmSync(user, { recursive: true });
});

test("a client's own edits are nobody's business", async () => {
  write((value) => {
    value.numStartups += 1;
  });
  expect(await deviations()).toEqual([]);
}, 30_000);

test('an entry that is wiped is noticed, its rule withdrawn, and nothing else written; one yes puts it back', async () => {
  write((value) => {
    delete value.mcpServers.One;
  });
  const wiped = readFileSync(path, 'utf8');
  await noticed(['client-gone']);
  await until('its rule is withdrawn', () => !readFileSync(settings, 'utf8').includes('mcp__One'));
  expect(readFileSync(settings, 'utf8')).toContain('mcp__Two');
  expect(readFileSync(settings, 'utf8')).toContain('Bash(ls:*)');
  expect(readFileSync(path, 'utf8')).toBe(wiped);
  const [gone] = await deviations();
  expect(gone).toMatchObject({ kind: 'gone', client: 'claude-code', entry: 'One', path, dismissed: false });
  expect(await operate('setup/mend', { finding: gone?.finding })).toMatchObject({ written: path });
  expect(file().mcpServers.One).toEqual((JSON.parse(placed) as File).mcpServers.One);
  await noticed([]);
  const acts = (await operate<Entry[]>('log/list', { limit: 100 })).filter(({ type }) => type === 'client-file.rule-withdrawn');
  expect(acts.map(({ decidedBy }) => decidedBy)).toEqual(['gatehouse']);
  await expect(operate('setup/mend', { finding: gone?.finding })).rejects.toMatchObject({ code: 'conflict' });
}, 60_000);

test('put aside, it stays silent for what it is; something else speaks again', async () => {
  const wipe = () =>
    write((value) => {
      delete value.mcpServers.Two;
    });
  wipe();
  await noticed(['client-gone']);
  const [gone] = await findings();
  await operate('finding/dismiss', { id: gone?.id });
  write((value) => {
    value.numStartups += 1;
  });
  await sleep(1500);
  expect(await findings()).toEqual([]);
  expect(await deviations()).toMatchObject([{ entry: 'Two', dismissed: true }]);
  // Now it is there, and goes past.
  write((value) => {
    value.mcpServers.Two = plain('n2', { OTHER: 'x' });
  });
  await noticed(['client-changed']);
  const shown = await deviations();
  expect(shown[0]?.difference.join('\n')).toContain('OTHER');
  const mended = await house.cli(['client', 'mend', '--json'], { env: { HOME: user } });
  expect([mended.code, JSON.parse(mended.stdout)]).toMatchObject([0, { mended: ['Two'], refused: [] }]);
  expect(file().mcpServers.Two).toEqual((JSON.parse(placed) as File).mcpServers.Two);
  await sleep(4500);
  await noticed([]);
}, 60_000);

test('a new server that goes past is noticed with what it starts; one yes brings it in and lets it lead here', async () => {
  const fresh = 'ghp_bbbbbbbbbbccccccccccddddddddddeeeeee';
  write((value) => {
    value.mcpServers['Brand new'] = plain('n3', { GITHUB_TOKEN: fresh });
  });
  await noticed(['client-new']);
  const [one] = await deviations();
  expect(one).toMatchObject({ kind: 'new', entry: 'Brand new', difference: [] });
  expect(one?.starts).toContain('n3');
  expect(JSON.stringify(one)).not.toContain(fresh);
  expect(await operate('setup/mend', { finding: one?.finding })).toEqual({ written: path, server: 'brand-new' });
  expect(readFileSync(path, 'utf8')).not.toContain(fresh);
  expect(JSON.stringify(file().mcpServers['Brand new'])).toContain('"--server","brand-new"');
  expect(await operate<{ servers: string[] }>('client/show', { name: 'claude-code' })).toMatchObject({
    servers: ['one', 'two', 'brand-new'],
  });
}, 60_000);

test('undo leads back to the first bytes of ours, over all that was mended', async () => {
  await house.cli(['uninstall', '--all', '--json'], { env: { HOME: user } });
  const before = JSON.parse(original) as File;
  expect(file().mcpServers.One).toEqual(before.mcpServers.One);
  expect(file().mcpServers['Brand new']).toMatchObject({ env: { GITHUB_TOKEN: 'ghp_bbbbbbbbbbccccccccccddddddddddeeeeee' } });
  expect(readFileSync(settings, 'utf8')).toBe(rules);
}, 60_000);
