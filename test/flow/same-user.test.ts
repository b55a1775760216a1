// An agent with a shell of the operator's own user, and a protected home whose broker runs: every door, and nothing to be had.
import { randomBytes, scryptSync } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Approval } from '../../shared/vocabulary.ts';
import { type Desktop, openDesktop } from '../support/desktop.ts';
import type { House } from '../support/house.ts';
import type { Answer, Knock } from '../support/knock.ts';
import { api, curious, knockAt, openProtectedHome, type ProtectedHome, signIn } from '../support/protected-home.ts';
import { connectClient, textOf } from '../support/sdk-client.ts';

let desktop: Desktop;
let it: ProtectedHome;
let house: House;
let port: number;
let question: Approval;
let asking: Promise<unknown>;

beforeAll(async () => {
  desktop = await openDesktop();
  it = await openProtectedHome(desktop);
  house = it.house;
  port = Number(new URL(house.ready.mcp).port);
  // Something to approve: client two has no grant.
  const { client, close } = await connectClient(it.two, 'connector', 'small');
  asking = client.callTool({ name: 'env', arguments: { key: 'API_KEY' } }).finally(close);
  asking.catch(() => {});
  while (question === undefined) [question] = (await house.ask<Approval[]>('pending')) as [Approval];
}, 90_000);
afterAll(async () => {
  await house.stop();
  desktop.close();
});

const knock = (knocks: Knock[]) => knockAt(desktop, knocks);
const statuses = (answers: Answer[]) => answers.map((answer) => ('status' in answer ? answer.status : answer.ways));
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const tokenFile = (client: string) => readFileSync(join(it.home, 'run', 'clients', client), 'utf8').trim();

/** Every operation worth having, with an input that would do. */
const operations = (): [string, unknown][] => [
  ['approval/list', {}],
  ['approval/approve', { id: question.id, nonce: question.nonce }],
  ['server/add', { name: 'mine', command: process.execPath, args: [curious], accept: true }],
  ['grant/add', { client: 'two', server: 'small', capability: 'tool:*' }],
  ['client/add', { name: 'mine', servers: 'all' }],
  ['client/set', { name: 'two', servers: ['small'] }],
  ['secret/list', {}],
  ['secret/set', { name: 'key', value: 'mine' }],
  ['operator/setPin', { pin: 'attacker-0815' }],
  ['operator/consoleAddress', {}],
  ['setting/set', { key: 'approval.expiry', value: '1h' }],
  ['log/list', {}],
  ['unlock', {}],
  ['no/such/operation', {}],
];

/** What an attacker would have changed; the same before and after. */
async function state(): Promise<string> {
  const parts = await Promise.all(['grant', 'server', 'client', 'secret'].map((family) => house.ask<unknown[]>(family, 'list')));
  return JSON.stringify([parts[0], (parts[1] as { name: string }[]).map((one) => one.name), parts[2]?.length, parts[3]]);
}

