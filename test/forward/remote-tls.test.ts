// TLS to a server elsewhere: a certificate nobody trusts is refused, one for another name too, and ours is shown where the vault has one.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import * as tls from 'node:tls';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { RemoteLaunch } from '../../broker/forward/needs.ts';
import { type Bench, bench, params } from './support.ts';

let b: Bench;
let url: string;
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-tls-'));
const file = (name: string) => join(folder, name);
const text = (name: string) => readFileSync(file(name), 'utf8');
const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
const shown: string[] = [];
const usual = tls.getCACertificates('default');

/** A key and a certificate for `name`, signed by the test's own authority. */
function certify(name: string, subject: string): void {
  openssl(
    'req',
    '-new',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.csr`,
    '-subj',
    `/CN=${name}`,
    '-addext',
    `subjectAltName=${subject}`,
  );
  openssl(
    'x509',
    '-req',
    '-in',
    `${name}.csr`,
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-days',
    '2',
    '-copy_extensions',
    'copy',
    '-out',
    `${name}.pem`,
  );
}

const server = () =>
  createServer(
    { key: text('here.key'), cert: text('here.pem'), ca: text('ca.pem'), requestCert: true, rejectUnauthorized: false },
    async (request, response) => {
      const peer = (request.socket as TLSSocket).getPeerCertificate();
      shown.push(peer?.subject ? String(peer.subject.CN) : 'nobody');
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      if (!(request.socket as TLSSocket).authorized) return void response.writeHead(401).end();
      const message = JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}');
      if (message.id === undefined) return void response.writeHead(request.method === 'POST' ? 202 : 405).end();
      const result =
        message.method === 'initialize' ? { protocolVersion: '2025-11-25', capabilities: {}, serverInfo: { name: 't', version: '1' } } : {};
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id: message.id, result }));
    },
  );
let running: ReturnType<typeof server>;

beforeAll(async () => {
  openssl(
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-days',
    '2',
    '-subj',
    '/CN=test authority',
  );
  certify('here', 'DNS:localhost');
  certify('gatehouse', 'DNS:client');
  running = server();
  await new Promise<void>((resolve) => running.listen(0, '127.0.0.1', resolve));
  url = `https://localhost:${(running.address() as AddressInfo).port}/mcp`;
});
afterEach(async () => {
  tls.setDefaultCACertificates(usual);
  await b?.pool.close();
});
afterAll(() => {
  running.close();
  rmSync(folder, { recursive: true, force: true });
});

const remote = (more: Partial<RemoteLaunch> = {}): RemoteLaunch => ({
  ...{ server: 'far', era: 'handshake', url, transport: 'auto', headers: {}, secretHeaders: {}, clientCert: null, reach: 'loopback' },
  ...more,
});

test('whom nobody trusts is refused before a word', async () => {
  b = bench();
  await expect(b.pool.probe(remote(), {})).rejects.toThrow('signed by nobody this computer trusts');
  tls.setDefaultCACertificates([...usual, text('ca.pem')]);
  await expect(b.pool.probe(remote({ url: url.replace('localhost', '127.0.0.1') }), {})).rejects.toThrow(
    'its certificate is for another name',
  );
  expect(shown).toEqual([]);
});

test('without our certificate it says who it wants; with it, it serves', async () => {
  tls.setDefaultCACertificates([...usual, text('ca.pem')]);
  b = bench();
  await expect(b.pool.probe(remote(), {})).rejects.toThrow('wants to know who is asking (HTTP 401)');
  b.secrets.set('cert', text('gatehouse.pem') + text('gatehouse.key'));
  const offer = await b.pool.probe(remote({ clientCert: 'cert' }), JSON.parse(params));
  expect(offer.era).toBe('handshake');
  expect([...new Set(shown)].toSorted()).toEqual(['gatehouse', 'nobody']);
});
