// Every command as a process: exit codes, what goes to which stream, and the shapes that scripts rely on.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { connectionHelp } from '../../shared/contract.ts';
import * as v from '../../shared/vocabulary.ts';
import { someOf } from '../support/scale.ts';
import { approval, at, type FakeBroker, fakeBroker, token } from './fake-broker.ts';
import { gatehouse, launch } from './gatehouse.ts';

let broker: FakeBroker;
const empty = mkdtempSync(join(tmpdir(), 'gatehouse-none-'));
beforeAll(async () => {
  broker = await fakeBroker();
});
afterAll(async () => {
  await broker.stop();
  rmSync(empty, { recursive: true });
});
beforeEach(() => {
  broker.calls.length = 0;
  broker.approvals = [];
  broker.entries = [];
  Object.assign(broker, { protected: true, verifies: true, critical: false });
});
const run = (words: string, more: { input?: string | Buffer } = {}) => gatehouse(words.split(' '), { home: broker.home, token, ...more });

const ok = z.object({ ok: z.literal(true) });
const shapes: [string, z.ZodType, string][] = [
  ['status', v.status, 'status'],
  ['lock --reason odd', ok, 'lock'],
  ['unlock', ok, 'unlock'],
  ['pending', z.array(v.approval), 'approval.list'],
  ['approve ap_1', z.object({ grant: v.grant.nullable(), note: z.string().nullable() }), 'approval.approve'],
  ['deny ap_1 --for always --reason no --pause-client', z.object({ grant: v.grant.nullable() }), 'approval.deny'],
  ['grant list', z.array(v.grant), 'grant.list'],
  ['grant show g_1', v.grant, 'grant.show'],
  [
    'grant add --client cursor --server files --capability * --for 8h',
    z.object({ grant: v.grant, note: z.string().nullable() }),
    'grant.add',
  ],
  ['grant revoke g_1', z.object({ revoked: z.array(z.string()) }), 'grant.revoke'],
  ['grant revoke --client cursor', z.object({ revoked: z.array(z.string()) }), 'grant.revoke'],
  ['server add files --accept -- /bin/x --json', v.server, 'server.add'],
  ['server list', z.array(v.server), 'server.list'],
  ['server show files', v.server, 'server.show'],
  ['server remove files', ok, 'server.remove'],
  ['server enable files', v.server, 'server.enable'],
  ['server disable files', v.server, 'server.disable'],
  ['server restart files', v.server, 'server.restart'],
  ['server review files', z.object({ name: z.string(), differences: z.array(z.looseObject({ capability: z.string() })) }), 'server.review'],
  ['server accept files', v.server, 'server.accept'],
  ['server reject files', v.server, 'server.reject'],
  ['server logs files', z.object({ lines: z.array(z.object({ at: v.time, text: z.string() })) }), 'server.logs'],
  ['client add cursor --servers files', connectionHelp, 'client.add'],
  ['client list', z.array(v.client), 'client.list'],
  ['client show cursor', v.client, 'client.show'],
  ['client set cursor --wait 9', v.client, 'client.set'],
  ['client pause cursor', v.client, 'client.pause'],
  ['client resume cursor', v.client, 'client.resume'],
  ['client revoke cursor', v.client, 'client.revoke'],
  ['policy list', z.array(v.policyInfo), 'policy.list'],
  ['policy show a', v.policyInfo, 'policy.show'],
  ['policy remove a', ok, 'policy.remove'],
  ['policy explain 7', z.looseObject({ seq: z.number(), decidedBy: z.string() }), 'policy.explain'],
  ['label set files tool:read -private', v.server, 'label.set'],
  ['finding list', z.array(v.finding), 'finding.list'],
  ['finding show f-1', v.finding, 'finding.show'],
  ['finding dismiss f-1', v.finding, 'finding.dismiss'],
  ['secret list', z.array(v.secretInfo), 'secret.list'],
  ['secret where key', v.secretInfo, 'secret.where'],
  ['secret remove key', ok, 'secret.remove'],
  ['log', z.array(v.entry), 'log.list'],
  ['log show 1', z.looseObject({ entry: v.entry, related: z.array(v.entry) }), 'log.show'],
  ['log verify', v.verification, 'log.verify'],
  ['session list', z.array(v.session), 'session.list'],
  ['session end s_1', ok, 'session.end'],
  ['settings get', z.record(z.string(), z.string()), 'setting.list'],
  ['settings get away', z.object({ key: z.literal('away'), value: z.literal('off') }), 'setting.list'],
  ['settings set away off', ok, 'setting.set'],
];

