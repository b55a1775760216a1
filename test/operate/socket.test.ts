// The door in the home folder: 0600 from its first moment, one broker, and what a dead one left is replaced.
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { fromOurPage } from '../../broker/operate/arrival.ts';
import { openOperateSocket } from '../../broker/operate/socket.ts';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-socket-'));
const address = join(folder, 'operate.sock');
afterAll(() => rmSync(folder, { recursive: true }));

function ask(headers: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    request({ socketPath: address, path: '/', headers, agent: false }, (res) => {
      res.resume();
      resolve(res.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

test('0600, answers, refuses a second broker, and leaves nothing behind', async () => {
  const before = process.umask();
  const socket = await openOperateSocket(address, (req, res) => res.writeHead(fromOurPage(req, 'socket') ? 200 : 403).end());
  expect(process.umask()).toBe(before);
  expect(statSync(address).mode & 0o777).toBe(0o600);
  expect(await ask()).toBe(200);
  // No browser reaches a socket; what says it is one, is something else.
  expect(await ask({ origin: 'http://127.0.0.1:1' })).toBe(403);
  expect(await ask({ 'sec-fetch-site': 'same-origin' })).toBe(403);
  await expect(openOperateSocket(address, () => {})).rejects.toMatchObject({ code: 'conflict' });
  expect(await ask()).toBe(200);
  await socket.close();
  await expect(ask()).rejects.toMatchObject({ code: 'ENOENT' });
});

test('what a dead broker left is replaced', async () => {
  writeFileSync(address, '');
  const socket = await openOperateSocket(address, (_req, res) => res.writeHead(204).end());
  expect(await ask()).toBe(204);
  await socket.close();
});
