import { spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { socketPath } from '../../broker/host/home.ts';
import { beginConnecting, type Facts } from '../../broker/identify/challenge.ts';
import { mintToken } from '../../broker/identify/credential.ts';
import type { ConnectorDoor } from '../../broker/receive/connector-door.ts';
import { GatehouseError } from '../../shared/errors.ts';
import { within } from '../support/scale.ts';
import { type Home, initialize, makeHome, openDoor, request, until } from './connector-fixture.ts';

let home: Home;
let doors: ConnectorDoor[];
let sockets: Socket[];

beforeEach(() => {
  home = makeHome();
  doors = [];
  sockets = [];
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  for (const door of doors) await door.close();
  home.remove();
});

async function open(...args: Parameters<typeof openDoor> extends [Home, ...infer Rest] ? Rest : never) {
  const opened = await openDoor(home, ...args);
  doors.push(opened.door);
  return opened;
}

const facts: Facts = { client: 'claude', only: null, folder: '/proj', process: { pid: process.pid, startedAt: 'x:1' } };

interface Raw {
  readonly socket: Socket;
  readonly lines: string[];
  readonly closed: Promise<void>;
}

function raw(): Raw {
  const socket = connect(socketPath(home.folder, 'connect'));
  sockets.push(socket);
  const lines: string[] = [];
  let held = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    const parts = (held + text).split('\n');
    held = parts.pop() ?? '';
    lines.push(...parts);
  });
  socket.on('error', () => {});
  return { socket, lines, closed: new Promise((resolve) => socket.once('close', () => resolve())) };
}

async function proven(token = home.token, more: Partial<Facts> = {}, operatorToken?: string): Promise<Raw> {
  const one = raw();
  const mine = beginConnecting(token, { ...facts, ...more });
  one.socket.write(`${mine.hello}\n`);
  const challenge = await until(() => one.lines.shift());
  one.socket.write(`${mine.prove(challenge, operatorToken)}\n`);
  expect(JSON.parse(await until(() => one.lines.shift()))).toEqual({ gatehouse: 'ready', protocol: 1 });
  return one;
}

it('listens where only this user can reach it', async () => {
  const { door } = await open();
  expect(statSync(door.path).mode & 0o777).toBe(0o600);
  await door.close();
  expect(existsSync(door.path)).toBe(false);
});

it('lets a proven connector talk, and tells who came', async () => {
  const { seen, door } = await open();
  const one = await proven(home.token, { only: 'github' });
  expect(seen[0]?.arrival).toEqual({ client: 'claude', via: 'connector', folder: '/proj', process: facts.process, only: 'github' });
  const odd = '{"jsonrpc":"2.0", "params":{"n":12345678901234567890,"z":1,"a":"\u2028é"},  "method":"tools/call","id":"x"}';
  one.socket.write(`${odd}\n`);
  await until(() => one.lines.length > 0);
  expect(seen[0]?.messages[0]?.text).toBe(odd);
  expect(door.count()).toBe(1);
  one.socket.destroy();
  await until(() => seen[0]?.ended);
  expect(door.count()).toBe(0);
});

it('takes what comes in pieces, and many lines at once', async () => {
  const { seen } = await open();
  const one = await proven();
  const text = Array.from({ length: 50 }, (_, id) => JSON.stringify(request(id, 'ping', { t: 'ä'.repeat(id) }))).join('\n');
  for (const byte of Buffer.from(`${text}\n`)) one.socket.write(Buffer.of(byte));
  await until(() => one.lines.length === 50);
  expect(seen[0]?.messages.map(({ id }) => id)).toEqual(Array.from({ length: 50 }, (_, id) => id));
});

