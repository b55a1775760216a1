// The console's files: a fixed map, the strictest policy, and nothing about what is not there.
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { consoleFiles } from '../../broker/operate/console-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-console-'));
let server: Server;
let port = 0;
let files: ReturnType<typeof consoleFiles>;

beforeAll(async () => {
  mkdirSync(join(folder, 'assets', 'deep'), { recursive: true });
  writeFileSync(join(folder, 'index.html'), '<p>console</p>');
  writeFileSync(join(folder, 'gatehouse.svg'), '<svg/>');
  writeFileSync(join(folder, 'notes.txt'), 'not served');
  writeFileSync(join(folder, 'assets', 'main-abc123.js'), 'alert');
  writeFileSync(join(folder, 'assets', 'deep', 'x.js'), 'no');
  symlinkSync('/etc/passwd', join(folder, 'assets', 'passwd.js'));
  files = consoleFiles(folder);
  writeFileSync(join(folder, 'assets', 'late.js'), 'late');
  server = createServer((req, res) => files.handle(req, res)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

function get(
  path: string,
  method = 'GET',
  headers: Record<string, string> = {},
): Promise<{ status: number; body: string; headers: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    const req = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (res) => {
      let body = '';
      res.setEncoding('utf8').on('data', (part) => {
        body += part;
      });
      res.on('end', () => resolve({ status: res.statusCode ?? 0, body, headers: res.headers }));
    });
    req.on('error', reject).end();
  });
}

test('the page and its files, each with its own time to be kept', async () => {
  const page = await get('/');
  expect([page.status, page.body]).toEqual([200, '<p>console</p>']);
  expect(page.headers).toMatchObject({
    ...{ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' },
    ...{
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'content-type': 'text/html; charset=utf-8',
    },
  });
  const policy = String(page.headers['content-security-policy']);
  for (const part of [
    "default-src 'none'",
    "script-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ])
    expect(policy).toContain(part);
  expect(policy).not.toMatch(/unsafe|\*|https?:/);
  const script = await get('/assets/main-abc123.js');
  expect([script.status, script.body, script.headers['cache-control']]).toEqual([200, 'alert', 'public, max-age=31536000, immutable']);
  expect((await get('/gatehouse.svg')).headers['cache-control']).toBe('no-cache');
  const head = await get('/', 'HEAD');
  expect([head.status, head.body, head.headers['content-length']]).toEqual([200, '', '14']);
});

test('what is not in the map is 401 without a word, whatever way it is written', async () => {
  for (const path of [
    '/index.html',
    '/notes.txt',
    '/assets',
    '/assets/',
    '/assets/late.js',
    '/assets/deep/x.js',
    '/assets/passwd.js',
    '/assets/../index.html',
    '/../../etc/passwd',
    '/assets/%2e%2e/index.html',
    '//',
    '/?x',
    '/assets/main-abc123.js?x',
    '/%00',
    '/constructor',
    '/__proto__',
  ]) {
    const { status, body } = await get(path);
    expect([path, status, body]).toEqual([path, 401, '']);
  }
});

test('only reading, and only under our own name', async () => {
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) expect((await get('/', method)).status).toBe(405);
  for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1', `127.0.0.1:${port + 1}`])
    expect((await get('/', 'GET', { host })).status).toBe(401);
  expect((await get('/', 'GET', { host: `localhost:${port}` })).status).toBe(200);
});

test('a console that is not built says so', () => {
  expect(files.built).toBe(true);
  expect(consoleFiles(join(folder, 'nowhere')).built).toBe(false);
});
