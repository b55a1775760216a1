// The command line at a real pseudo-terminal: the PIN without echo, the request shown before it, and texts that try to spoof the screen.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { scale } from '../support/scale.ts';
import { approval, at, type FakeBroker, fakeBroker, pin, token } from './fake-broker.ts';
import { atTerminal, gatehouse } from './gatehouse.ts';

let broker: FakeBroker;
beforeAll(async () => {
  broker = await fakeBroker();
});
afterAll(() => broker.stop());
beforeEach(() => {
  broker.calls.length = 0;
  broker.approvals = [approval('ap_1', '{"path":"notes.txt"}')];
  broker.entries = [];
  Object.assign(broker, { protected: true, verifies: true, critical: false });
});
const done = (operation: string) => broker.calls.filter((call) => call.operation === operation);

test('approve with a PIN: shown first, then asked again; the PIN is never on the screen', async () => {
  const { code, screen } = await atTerminal(['approve', 'ap_1'], { home: broker.home }, [
    ['PIN: ', `${pin}\r`],
    ['PIN, to approve what is shown above: ', `${pin}\r`],
  ]);
  expect(code).toBe(0);
  expect(screen).not.toContain(pin);
  expect(screen.indexOf('notes.txt')).toBeGreaterThan(-1);
  expect(screen.indexOf('notes.txt')).toBeLessThan(screen.indexOf('to approve what is shown above'));
  expect(done('approval.approve').map((call) => call.by)).toEqual(['pin:once']);
});

test('what was typed before the question does not answer it', async () => {
  const { code } = await atTerminal(['approve', 'ap_1'], { home: broker.home, token, env: {} }, []);
  expect(code).toBe(0);
  broker.critical = true;
  broker.calls.length = 0;
  const early = await atTerminal(['approve', 'ap_1'], { home: broker.home, token }, [
    ['', `${pin}\r`],
    ['to approve what is shown above: ', '\u0003'],
  ]);
  expect(early.code).toBe(4);
  expect(done('operator.signIn')).toEqual([]);
});

test('a critical approval asks for the PIN although there is a token', async () => {
  broker.critical = true;
  const { code, screen } = await atTerminal(['approve', 'ap_1'], { home: broker.home, token }, [['shown above: ', `${pin}\r`]]);
  expect([code, done('approval.approve').map((call) => call.by)]).toEqual([0, ['token', 'pin:once']]);
  expect(screen.split('notes.txt')).toHaveLength(2);
});

test('a wrong PIN and an abandoned question: exit 4, nothing done', async () => {
  expect((await atTerminal(['unlock'], { home: broker.home }, [['PIN: ', 'wrong\r']])).code).toBe(4);
  for (const key of ['\u0003', '\u0004']) expect((await atTerminal(['unlock'], { home: broker.home }, [['PIN: ', key]])).code).toBe(4);
  expect(done('unlock')).toEqual([]);
  const edited = await atTerminal(['unlock'], { home: broker.home }, [['PIN: ', `zzz\u0015${pin}9\u007f\r`]]);
  expect([edited.code, done('unlock').length]).toEqual([0, 1]);
});

test('a home without a PIN does not ask for one', async () => {
  broker.protected = false;
  const { code, screen } = await atTerminal(['unlock'], { home: broker.home }, []);
  expect(code).toBe(4);
  expect(screen).toContain('has no PIN');
});

test('operator signin prints the token and nothing else; pin set and change ask twice', async () => {
  const signin = await atTerminal(['operator', 'signin', '--json'], { home: broker.home }, [['PIN: ', `${pin}\r`]]);
  expect(signin.screen).toContain('{"token":"gho_token_');
  expect(signin.screen).not.toContain(pin);
  const change = await atTerminal(['operator', 'pin', 'change'], { home: broker.home }, [
    ['Current PIN: ', `${pin}\r`],
    ['New PIN: ', 'new-pin\r'],
    ['again: ', 'new-pin\r'],
  ]);
  expect(change.code).toBe(0);
  const differ = await atTerminal(['operator', 'pin', 'change'], { home: broker.home }, [
    ['Current PIN: ', `${pin}\r`],
    ['New PIN: ', 'a\r'],
    ['again: ', 'b\r'],
  ]);
  expect(differ.code).toBe(2);
  broker.protected = false;
  const set = await atTerminal(['operator', 'pin', 'set'], { home: broker.home, token }, [
    ['New PIN: ', 'first-pin\r'],
    ['again: ', 'first-pin\r'],
  ]);
  expect(set.code).toBe(0);
  expect(done('operator.setPin').map((call) => call.input)).toEqual([{ pin: 'new-pin', current: pin }, { pin: 'first-pin' }]);
  expect(set.screen + change.screen).not.toMatch(/new-pin|first-pin/);
});

test('secret set at a terminal asks without echo', async () => {
  const { code, screen } = await atTerminal(['secret', 'set', 'key'], { home: broker.home, token }, [['(not shown): ', 'hunter2\r']]);
  expect(code).toBe(0);
  expect(screen).not.toContain('hunter2');
  expect(done('secret.set')[0]?.input).toEqual({ name: 'key', value: 'hunter2' });
});