describe('without a credential', () => {
  test('no command does anything, each says it was refused', async () => {
    const before = await state();
    const commands = [
      ['pending'],
      ['approve', question.id],
      ['server', 'add', 'mine', '--accept', '--', process.execPath, curious],
      ['grant', 'add', '--client', 'two', '--server', 'small', '--capability', 'tool:*'],
      ['client', 'add', 'mine', '--servers', 'all'],
      ['secret', 'list'],
      ['secret', 'set', 'key'],
      ['operator', 'pin', 'change'],
      ['operator', 'signin'],
      ['console', '--print'],
      ['log'],
      ['unlock'],
    ];
    const attempt = (words: string[]) => house.cli(words, { token: null, input: 'attacker-0815\n' });
    const codes: [string, number | null][] = [];
    for (let at = 0; at < commands.length; at += 3) {
      const some = commands.slice(at, at + 3);
      const ran = await Promise.all(some.map(attempt));
      for (const [n, words] of some.entries()) codes.push([words.join(' '), ran[n]?.code ?? null]);
    }
    expect(codes).toEqual(commands.map((words) => [words.join(' '), 4]));
    const set = await attempt(['operator', 'pin', 'set']);
    expect([set.code, set.stderr]).toEqual([1, expect.stringContaining('has a PIN already')]);
    expect(await state()).toBe(before);
    expect(await house.ask<Approval[]>('pending')).toHaveLength(1);
  });

  test('neither the loopback API nor the socket in the home answers one operation', async () => {
    const before = await state();
    const guesses = ['gho_', `gho_${'A'.repeat(43)}`, 'null', it.token.slice(0, -1), `${it.token}A`, tokenFile('one'), tokenFile('two')];
    const credentials = [{}, ...guesses.map(bearer), { authorization: `Basic ${Buffer.from(`operator:${it.token}`).toString('base64')}` }];
    const places = [port, join(it.home, 'run', 'operate.sock')];
    const knocks = places.flatMap((to) =>
      credentials.flatMap((headers) =>
        operations().map(([operation, json]) => ({
          to,
          path: `/api/${operation}`,
          headers: headers as Record<string, string>,
          body: { json },
        })),
      ),
    );
    const answers = await knock(knocks);
    expect(new Set(statuses(answers))).toEqual(new Set([401]));
    expect(new Set(answers.map((answer) => ('body' in answer ? answer.body : '')))).toEqual(new Set(['']));
    expect(await state()).toBe(before);
  });

  test('nor with the right token from a foreign host, origin or page, nor in a query', async () => {
    const json = { json: {} };
    const ways: Knock[] = [
      { to: port, path: '/api/grant/list', headers: { ...bearer(it.token), host: `evil.example:${port}` }, body: json },
      { to: port, path: '/api/grant/list', headers: { ...bearer(it.token), host: '127.0.0.1' }, body: json },
      { to: port, path: '/api/grant/list', headers: { ...bearer(it.token), origin: 'https://evil.example' }, body: json },
      { to: port, path: '/api/grant/list', headers: { ...bearer(it.token), origin: 'null' }, body: json },
      { to: port, path: '/api/grant/list', headers: { ...bearer(it.token), 'sec-fetch-site': 'cross-site' }, body: json },
      {
        to: join(it.home, 'run', 'operate.sock'),
        path: '/api/grant/list',
        headers: { ...bearer(it.token), origin: 'http://gatehouse' },
        body: json,
      },
      { to: port, path: '/api/grant/list', headers: { ...bearer(it.token), 'content-type': 'text/plain' }, body: json },
      { to: port, path: `/api/grant/list?token=${it.token}`, body: json },
      { to: port, path: '/api/grant/list', headers: { cookie: `session=${it.token}` }, body: json },
      { to: port, path: '/api/grant/list', headers: bearer(it.token), method: 'GET' },
      { to: port, path: '/api/grant/list', headers: bearer(it.token), body: json },
    ];
    expect(statuses(await knock(ways))).toEqual([403, 403, 403, 403, 403, 403, 415, 401, 401, 405, 200]);
  });
});

describe('as a client', () => {
  test("a client's token is that client and no other; what state.db keeps of a client is nobody", async () => {
    const db = new DatabaseSync(join(it.home, 'state.db'), { readOnly: true });
    const { body } = db.prepare("SELECT body FROM client WHERE id = 'two'").get() as { body: string };
    db.close();
    const keys = JSON.parse(body) as { storedKey: string; serverKey: string };
    const connector = join(it.home, 'run', 'connect.sock');
    const answers = await knock([
      { connector, client: 'one', token: tokenFile('one') },
      { connector, client: 'two', token: tokenFile('one') },
      { connector, client: 'two', token: keys.storedKey },
      { connector, client: 'two', token: keys.serverKey },
      { connector, client: 'two', keys },
    ]);
    const no = 'refused';
    expect(answers).toEqual([
      { ways: { token: 'ready' } },
      { ways: { token: 'no-proof' } },
      { ways: { token: 'no-proof' } },
      { ways: { token: 'no-proof' } },
      {
        ways: {
          'stored key as client key': no,
          'server key as client key': no,
          'signature alone': no,
          'signature of the server key': no,
          nothing: no,
        },
      },
    ]);
    const mcp = [tokenFile('two'), keys.storedKey, keys.serverKey, `ght_${keys.storedKey}`].map((token) => ({
      to: port,
      path: '/mcp',
      headers: { ...bearer(token), accept: 'application/json, text/event-stream' },
      body: {
        jsonrpc: '2.0',
        id: 1,
        method: 'initialize',
        params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'x', version: '1' } },
      },
    }));
    expect(statuses(await knock(mcp))).toEqual([200, 401, 401, 401]);
  });

  test('its own connector does not carry it to what another client was granted', async () => {
    const { client, close } = await connectClient(it.one, 'connector', 'small');
    expect((await client.callTool({ name: 'env', arguments: { key: 'API_KEY' } })).isError).toBeUndefined();
    expect(textOf(await client.callTool({ name: 'say', arguments: { key: 'API_KEY' } }))).toContain('Denied by Gatehouse');
    await close();
  });
});