test.each(shapes)('%s: exit 0, one JSON value of the public shape, and words for people', async (words, shape, operation) => {
  broker.approvals = [approval('ap_1', '{"path":"a"}')];
  broker.entries = [{ seq: 1, at, type: 'asked', hash: 'h', client: 'cursor' }];
  const json = await run(`--json ${words}`);
  expect(json).toMatchObject({ code: 0, err: '' });
  expect(json.out.trimEnd().split('\n')).toHaveLength(1);
  expect(shape.safeParse(JSON.parse(json.out)).error).toBeUndefined();
  expect(broker.calls.map((call) => call.operation)).toContain(operation);
  const text = await run(words);
  expect(text).toMatchObject({ code: 0, err: '' });
  expect(text.out.length).toBeGreaterThan(2);
  expect(() => JSON.parse(text.out)).toThrow();
});

test('what stands behind -- reaches the broker untouched, and the rest is parsed', async () => {
  const { code } = await gatehouse(
    [
      'server',
      'add',
      'x',
      '--env',
      'A=b=c',
      '--env',
      'E=',
      '--secret-env',
      'T=key',
      '--cwd',
      '/w',
      '--share',
      '--',
      'prog',
      '--json',
      '--home',
      '/z',
      '--',
      '',
      'a b',
      '$X',
    ],
    { home: broker.home, token },
  );
  expect(code).toBe(0);
  expect(broker.calls[0]?.input).toEqual({
    ...{ name: 'x', command: 'prog', args: ['--json', '--home', '/z', '--', '', 'a b', '$X'], cwd: '/w' },
    ...{ env: { A: 'b=c', E: '' }, secretEnv: { T: 'key' }, share: true, accept: false },
  });
});

test('wrong usage: exit 2, nothing sent, the error on stderr in both forms', async () => {
  const wrong = [
    'frobnicate',
    'constructor',
    'server',
    'server frob',
    'status --frob',
    'status extra',
    'lock -x',
    'approve',
    'approve a --for never',
    'approve a --for 31d',
    'approve a --match some',
    'deny a --for 8h',
    'grant add --client a',
    'grant revoke',
    'grant revoke a --client b',
    'grant add --client a --server b --capability * --match exact',
    'server add x',
    'server add x --env A -- y',
    'server add x --sandbox y -- z',
    'client add x',
    'client set x',
    'client set x --wait 4000',
    'client set x --wait -1',
    'log --limit 0',
    'log --since yesterdayish',
    'log show abc',
    'secret set',
    'secret set a b',
    'serve --port 65536',
    'serve --vault plain',
    'serve --passphrase-fd x',
    'serve --listen 0.0.0.0',
    'connect',
    'connect --client',
    'connect --client a --frob',
    'pending -- x',
    '--home',
    'settings set a',
  ];
  const results = await inTwos(someOf(wrong, 2), async (words) => ({ words, text: await run(words), json: await run(`--json ${words}`) }));
  for (const { words, text, json } of results) {
    expect([words, text.code, text.out]).toEqual([words, 2, '']);
    expect(text.err).toMatch(/\S/);
    expect([words, json.code, json.out]).toEqual([words, 2, '']);
    expect(JSON.parse(json.err)).toEqual({ error: { code: 'usage', message: expect.stringMatching(/\.$/), hint: expect.any(String) } });
  }
  expect(broker.calls).toEqual([]);
});

test('what the broker refuses as wrong input is wrong usage too', async () => {
  const { code, err } = await run('--json client set cursor --servers UPPER');
  expect([code, JSON.parse(err).error.code]).toEqual([2, 'usage']);
});

test('no broker: exit 3, before anybody is asked for a PIN', async () => {
  for (const words of ['status', 'pending', 'approve x', 'lock', 'operator signin', 'log verify', 'console']) {
    const { code, err, out } = await gatehouse([...words.split(' '), '--json'], { home: empty });
    expect([words, code, out, JSON.parse(err).error.code]).toEqual([words, 3, '', 'no-broker']);
  }
});

test('the operator is wanted: no token and no terminal, a wrong token, a PIN on standard input: exit 4, nothing done', async () => {
  for (const [token_, input] of [
    [undefined, ''],
    [undefined, '4711-pin\n'],
    ['gho_wrong', ''],
  ] as const) {
    const all = [
      'pending',
      'approve ap_1',
      'server list',
      'unlock',
      'secret list',
      'operator signin',
      'operator pin change',
      'log --follow',
      'pending --watch',
    ];
    for (const words of token_ === undefined && input === '' ? all : someOf(all, 3)) {
      if (token_ !== undefined && words.startsWith('operator')) continue;
      const { code, out, err } = await gatehouse([...words.split(' '), '--json'], { home: broker.home, token: token_, input });
      expect([words, code, out, JSON.parse(err).error.code]).toEqual([words, 4, '', 'refused']);
    }
  }
  expect(broker.calls.filter((call) => call.operation !== 'status')).toEqual([]);
});

