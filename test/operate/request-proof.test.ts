// Operator calls over the socket: the token signs and never crosses; a socket in the broker's place gets nothing and changes nothing.

import { mkdirSync, mkdtempSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { operatorLink } from '../../broker/cli/operator-link.ts';
import { socketPath } from '../../broker/host/home.ts';
import { claimIn, keyOfToken, proves, signCall } from '../../broker/operate/request-proof.ts';
import { start } from '../../broker/start.ts';

let broker: Awaited<ReturnType<typeof start>>;
let token: string;
const real = mkdtempSync(join(tmpdir(), 'gatehouse-proof-'));
/** A home whose operate socket is somebody else's: it passes on to the real one, and may look and meddle on the way. */
const squatted = mkdtempSync(join(tmpdir(), 'gatehouse-squat-'));
const heard: string[] = [];
let meddle: (body: Buffer) => Buffer = (body) => body;
let meddleAnswer: (body: Buffer) => Buffer = (body) => body;

const squatter = createServer(async (req, res) => {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  const body = meddle(Buffer.concat(chunks));
  heard.push(JSON.stringify(req.headers) + body.toString());
  const headers = { ...req.headers, 'content-length': String(body.length) };
  const on = request({ socketPath: socketPath(real, 'operate'), path: req.url, method: req.method, headers }, async (answer) => {
    const parts: Buffer[] = [];
    for await (const part of answer) parts.push(part as Buffer);
    const text = meddleAnswer(Buffer.concat(parts));
    res.writeHead(answer.statusCode ?? 500, { ...answer.headers, 'content-length': String(text.length) }).end(text);
  });
  on.end(body);
});

beforeAll(async () => {
  broker = await start({ home: real, vault: 'sealed-file', passphrase: 'correct horse', operator: true, prove: async () => null });
  token = broker.ready.operatorToken as string;
  mkdirSync(join(squatted, 'run'), { mode: 0o700 });
  await new Promise<void>((resolve) => squatter.listen(socketPath(squatted, 'operate'), resolve));
});
afterAll(async () => {
  squatter.close();
  squatter.closeAllConnections();
  await broker.stop();
});

test('a socket in between hears no token, and what it passes on unchanged works', async () => {
  expect(await operatorLink(squatted, token).grant.list()).toEqual([]);
  expect(heard.length).toBe(1);
  expect(heard[0]).not.toContain(token);
  expect(heard[0]).not.toContain(keyOfToken(token).toString('hex'));
});

test('it cannot change what is asked', async () => {
  meddle = (body) => Buffer.from(body.toString().replace('away-not', 'away-yes'));
  await expect(operatorLink(squatted, token).secret.set({ name: 'x', value: 'away-not' })).rejects.toThrow();
  meddle = (body) => body;
  expect(await operatorLink(real, token).secret.list()).toEqual([]);
});

test('it cannot change what is answered', async () => {
  meddleAnswer = (body) => Buffer.from(body.toString().replace('[]', '[ ]'));
  await expect(operatorLink(squatted, token).grant.list()).rejects.toThrow(/not the broker/);
  meddleAnswer = (body) => body;
});

test('it cannot make a call again, nor one of its own', async () => {
  const call = signCall(token, '/api/grant/list', Buffer.from('{}'), Date.now());
  const send = (authorization: string, path = '/api/grant/list') =>
    new Promise<number>((resolve) => {
      const headers = { authorization, 'content-type': 'application/json' };
      request({ socketPath: socketPath(real, 'operate'), path, method: 'POST', headers }, (res) => {
        res.resume();
        resolve(res.statusCode ?? 0);
      }).end('{}');
    });
  expect(await send(call.authorization)).toBe(200);
  expect(await send(call.authorization), 'again').toBe(401);
  expect(
    await send(signCall(token, '/api/grant/list', Buffer.from('{}'), Date.now()).authorization, '/api/server/list'),
    'another call',
  ).toBe(401);
  expect(await send(signCall(token, '/api/grant/list', Buffer.from('{}'), Date.now() - 120_000).authorization), 'too old').toBe(401);
  expect(await send(signCall(`${token}x`, '/api/grant/list', Buffer.from('{}'), Date.now()).authorization), 'another token').toBe(401);
});

test('a large body is waited for only where the call names a credential: others are refused by its announced length', async () => {
  const path = '/api/clientFile/seal';
  const announce = (by: string) =>
    new Promise<number>((resolve, reject) => {
      const { authorization } = signCall(by, path, Buffer.from('{}'), Date.now());
      const headers = { authorization, 'content-type': 'application/json', 'content-length': String(8 * 1024 * 1024) };
      const req = request({ socketPath: socketPath(real, 'operate'), path, method: 'POST', headers }, (res) => {
        resolve(res.statusCode ?? 0);
        req.destroy();
      });
      req.on('error', reject);
      req.flushHeaders();
      setTimeout(() => {
        resolve(0);
        req.destroy();
      }, 1_500);
    });
  expect(await announce(`${token}x`)).toBe(401);
  expect(await announce(token), 'still waiting for the rest').toBe(0);
});

test('a claim is read in one way only', () => {
  const { authorization } = signCall('gho_x', '/api/a', Buffer.from('b'), 5);
  const claim = claimIn(authorization);
  expect(claim && proves(claim, keyOfToken('gho_x'), '/api/a', Buffer.from('b'))).toBe(true);
  for (const other of [
    `${authorization} `,
    authorization.toLowerCase(),
    authorization.replace('at="5"', 'at="05x"'),
    'Bearer gho_x',
    undefined,
  ])
    expect(claimIn(other)).toBe(null);
});