describe('files changed under a running broker', () => {
  test('an edit of state.db changes nothing for anybody', async () => {
    const script = 'const d = new (require("node:sqlite").DatabaseSync)(process.argv[1]); d.exec(process.argv[2]); d.close()';
    const edit = `INSERT INTO "grant" SELECT 'g-new', replace(body, 'tool:env', 'tool:*'), mac FROM "grant" WHERE body LIKE '%"allow"%';
      DELETE FROM "grant" WHERE body LIKE '%"deny"%'; UPDATE setting SET body = '{}' WHERE id = 'home.pin'`;
    const edited = await desktop.run([process.execPath, '-e', script, join(it.home, 'state.db'), edit]);
    expect(edited.code, edited.stderr).toBe(0);
    const { client, close } = await connectClient(it.one, 'http', 'small');
    expect(textOf(await client.callTool({ name: 'say', arguments: { key: 'API_KEY' } }))).toContain('Denied by Gatehouse');
    await close();
    expect(await house.ask<unknown[]>('grant', 'list')).toHaveLength(2);
    expect(await house.ask('status')).toMatchObject({ protected: true, locked: false });
  });

  test('modes in the home are closed to others', () => {
    for (const [name, mode] of [
      ['state.db', 0o600],
      ['audit.db', 0o600],
      ['run', 0o700],
      ['run/operate.sock', 0o600],
      ['run/connect.sock', 0o600],
      ['run/clients/one', 0o600],
    ] as const)
      expect([name, statSync(join(it.home, name)).mode & 0o777]).toEqual([name, mode]);
  });
});

describe('the PIN in the keychain overwritten under a running broker', () => {
  const ownPin = 'attacker-0815';
  const ownEntry = () => {
    const salt = randomBytes(16);
    const made = scryptSync(ownPin, salt, 32, { N: 2 ** 17, r: 8, p: 1, maxmem: 2 ** 28 });
    return `=scrypt:${2 ** 17}:8:1:${salt.toString('base64')}:${made.toString('base64')}`;
  };

  test('not even while a try with it waits its turn', async () => {
    const real = (await desktop.keychain.read(it.id, 'pin')) as string;
    const entry = ownEntry();
    const wrong = Array.from({ length: 4 }, () => api(house.ready, 'operator/signIn', null, { pin: 'wrong-guess-1', use: 'token' }));
    const own = api(house.ready, 'operator/signIn', null, { pin: ownPin, use: 'token' });
    await new Promise((resolve) => setTimeout(resolve, 100));
    await desktop.keychain.write(it.id, 'pin', entry);
    const { status, json } = await own;
    expect([status, JSON.stringify(json)]).toEqual([400, expect.stringContaining('changed by something other than Gatehouse')]);
    await Promise.all(wrong);
    await desktop.keychain.write(it.id, 'pin', real);
    expect(await signIn(house.ready)).toMatch(/^gho_/);
  });

  test('signing in with it is refused, and locks everything', async () => {
    await desktop.keychain.write(it.id, 'pin', ownEntry());
    await expect(signIn(house.ready, ownPin)).rejects.toThrow('changed by something other than Gatehouse');
    const status = (await api(house.ready, 'status', null, {})).json;
    expect(status).toMatchObject({ locked: true, lockedReason: expect.stringContaining('PIN') });
    const { client, close } = await connectClient(it.one, 'http', 'small');
    expect(textOf(await client.callTool({ name: 'env', arguments: { key: 'API_KEY' } }))).toContain('Gatehouse is locked');
    await close();
    await asking;
  });
});