test('status and lock need no credential; a stale token does not keep anyone from locking', async () => {
  for (const token_ of [undefined, 'gho_stale']) {
    for (const words of ['status', 'lock']) expect((await gatehouse([words], { home: broker.home, token: token_ })).code).toBe(0);
  }
});

test('failures of the broker: their own exit codes and words', async () => {
  const gone = await run('server show missing');
  expect(gone).toEqual({ code: 1, out: '', err: 'There is no server "missing". See the list.\n' });
  expect(JSON.parse((await run('server show missing --json')).err)).toEqual({
    error: { code: 'not-found', message: 'There is no server "missing".', hint: 'See the list.' },
  });
  expect((await run('approve nothere')).code).toBe(1);
  expect((await run('deny nothere')).code).toBe(1);
  expect((await run('settings get nothere')).code).toBe(1);
  broker.verifies = false;
  const verify = await run('log verify --json');
  expect([verify.code, JSON.parse(verify.out).ok]).toEqual([4, false]);
  broker.critical = true;
  broker.approvals = [approval('ap_1', '{}')];
  const critical = await run('approve ap_1 --json');
  expect([critical.code, JSON.parse(critical.err).error.code]).toEqual([4, 'needs-pin']);
});

test('approve and deny carry the nonce of what was shown, and what was chosen', async () => {
  broker.approvals = [approval('ap_1', '{"a":1}')];
  const always = await run('approve ap_1 --for always --match suggested:1 --all');
  expect(always.code).toBe(0);
  expect(always.out).toContain('30 days');
  await run('deny ap_1 --reason because --pause-client');
  expect(broker.calls.filter((call) => call.operation !== 'approval.list').map((call) => call.input)).toEqual([
    { id: 'ap_1', nonce: 'n-ap_1', for: 'always', match: 'suggested:1', calls: 'all' },
    { id: 'ap_1', nonce: 'n-ap_1', for: 'once', match: 'any', reason: 'because', pauseClient: true },
  ]);
});

test('a number beyond 2^53 is printed as it was asked about', async () => {
  broker.approvals = [approval('ap_1', '{ "id":\n 12345678901234567890, "x": 1.0 }')];
  const { out } = await run('pending --json');
  expect(out).toContain('12345678901234567890');
  expect(out).toContain('1.0');
  expect(out.trimEnd()).not.toContain('\n');
  expect((await run('approve ap_1')).out).toContain('12345678901234567890');
});

test('nothing unseen is approved: cut or hidden content needs the digest of exactly this request', async () => {
  const long = approval('ap_long', JSON.stringify({ body: 'a'.repeat(3000), tail: 1 }));
  const bidi = approval('ap_bidi', JSON.stringify({ body: 'safe\u202Eevil' }));
  const escaped = approval('ap_escaped', '{"body":"a\\u200bb"}');
  broker.approvals = [long, bidi, escaped];
  for (const item of broker.approvals) {
    for (const json of ['', ' --json']) {
      const { code, err } = await run(`approve ${item.id}${json}`);
      expect([item.id, code]).toEqual([item.id, 4]);
      expect(err).toContain(`--digest ${item.digest}`);
      expect((await run(`approve ${item.id} --digest ${'0'.repeat(64)}${json}`)).code).toBe(4);
    }
  }
  expect(broker.calls.some((call) => call.operation === 'approval.approve')).toBe(false);
  const cut = await run('approve ap_long');
  expect(cut.out).toContain('cut here: the whole value has 3,002 bytes, sha256 ');
  expect((await run('approve ap_bidi')).out).toContain('safe\\u{202e}evil');
  expect((await run('approve ap_long --full')).code).toBe(0);
  for (const item of broker.approvals) expect((await run(`approve ${item.id} --digest ${item.digest}`)).code).toBe(0);
});

test('arguments that are not those of the digest are not approved', async () => {
  broker.approvals = [approval('ap_1', '{"a":1}', { argumentsText: '{"a":2}' })];
  expect((await run('approve ap_1')).code).toBe(1);
  expect(broker.calls.map((call) => call.operation)).toEqual(['approval.list']);
});

