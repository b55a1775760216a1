// `doctor --bundle`: holds what helps, and nothing that tells of the person.
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { homedir, hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { attempt } from '../support/attempt.ts';
import { launcher } from '../support/house.ts';
import { type Den, named, openDen } from '../support/imps.ts';
import { run } from '../support/run.ts';
import { connectClient } from '../support/sdk-client.ts';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bundle-'));
const file = join(folder, 'bundle.json');
const secret = 'sk-live-9f8e7d6c5b4a39281706';
let den: Den;

beforeAll(async () => {
  den = await openDen();
  await den.api.secret.set({ name: 'their-key', value: secret });
  await den.add('acme-payroll', { tools: named('pay_wages') }, { secretEnv: { API_KEY: 'their-key' } });
  const help = await den.pair('jane-laptop', 'all', 20);
  await den.allow('jane-laptop', 'acme-payroll', 'tool:pay_wages');
  const { client, close } = await connectClient(help, 'http', 'acme-payroll', { capabilities: {} });
  await attempt(client, 'pay_wages', { to: 'jane.doe@example.com', note: 'a private sentence' }).done;
  await close();
}, 60_000);
afterAll(async () => {
  await den?.close();
  rmSync(folder, { recursive: true, force: true });
});

const bundle = (token: string | null, to = file, ...more: string[]) =>
  run(['node', launcher, 'doctor', '--bundle', to, '--home', den.home, ...more], {
    env: token === null ? {} : { GATEHOUSE_OPERATOR_TOKEN: token },
  });

test('is shown whole, then saved for its owner alone', async () => {
  const ran = await bundle(den.broker.ready.operatorToken);
  const saved = readFileSync(file, 'utf8');
  expect(ran.stdout).toContain(saved.trim());
  expect(ran.stdout).toContain('Nothing was sent');
  if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
  const { system, checks, broker } = JSON.parse(saved);
  expect(system).toMatchObject({ platform: process.platform, node: process.versions.node });
  expect(checks.map(({ name }: { name: string }) => name)).toContain('broker');
  expect(broker.servers).toEqual([expect.objectContaining({ name: 'server-1', secrets: 1, capabilities: 1, accepted: 1 })]);
  expect(broker.clients).toEqual([expect.objectContaining({ name: 'client-1', servers: ['server-1'] })]);
  const outcome = broker.entries.find(({ type }: { type: string }) => type === 'outcome');
  expect(outcome).toMatchObject({
    client: 'client-1',
    server: 'server-1',
    capability: 'tool:capability-1',
    result: 'ok',
    decidedBy: 'grant',
  });
});

test('tells nothing of the person, their names, their words or their secrets', () => {
  const saved = readFileSync(file, 'utf8');
  const never = [
    'acme',
    'payroll',
    'jane',
    'pay_wages',
    'private sentence',
    'example.com',
    secret,
    'their-key',
    'API_KEY',
    den.home,
    folder,
  ];
  for (const word of [...never, den.broker.ready.operatorToken ?? '', hostname()]) expect(saved, word).not.toContain(word);
  if (homedir().length > 1) expect(saved).not.toContain(homedir());
});

test('overwrites nothing', async () => {
  const before = readFileSync(file, 'utf8');
  const ran = await bundle(den.broker.ready.operatorToken);
  expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining('it is there already') });
  expect(readFileSync(file, 'utf8')).toBe(before);
});

test('without the operator it holds the checks alone', async () => {
  const other = join(folder, 'other.json');
  const ran = await bundle(null, other, '--json');
  expect(JSON.parse(ran.stdout)).toMatchObject({ saved: other, bundle: { broker: expect.stringContaining('not read') } });
  expect(existsSync(other)).toBe(true);
});