/** One of each kind first: sequences of the terminal, lines of ours, characters that hide or turn. The long run has them all. */
const spoofs = [
  '\u001b[2J\u001b[HApproved by system',
  'a\nOperator PIN, to approve what is shown above: ',
  '\u2066a\u2069\u200B\u200D\u2060',
  '\u001b]0;title\u0007',
  '\u009b31m',
  'a\rRisk: low',
  'a\u202Etxt.exe',
  '\u{E0061}\u{E0062}',
  '\u00AD\u034F\u115F\u3164\u2800\u00A0\u2003\u2028\u2029',
  'x\uFE0F\u{E0101}',
  '\uD800',
  '\uE000\u0378',
  '\u0008\u0008\u007f',
];
// What a terminal obeys or a reader does not see.
const dangerous = /[\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800\u00A0\u2003]|(?!\n)\p{Cc}/u;

test.each(spoofs.slice(0, scale(3, spoofs.length)))('spoof %j: visible in every place a stranger can put it', async (spoof) => {
  const item = approval('ap_1', JSON.stringify({ path: spoof, [`key ${spoof}`]: 1 }), {
    ...{ capability: `tool:${spoof}`, client: `c ${spoof}`, reasons: [`r ${spoof}`], folder: spoof },
    ...{ claim: { title: spoof, description: spoof }, widths: [{ id: 'suggested:1', label: spoof }] },
  });
  broker.approvals = [item];
  broker.entries = [{ seq: 1, at, type: 'asked', hash: 'h', client: spoof, reason: spoof, extra: { [spoof]: spoof } }];
  for (const words of [
    ['approve', 'ap_1', '--digest', item.digest],
    ['pending'],
    ['log'],
    ['pending', '--json'],
    ['log', '--json'],
    ['approve', spoof],
    [spoof],
    ['status', spoof],
    ['server', 'review', 'files'],
    ['server', 'logs', 'files'],
  ]) {
    const { out, err } = await gatehouse(words, { home: broker.home, token });
    expect(out + err).not.toMatch(dangerous);
    expect((out + err).length).toBeGreaterThan(10);
    if (words.includes('--json'))
      expect(JSON.stringify(JSON.parse(out)).toWellFormed()).toContain(JSON.stringify(spoof).slice(1, -1).toWellFormed());
  }
  const { out } = await gatehouse(['approve', 'ap_1', '--digest', item.digest], { home: broker.home, token });
  // Theirs never begins a line.
  for (const line of out.split('\n')) expect(line).not.toMatch(/^(Risk|Approved by|Operator PIN)/);
});

test('a value that is padded to the next line stays behind its bar', async () => {
  broker.approvals = [approval('ap_1', JSON.stringify({ path: `${' '.repeat(200)}risk  low${' '.repeat(150)}Allow?` }))];
  const { out } = await gatehouse(['approve', 'ap_1'], { home: broker.home, token });
  const lines = out.split('\n').filter((line) => /risk {2}low|Allow\?/.test(line));
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines) expect(line).toMatch(/^ {2}\| /);
});

test('a command written in escapes is shown as what it is', async () => {
  broker.approvals = [approval('ap_1', '{"cmd":"\\u0072\\u006d -rf \\u002f","quote":"\\u0022, \\u0022safe\\u0022: 1","back":"\\\\u0041"}')];
  const { out } = await gatehouse(['approve', 'ap_1'], { home: broker.home, token });
  expect(out).toContain('| cmd: "rm -rf /"');
  expect(out).toContain('| quote: "\\", \\"safe\\": 1"');
  expect(out).toContain('| back: "\\\\u0041"');
});

test('a table fits the terminal', async () => {
  broker.approvals = [approval('ap_1', JSON.stringify({ path: '漢字'.repeat(100) }))];
  const { screen } = await atTerminal(['pending'], { home: broker.home, token, env: { COLUMNS: '80' } }, []);
  for (const line of screen.split('\r\n'))
    expect([...line].reduce((width, one) => width + (one > '\u2e80' ? 2 : 1), 0)).toBeLessThanOrEqual(80);
});

test('console: a 0600 file carries the secret, the command line of the browser does not', async () => {
  const { mkdtempSync, writeFileSync } = await import('node:fs');
  const { tmpdir } = await import('node:os');
  const bin = mkdtempSync(join(tmpdir(), 'gatehouse-bin-'));
  writeFileSync(join(bin, 'xdg-open'), `#!/bin/sh\nprintf '%s\\n' "$@" > ${bin}/seen\nenv >> ${bin}/seen\n`, { mode: 0o755 });
  const { code } = await gatehouse(['console'], { home: broker.home, token, env: { DISPLAY: ':9', PATH: `${bin}:${process.env.PATH}` } });
  expect(code).toBe(0);
  for (let tries = 0; !existsSync(join(bin, 'seen')) && tries < 100; tries++) await new Promise((resolve) => setTimeout(resolve, 20));
  await new Promise((resolve) => setTimeout(resolve, 200));
  const seen = readFileSync(join(bin, 'seen'), 'utf8');
  expect(seen.split('\n')[0]).toMatch(/^file:\/\/\/.*\/run\/console-[0-9a-f]{16}\.html$/);
  expect(seen).not.toMatch(/secret|gho_/);
  const [name = ''] = readdirSync(join(broker.home, 'run')).filter((one) => one.startsWith('console-'));
  const file = join(broker.home, 'run', name);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, 'utf8')).toContain('content="0;url=http://127.0.0.1:1/#s=secret&#38;x"');
});

test('console --print on a terminal prints the address', async () => {
  const { code, screen } = await atTerminal(['console', '--print'], { home: broker.home, token }, []);
  expect(code).toBe(0);
  expect(screen).toContain('http://127.0.0.1:1/#s=secret&x');
});