test('a secret comes from standard input, less one newline, and never from an argument', async () => {
  for (const [input, value] of [
    ['abc\n', 'abc'],
    ['abc\r\n', 'abc'],
    ['abc\n\n', 'abc\n'],
    ['abc', 'abc'],
    [' a b ', ' a b '],
    ['\uFEFFx', '\uFEFFx'],
  ] as const) {
    broker.calls.length = 0;
    expect((await run('secret set key', { input })).code).toBe(0);
    expect(broker.calls[0]?.input).toEqual({ name: 'key', value });
  }
  for (const input of ['', '\n', Buffer.from([0xff, 0xfe]), 'x'.repeat(600_000)])
    expect((await run('secret set key', { input })).code).toBe(2);
});

test('pending --watch: what waits first, then each new one, one object a line; SIGTERM ends it with 0', async () => {
  broker.approvals = [approval('ap_1', '{"a":1}')];
  const child = launch(['pending', '--watch', '--json'], { home: broker.home, token });
  let out = '';
  child.stdout?.setEncoding('utf8').on('data', (part) => {
    out += part;
  });
  await until(() => out.includes('ap_1'));
  broker.approvals = [...broker.approvals, approval('ap_2', '{"a":2}')];
  broker.topics.publish('grant');
  broker.topics.publish('approval');
  await until(() => out.includes('ap_2'));
  const ended = new Promise((resolve) => child.on('close', resolve));
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
  expect(
    out
      .trimEnd()
      .split('\n')
      .map((line) => v.approval.parse(JSON.parse(line)).id),
  ).toEqual(['ap_1', 'ap_2']);
});

test('log --follow: one object a line', async () => {
  broker.entries = [1, 2].map((seq) => ({ seq, at, type: 'asked', hash: createHash('sha256').update(`${seq}`).digest('hex') }));
  const child = launch(['log', '--follow', '--client', 'cursor', '--json'], { home: broker.home, token });
  let out = '';
  child.stdout?.setEncoding('utf8').on('data', (part) => {
    out += part;
  });
  await until(() => out.split('\n').length === 3);
  const ended = new Promise((resolve) => child.on('close', resolve));
  child.kill('SIGINT');
  expect(await ended).toBe(0);
  expect(
    out
      .trimEnd()
      .split('\n')
      .map((line) => v.entry.parse(JSON.parse(line)).seq),
  ).toEqual([1, 2]);
  expect(broker.calls.at(-1)?.input).toEqual({ client: 'cursor' });
});

test('help everywhere, on stdout, with an example, exit 0', async () => {
  const commands = [
    '',
    ...shapes.map(([words]) =>
      words
        .split(' ')
        .slice(0, 2)
        .filter((word) => /^[a-z]+$/.test(word) && word !== 'ap')
        .join(' '),
    ),
    'serve',
    'recover',
    'console',
    'doctor',
    'operator pin set',
    'operator signin',
    'connect',
  ];
  const results = await inTwos(someOf([...new Set(commands)], 3), async (words) => ({
    words,
    ...(await gatehouse([...words.split(' ').filter(Boolean), '--help'], { home: empty })),
  }));
  for (const { words, code, out, err } of results) {
    expect([words, code, err]).toEqual([words, 0, '']);
    expect(out).toMatch(/Examples?:|Example, in/);
    expect(out).toContain('--home DIR');
  }
});

test('doctor needs no broker: each check with its state, and the mend where there is something to mend', async () => {
  const shape = z.object({
    ok: z.boolean(),
    checks: z.array(
      z.object({ name: z.string(), state: z.enum(['ok', 'warning', 'failed']), says: z.string(), mend: z.string().nullable() }),
    ),
  });
  const none = shape.parse(JSON.parse((await gatehouse(['doctor', '--json'], { home: empty })).out));
  expect(none.checks.map((check) => check.name)).toEqual(['node', 'home', 'keychain', 'broker', 'PIN', 'secrets', 'installed']);
  expect(none.checks.filter((check) => check.state !== 'ok').every((check) => check.mend !== null)).toBe(true);
  broker.protected = false;
  const running = shape.parse(JSON.parse((await gatehouse(['doctor', '--json'], { home: broker.home })).out));
  expect(running.checks.find((check) => check.name === 'broker')?.state).toBe('ok');
  expect(running.checks.find((check) => check.name === 'PIN')?.state).toBe('warning');
});

test('the console address is never given to a pipe', async () => {
  const { code, out, err } = await run('console --print');
  expect([code, out]).toEqual([4, '']);
  expect(err).not.toContain('secret');
  // Whether one runs is asked, which needs no credential; no way in is.
  expect(broker.calls.map(({ operation }) => operation)).toEqual(['status']);
});

async function until(holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 15_000; !holds(); ) {
    if (Date.now() > end) throw new Error('waited too long');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function inTwos<T, R>(list: readonly T[], each: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < list.length; at += 2) results.push(...(await Promise.all(list.slice(at, at + 2).map(each))));
  return results;
}