it('refuses a wrong proof, a replayed one, and a client nobody knows; none reaches a connection', async () => {
  const { seen } = await open();
  const whole = await proven();
  whole.socket.destroy();
  await until(() => seen[0]?.ended);
  for (const line of [
    '{}',
    '{"gatehouse":"proof","proof":"AA"}',
    `{"gatehouse":"proof","proof":"${'A'.repeat(43)}","operatorToken":null}`,
  ]) {
    for (const client of ['claude', 'nobody']) {
      const one = raw();
      one.socket.write(`${beginConnecting(home.token, { ...facts, client }).hello}\n${line}\n${JSON.stringify(initialize())}\n`);
      await one.closed;
      expect(one.lines.slice(1).map((text) => JSON.parse(text))).toEqual([{ gatehouse: 'refused', why: 'not-proved' }]);
    }
  }
  // Everything a listener could have taped, said again.
  const tape = raw();
  const mine = beginConnecting(home.token, facts);
  tape.socket.write(`${mine.hello}\n`);
  const proof = mine.prove(await until(() => tape.lines.shift()));
  tape.socket.destroy();
  const again = raw();
  again.socket.write(`${mine.hello}\n${proof}\n`);
  await again.closed;
  expect(again.lines.slice(1).map((text) => JSON.parse(text))).toEqual([{ gatehouse: 'refused', why: 'not-proved' }]);
  expect(seen).toHaveLength(1);
});

it('closes on anything that is not a hello, and on MCP without a proof', async () => {
  const { seen } = await open();
  for (const text of ['GET /mcp HTTP/1.1\r\nHost: x\r\n\r\n', `${JSON.stringify(initialize())}\n`, '\n', '{"gatehouse":"hello"}\n']) {
    const one = raw();
    one.socket.write(text);
    await one.closed;
    expect(one.lines).toEqual(['{"gatehouse":"refused","why":"not-proved"}']);
  }
  expect(seen).toEqual([]);
});

it('gives the proof 8 KiB a line and a short time', async () => {
  await open({}, { proofMs: 150 });
  const long = raw();
  long.socket.write('x'.repeat(9000));
  await long.closed;
  expect(long.lines).toEqual([]);
  const began = Date.now();
  const slow = raw();
  const drip = setInterval(() => slow.socket.write(' '), 20);
  await slow.closed;
  clearInterval(drip);
  expect(Date.now() - began).toBeLessThan(within(2000));
});

it('hands on an operator token to be revoked, and the process for evidence, before the client may speak', async () => {
  const order: unknown[] = [];
  await open({
    revokeOperatorToken: (digest) => order.push(digest),
    clientProcess: (process, client) => order.push([process, client]),
    accept() {
      order.push('accept');
      throw new GatehouseError('refused', 'This client is paused.', 'Ask the operator to resume it.');
    },
  });
  const one = raw();
  const mine = beginConnecting(home.token, facts);
  one.socket.write(`${mine.hello}\n`);
  one.socket.write(`${mine.prove(await until(() => one.lines.shift()), 'gho_x')}\n`);
  await one.closed;
  expect(JSON.parse(one.lines[0] ?? '')).toEqual({
    gatehouse: 'refused',
    why: 'refused',
    words: 'This client is paused. Ask the operator to resume it.',
  });
  expect(order).toEqual([hash('sha256', 'gho_x', 'hex'), [facts.process, 'claude'], 'accept']);
});

it('says nothing of a fault of its own but that there was one', async () => {
  const faults: unknown[] = [];
  const { seen } = await open({ report: (error) => faults.push(error) });
  const one = await proven();
  (seen[0] as { messages: { push(): void } }).messages.push = () => {
    throw new Error('/home/u/secret');
  };
  one.socket.write(`${JSON.stringify(request(1, 'ping'))}\n`);
  expect(JSON.parse(await until(() => one.lines.shift())).error).toEqual({ code: -32603, message: 'Gatehouse failed at this message.' });
  expect(faults).toHaveLength(1);
});

it('answers what may not pass with its id where that is sure, and goes on', async () => {
  await open();
  const one = await proven();
  one.socket.write('{"jsonrpc":"1.0","id":7,"method":"x"}\nnot json\n{"jsonrpc":"2.0","id":8,"method":"ping"}\n');
  await until(() => one.lines.length === 3);
  expect(one.lines.map((line) => [JSON.parse(line).id, JSON.parse(line).error?.code])).toEqual([
    [7, -32600],
    [null, -32700],
    [8, undefined],
  ]);
});

