// Whose program uses a token: what the broker keeps of it, what it says of a copied one, and what stays of that over a restart.
import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dial } from '../../broker/cli/connector/link.ts';
import { socketPath } from '../../broker/host/home.ts';
import { processFacts } from '../../broker/host/processes.ts';
import type { Client, Entry, Finding, Status } from '../../shared/vocabulary.ts';
import { checkout, closeHouse, type House, openHouse } from '../support/house.ts';
import { operate as operateAt } from '../support/operate.ts';
import { run } from '../support/run.ts';
import { connectClient, type Help } from '../support/sdk-client.ts';

const own = realpathSync(process.execPath);
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'gatehouse-evidence-')));
let house: House;
let help: Help;

const operate = <T>(operation: string, input: object = {}): Promise<T> => operateAt<T>(house.ready, operation, input);
const evidence = async (name = 'agent') => (await operate<Client>('client/show', { name })).evidence;
const programs = async () => (await evidence()).map(({ via, program, differs }) => [via, program, differs]);
const found = () => operate<Finding[]>('finding/list');
const entries = async (type: string) => (await operate<Entry[]>('log/list', { limit: 200 })).filter((entry) => entry.type === type);

/** A client of few lines: starts the connector, says hello, lists, and says what it was told. */
const script = join(folder, 'agent.mjs');
writeFileSync(
  script,
  `import { spawn } from 'node:child_process';
const connector = spawn(process.argv[2], process.argv.slice(3), { stdio: ['pipe', 'pipe', 'inherit'] });
const say = (message) => connector.stdin.write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\\n');
let text = '';
connector.stdout.on('data', (chunk) => {
  text += chunk;
  if (text.includes('"id":1') && !text.includes('"id":2')) say({ id: 2, method: 'tools/list' });
  if (!text.includes('"id":2')) return;
  process.stdout.write(text);
  setTimeout(() => connector.stdin.end(), 300);
});
say({ id: 1, method: 'initialize', params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'a', version: '1' } } });
`,
);

/** The same Node, as a program of another path. */
function copied(...path: string[]): string {
  const program = join(folder, ...path);
  mkdirSync(dirname(program), { recursive: true });
  copyFileSync(own, program);
  return program;
}

/** Uses the token from another program, as one who copied it would; it is answered like anybody else. */
async function useFrom(program: string): Promise<void> {
  const ran = await run([program, script, help.stdio.command, ...help.stdio.args], { env: { GATEHOUSE_CLIENT_TOKEN: help.token } });
  expect([ran.code, ran.stdout.includes('"tools":['), ran.stderr]).toEqual([0, true, '']);
}

async function usual(): Promise<void> {
  const { client, close } = await connectClient(help, 'connector', null, { capabilities: {} });
  await client.listTools();
  await close();
}

beforeAll(async () => {
  house = await openHouse();
  const args = [join(checkout, 'test', 'support', 'servers', 'curious.ts'), 'first'];
  await operate('server/add', { name: 'first', command: process.execPath, args, accept: true });
  help = await operate<Help>('client/add', { name: 'agent', servers: 'all' });
}, 60_000);
afterAll(async () => {
  await closeHouse(house);
  rmSync(folder, { recursive: true });
});

test('before it connects nothing is known; then its program, its process and since when, and that is no finding', async () => {
  expect(await evidence()).toEqual([]);
  const { close } = await connectClient(help, 'connector', null, { capabilities: {} });
  await expect.poll(() => evidence()).toHaveLength(1);
  expect(await evidence()).toEqual([
    {
      ...{ via: 'connector', program: own, proven: true, pid: process.pid, connected: true, differs: false, finding: null },
      ...{ since: expect.any(String), firstSeenAt: expect.any(String), lastSeenAt: expect.any(String) },
    },
  ]);
  const [{ since } = { since: '' }] = await evidence();
  await close();
  await expect.poll(async () => (await evidence())[0]?.connected).toBe(false);
  await usual();
  expect(await evidence()).toMatchObject([{ program: own, pid: process.pid, since }]);
  expect(await found()).toEqual([]);
});

test('a copied token used from another program is answered, and is one finding however often it comes', async () => {
  const thief = copied('stolen', 'node');
  await useFrom(thief);
  await useFrom(thief);
  await usual();
  const [finding, ...more] = await found();
  expect(more).toEqual([]);
  expect(finding).toMatchObject({ rule: 'new-program', severity: 'warning', title: 'Another program used the credential of agent' });
  for (const words of [thief, own, 'put this aside', 'the token may have been copied', 'gatehouse client revoke agent'])
    expect(finding?.detail).toContain(words);
  expect(await programs()).toEqual([
    ['connector', own, false],
    ['connector', thief, true],
  ]);
  expect(await entries('client.program-new')).toMatchObject([{ client: 'agent', via: 'connector', program: thief }]);
});

test('the command line says so, in words and as JSON', async () => {
  const thief = join(folder, 'stolen', 'node');
  const [finding] = await found();
  const { stdout } = await house.cli(['client', 'show', 'agent']);
  for (const words of [
    `came from    ${own} (connector)`,
    `also from    ${thief}`,
    'NEW: another program',
    `finding dismiss ${finding?.id}`,
  ])
    expect(stdout).toContain(words);
  expect((await house.cli(['client', 'list'])).stdout).toContain('(1 new: client show)');
  expect((await house.ask<Client>('client', 'show', 'agent')).evidence).toMatchObject([
    { finding: null },
    { finding: finding?.id, program: thief },
  ]);
  expect((await house.ask<Client[]>('client', 'list'))[0]?.evidence).toHaveLength(2);
});

