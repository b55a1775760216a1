// A registry of npm packages on loopback: holds what a test puts there, and counts what it is asked.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface NpmRegistry {
  readonly address: string;
  readonly asked: string[];
  /** Puts one version there, in the place of what was there; gives its integrity. */
  publish(name: string, version: string, files: Readonly<Record<string, string>>, manifest: object): string;
  /** Hangs up on whoever asks from now on. */
  setReachable(yes: boolean): void;
  close(): void;
}

interface Published {
  readonly version: string;
  readonly manifest: object;
  readonly bytes: Buffer;
  readonly integrity: string;
}

export async function npmRegistry(): Promise<NpmRegistry> {
  const asked: string[] = [];
  let reachable = true;
  const published = new Map<string, Published>();
  /** The same files are the same bytes again: an archive has its time in it. */
  const made = new Map<string, Buffer>();
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '').slice(1);
    asked.push(path);
    if (!reachable) return void request.socket.destroy();
    const address = `http://${request.headers.host}`;
    const [name = '', file] = path.split('/-/');
    const one = published.get(name);
    if (!one || request.method !== 'GET') return void response.writeHead(404, { 'content-type': 'application/json' }).end('{}');
    const { version, manifest, bytes, integrity } = one;
    if (file !== undefined) return void response.end(bytes);
    const shasum = createHash('sha1').update(bytes).digest('hex');
    const dist = { integrity, shasum, tarball: `${address}/${name}/-/package.tgz` };
    const body = { name, 'dist-tags': { latest: version }, versions: { [version]: { name, version, ...manifest, dist } } };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    publish(name, version, files, manifest) {
      const whole = { 'package.json': JSON.stringify({ name, version, ...manifest }), ...files };
      const bytes = made.get(JSON.stringify(whole)) ?? packed(whole);
      made.set(JSON.stringify(whole), bytes);
      const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
      published.set(name, { version, manifest, bytes, integrity });
      return integrity;
    },
    setReachable(yes) {
      reachable = yes;
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function packed(files: Readonly<Record<string, string>>): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-package-'));
  try {
    mkdirSync(join(folder, 'package'));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, 'package', name), text, { mode: 0o755 });
    execFileSync('tar', ['-czf', join(folder, 'package.tgz'), '-C', folder, 'package']);
    return readFileSync(join(folder, 'package.tgz'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