it('passes a line of 10 MiB and refuses one byte more', async () => {
  const { seen } = await open();
  const one = await proven();
  const make = (bytes: number, id: number) => {
    const frame = JSON.stringify(request(id, 'hang', { a: '' }));
    return frame.replace('""', `"${'x'.repeat(bytes - frame.length)}"`);
  };
  const limit = 10 * 1024 * 1024;
  one.socket.write(`${make(limit, 1)}\n`);
  await until(() => seen[0]?.messages.length === 1, 20_000);
  one.socket.write(`${make(limit + 1, 2)}\n${JSON.stringify(request(3, 'ping'))}\n`);
  await until(() => one.lines.length === 2, 20_000);
  expect(one.lines.map((line) => [JSON.parse(line).id, JSON.parse(line).error?.code])).toEqual([
    [null, -32600],
    [3, undefined],
  ]);
  expect(seen[0]?.messages.map(({ id }) => id)).toEqual([1, 3]);
});

it('keeps a message on one line, whatever white space its JSON has', async () => {
  const { seen } = await open();
  const one = await proven();
  seen[0]?.down.send({ text: '{\r\n"jsonrpc":"2.0",\n"method":"a\u2028b\u0085"}' });
  expect(await until(() => one.lines.shift())).toBe('{ "jsonrpc":"2.0", "method":"a\u2028b\u0085"}');
});

it('stops reading a client that does not read, and ends one that never does', async () => {
  const { seen } = await open({}, { unsentEnd: 16 * 1024 * 1024 });
  const one = await proven();
  one.socket.pause();
  const big = 'y'.repeat(100_000);
  // Each request makes a reply of the same size, which nobody takes.
  for (let id = 0; id < 400; id += 1) one.socket.write(`${JSON.stringify(request(id, 'ping', { big }))}\n`);
  await until(() => (seen[0]?.messages.length ?? 0) > 5, 20_000);
  await new Promise((resolve) => setTimeout(resolve, 500));
  const served = seen[0]?.messages.length ?? 0;
  expect(served).toBeLessThan(100);
  one.socket.resume();
  await until(() => one.lines.length === 400, 20_000);
  one.socket.pause();
  for (let at = 0; at < 400; at += 1) seen[0]?.down.send({ text: JSON.stringify({ jsonrpc: '2.0', method: 'n', params: { big } }) });
  expect(seen[0]?.ended).toMatch(/does not read/);
});

it('closes every connector of a revoked client at once, proven or on its way, and no other', async () => {
  const other = mintToken();
  const { verifierOf } = await import('../../broker/identify/credential.ts');
  home.verifiers.set('cursor', verifierOf(other));
  const { door, seen } = await open();
  const [one, two, theirs] = [await proven(), await proven(), await proven(other, { client: 'cursor' })];
  const onItsWay = raw();
  onItsWay.socket.write(`${beginConnecting(home.token, facts).hello}\n`);
  await until(() => onItsWay.lines.length);
  home.verifiers.delete('claude');
  door.endClient('claude', 'it was revoked');
  await Promise.all([one.closed, two.closed, onItsWay.closed]);
  expect(seen.map(({ ended }) => ended)).toEqual(['it was revoked', 'it was revoked', null]);
  theirs.socket.write(`${JSON.stringify(request(1, 'ping'))}\n`);
  await until(() => theirs.lines.length);
});

it('is not opened twice, takes over what a dead broker left, and nothing else', async () => {
  const { door } = await open();
  await expect(openDoor(home)).rejects.toMatchObject({ code: 'conflict' });
  await door.close();
  // A process that is killed leaves its socket file behind.
  const dead = spawn(process.execPath, [
    '-e',
    `require('net').createServer().listen(${JSON.stringify(door.path)}, () => process.kill(process.pid, 'SIGKILL'))`,
  ]);
  await new Promise((resolve) => dead.once('exit', resolve));
  expect(existsSync(door.path)).toBe(true);
  const { door: next } = await open();
  await proven();
  await next.close();
  writeFileSync(door.path, 'precious');
  await expect(openDoor(home)).rejects.toMatchObject({ code: 'unavailable' });
  expect(existsSync(door.path)).toBe(true);
});

it('leaves a socket alone that somebody answers on, whoever that is', async () => {
  const path = socketPath(home.folder, 'connect');
  const squatter = createServer(() => {});
  await new Promise<void>((resolve) => squatter.listen(path, resolve));
  await expect(openDoor(home)).rejects.toMatchObject({ code: 'conflict' });
  expect(squatter.listening && existsSync(path)).toBe(true);
  squatter.close();
});