test('an update is no news, a wrapper in a shell is', async () => {
  await useFrom(copied('nvm', 'v24.1.0', 'bin', 'node'));
  const before = await found();
  expect(before).toHaveLength(2);
  const updated = copied('nvm', 'v24.2.0-rc.1', 'bin', 'node');
  await useFrom(updated);
  expect((await found()).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
  expect((await programs()).map(([, program]) => program)).toContain(updated);
  const quoted = [help.stdio.command, ...help.stdio.args].map((word) => `'${word}'`).join(' ');
  const ping = '{"jsonrpc":"2.0","id":1,"method":"ping"}\\n';
  const shell = await run(['/bin/sh', '-c', `printf '${ping}' | ${quoted}; true`], { env: { GATEHOUSE_CLIENT_TOKEN: help.token } });
  expect(shell.stdout).toContain('"id":1');
  // It came, asked and went: that is no way past being seen.
  await expect.poll(async () => (await programs()).at(-1)).toEqual(['connector', realpathSync('/bin/sh'), true]);
  expect(await found()).toHaveLength(3);
});

test('a connector that names a process it does not come from is not believed', async () => {
  const bystander = spawn('/bin/sleep', ['30']);
  try {
    const facts = await processFacts(bystander.pid ?? 0);
    const process = { pid: facts?.pid ?? 0, startedAt: facts?.startedAt ?? '' };
    const before = await evidence();
    const { socket } = await dial(
      socketPath(house.home, 'connect'),
      help.token,
      { client: 'agent', only: null, folder: null, process },
      { operatorToken: undefined, ended: new AbortController().signal },
    );
    await expect.poll(async () => (await evidence()).filter(({ connected }) => connected).length).toBe(1);
    const [here] = (await evidence()).filter(({ connected }) => connected);
    expect([here?.proven, here?.pid === process.pid, here?.program]).toEqual([true, false, expect.not.stringContaining('sleep')]);
    expect((await evidence()).length - before.length).toBeLessThanOrEqual(1);
    socket.destroy();
  } finally {
    bystander.kill();
  }
});

test('over HTTP nothing is known of the program, and that is what it says', async () => {
  const before = await found();
  const { close } = await connectClient(help, 'http', null, { capabilities: {} });
  await expect
    .poll(async () => (await evidence()).at(-1))
    .toMatchObject({
      ...{ via: 'http', program: null, proven: false, pid: null, connected: true, differs: false, finding: null },
    });
  await close();
  expect((await house.cli(['client', 'show', 'agent'])).stdout).toContain('HTTP: known by its token only');
  expect(await found()).toEqual(before);
});

test('put aside it stays so, also over a restart, which forgets no program', async () => {
  const [first] = await found();
  await operate('finding/dismiss', { id: first?.id });
  const before = await evidence();
  const { home } = house;
  await house.stop();
  house = await openHouse({ home });
  const after = await evidence();
  const lasting = ({ via, program, firstSeenAt, differs, finding }: Client['evidence'][number]) => [
    via,
    program,
    firstSeenAt,
    differs,
    finding,
  ];
  expect(after.map(lasting)).toEqual(before.map(lasting));
  expect(after[1]).toMatchObject({ program: join(folder, 'stolen', 'node'), differs: true, finding: null, connected: false });
  expect((await operate<Client>('client/show', { name: 'agent' })).lastSeenAt).not.toBeNull();
  await useFrom(join(folder, 'stolen', 'node'));
  await usual();
  expect((await found()).map(({ id }) => id)).not.toContain(first?.id);
  expect(await entries('client.program-new')).toHaveLength(3);
});

test('who edits it out of the file is found out', async () => {
  const { home } = house;
  await house.stop();
  const db = new DatabaseSync(join(home, 'state.db'));
  const { body } = db.prepare('SELECT body FROM evidence WHERE id = ?').get('agent') as { body: string };
  const row = JSON.parse(body) as { ways: { program: string | null }[] };
  const clean = { ...row, ways: row.ways.filter(({ program }) => !program?.includes('stolen')) };
  db.prepare('UPDATE evidence SET body = ? WHERE id = ?').run(JSON.stringify(clean), 'agent');
  db.close();
  house = await openHouse({ home });
  expect(await operate<Status>('status')).toMatchObject({ locked: true, lockedReason: expect.stringContaining('evidence') });
  const restored = new DatabaseSync(join(home, 'state.db'));
  await house.stop();
  restored.prepare('UPDATE evidence SET body = ? WHERE id = ?').run(body, 'agent');
  restored.close();
  house = await openHouse({ home });
  expect(await operate<Status>('status')).toMatchObject({ locked: false });
});

test('revoked its findings are over, and paired again it begins with nothing', async () => {
  await operate('client/revoke', { name: 'agent' });
  expect(await found()).toEqual([]);
  expect(await evidence(), 'what was seen is still to be read').not.toEqual([]);
  help = await operate<Help>('client/add', { name: 'agent', servers: 'all' });
  expect(await evidence()).toEqual([]);
  await useFrom(join(folder, 'stolen', 'node'));
  expect(await programs()).toEqual([['connector', join(folder, 'stolen', 'node'), false]]);
  expect(await found()).toEqual([]);
});
