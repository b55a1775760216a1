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
/** Short, as a person chooses one, so that nothing hides it for its length. */
const short = 'Zß"q/w+7 k';
const bytes = Buffer.from(short);
const shifted = (by: number) => Buffer.concat([Buffer.alloc(by, 'x'), bytes, Buffer.from('yy')]).toString('base64');
/** What shows of a secret in each encoding, wherever it starts. */
const encodings = [
  short,
  JSON.stringify(short).slice(1, -1),
  ...[0, 1, 2].map(shifted),
  ...[0, 1, 2].map((by) => shifted(by).replaceAll('+', '-').replaceAll('/', '_')),
  bytes.toString('hex'),
  bytes.toString('hex').toUpperCase(),
  encodeURIComponent(short),
  encodeURIComponent(short).replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
  new URLSearchParams({ k: short }).toString().slice(2),
  [...short].reverse().join(''),
];
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
  // Anyone may stop everything, and say why in words of their own; a server that breaks says what it likes.
  await den.api.secret.set({ name: 'short-one', value: short });
  for (const encoded of encodings) {
    await den.api.lock({ reason: `because ${encoded} is it` });
    await den.api.unlock();
  }
  const broken = `console.error(process.env.API_KEY); process.exit(3)`;
  await den.api.server
    .add({ name: 'acme-broken', command: process.execPath, args: ['-e', broken], secretEnv: { API_KEY: 'short-one' } })
    .catch(() => {});
}, 120_000);
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
  expect(broker.servers[0]).toMatchObject({ name: 'server-1', secrets: 1, capabilities: 1, accepted: 1 });
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

test('tells no stored secret in any encoding, nor its name, whoever wrote it into a sentence', () => {
  const saved = readFileSync(file, 'utf8');
  expect(saved).toContain('because');
  for (const encoded of encodings) {
    // The piece of base64 that depends on the secret alone, as JSON would show each of them.
    const shown = JSON.stringify(encoded.slice(2, -4)).slice(1, -1);
    expect(saved, encoded).not.toContain(shown);
  }
  expect(saved).not.toMatch(/short-one|secret:/);
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
