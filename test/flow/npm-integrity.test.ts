// A package of npm that a registry's entry names: shown with the integrity that npm has, and nothing with other contents ever runs.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Candidate } from '../../shared/candidate.ts';
import type { Entry, Server } from '../../shared/vocabulary.ts';
import { closeHouse, type House, openHouse } from '../support/house.ts';
import { type NpmRegistry, npmRegistry } from '../support/npm-registry.ts';
import { operate } from '../support/operate.ts';
import { connectClient, type Help } from '../support/sdk-client.ts';

const name = '@acme/weather';
const version = '2.3.1';
const spec = `${name}@${version}`;
const user = mkdtempSync(join(tmpdir(), 'gatehouse-user-'));
const ran = (what: string) => join(user, `ran-${what}`);
const cache = join(user, '.npm');
let npm: NpmRegistry;
let entries: HttpServer;
let house: House;
let help: Help;
let integrity = '';
const api = <T>(operation: string, input?: object) => operate<T>(house.ready, operation, input);

/** A server, and a script of its installation, that each leave a mark when they run. */
function publish(mark: string): string {
  const server = `#!/usr/bin/env node
require('node:fs').writeFileSync(${JSON.stringify(ran(mark))}, '');
const reply = (id, result) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, result }) + '\\n');
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method } = JSON.parse(line);
  if (method === 'initialize') reply(id, { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo: { name: 'weather', version: '1' } });
  else if (method === 'tools/list') reply(id, { tools: [{ name: 'look', description: 'Looks', inputSchema: { type: 'object' } }] });
  else if (method === 'tools/call') reply(id, { content: [{ type: 'text', text: ${JSON.stringify(`I am ${mark}`)} }] });
  else if (id !== undefined) reply(id, {});
});
`;
  const installed = `require('node:fs').writeFileSync(${JSON.stringify(ran(`${mark}-install`))}, '');`;
  const manifest = { bin: { weather: 'server.js' }, hasInstallScript: true, scripts: { postinstall: 'node install.js' } };
  return npm.publish(name, version, { 'server.js': server, 'install.js': installed }, manifest);
}

const hasNpx = spawnSync('npx', ['--version']).status === 0;

beforeAll(async () => {
  npm = await npmRegistry();
  integrity = publish('good');
  writeFileSync(join(user, '.npmrc'), `registry=${npm.address}\n`);
  const packages = (id: string) => [
    { registryType: 'npm', identifier: name, version: id === 'gone' ? '9.9.9' : version, transport: { type: 'stdio' } },
  ];
  entries = createServer((request, response) => {
    const id = /gone|weather/.exec(decodeURIComponent(request.url ?? ''))?.[0] ?? 'weather';
    const server = { name: `io.example/${id}`, description: 'Forecasts', version, packages: packages(id) };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ server }));
  });
  await new Promise<void>((resolve) => entries.listen(0, '127.0.0.1', resolve));
  // Where this runs under npm itself, its cache would be named in our environment.
  house = await openHouse({ env: { HOME: user, npm_config_cache: cache } });
  await api('setting/set', { key: 'registry.address', value: `http://127.0.0.1:${(entries.address() as AddressInfo).port}` });
}, 120_000);
afterAll(async () => {
  await closeHouse(house);
  npm.close();
  entries.close();
  rmSync(user, { recursive: true, force: true });
});

const look = (id = 'io.example/weather') => api<Candidate>('candidate/registry', { id });

async function call(): Promise<string> {
  await api('server/restart', { name: 'weather' });
  const connected = await connectClient(help, 'http', 'weather', { capabilities: {} });
  try {
    const result = (await connected.client.callTool({ name: 'look', arguments: {} }, undefined, { timeout: 120_000 })) as {
      content: { text?: string }[];
    };
    return result.content.map(({ text = '' }) => text).join('\n');
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await connected.close();
  }
}

const trouble = async () => JSON.stringify(await api<Server>('server/show', { name: 'weather' }));

/** npx's folder of this package, as npm made it. */
const npxFolder = () => {
  const [first = ''] = readdirSync(join(cache, '_npx'));
  return join(cache, '_npx', first);
};
const list = () => join(npxFolder(), 'node_modules', '.package-lock.json');

test.skipIf(!hasNpx)(
  'shown with the integrity that npm has; a version that npm has not is refused',
  async () => {
    const shown = await look();
    expect(shown.package).toMatchObject({ registry: 'npm', identifier: name, version, integrity });
    expect([shown.command, ...shown.args]).toEqual(['npx', '-y', `--prefix=${join(house.home, 'npx')}`, spec]);
    expect(existsSync(ran('good'))).toBe(false);
    await expect(look('io.example/gone')).rejects.toThrow(/npm has no @acme\/weather 9.9.9/);
  },
  60_000,
);

test.skipIf(!hasNpx)(
  'other contents than were shown do not run, and are no server',
  async () => {
    const shown = await look();
    publish('early');
    const given = { name: 'weather', digest: shown.digest, accept: true };
    await expect(api('server/addCandidate', given)).rejects.toThrow(/npm now has other contents for @acme\/weather@2.3.1/);
    expect([existsSync(ran('early')), existsSync(ran('early-install'))]).toEqual([false, false]);
    publish('good');
    rmSync(cache, { recursive: true, force: true });
  },
  120_000,
);

test.skipIf(!hasNpx)(
  'added, installed, its scripts run, and the row and the log say which contents',
  async () => {
    const shown = await look();
    const added = await house.ask<Server>(
      'server',
      'add',
      'weather',
      '--registry',
      'io.example/weather',
      '--digest',
      shown.digest,
      '--accept',
    );
    expect(added.origin?.npm).toEqual({ name, version, integrity });
    expect([existsSync(ran('good')), existsSync(ran('good-install'))]).toEqual([true, true]);
    const log = await api<Entry[]>('log/list', { limit: 20 });
    expect(log.find(({ type }) => type === 'server.added')).toMatchObject({ integrity, package: `npm:${spec}` });
    help = await house.ask<Help>('client', 'add', 'coder', '--servers', 'all');
    await house.ask('grant', 'add', '--client', 'coder', '--server', 'weather', '--capability', 'tool:look');
    expect(await call()).toBe('I am good');
  },
  180_000,
);

test.skipIf(!hasNpx)(
  'what ran yesterday runs while npm cannot be reached, and nobody is asked',
  async () => {
    npm.setReachable(false);
    const before = npm.asked.length;
    expect(await call()).toBe('I am good');
    expect(npm.asked.slice(before)).toEqual([]);
    npm.setReachable(true);
  },
  60_000,
);

test.skipIf(!hasNpx)(
  'a copy and a configuration that lie where it is started do not count',
  async () => {
    const copy = join(user, 'node_modules', ...name.split('/'));
    mkdirSync(copy, { recursive: true });
    mkdirSync(join(user, 'node_modules', '.bin'));
    writeFileSync(join(user, 'package.json'), '{"name":"project"}');
    writeFileSync(join(copy, 'package.json'), JSON.stringify({ name, version, bin: { weather: 'server.js' } }));
    writeFileSync(join(user, 'node_modules', '.bin', 'weather'), `#!/bin/sh\ntouch ${ran('copy')}\n`, { mode: 0o755 });
    expect(await call()).toBe('I am good');
    expect(existsSync(ran('copy'))).toBe(false);
    rmSync(join(user, 'node_modules'), { recursive: true });
  },
  60_000,
);

test.skipIf(!hasNpx)(
  'another build in the folder of npx holds the server, with words, and is not run',
  async () => {
    const before = readFileSync(list(), 'utf8');
    rmSync(ran('good'));
    writeFileSync(list(), before.replace(integrity, publish('other')));
    publish('good');
    expect(await call()).toMatch(/could not be started/);
    expect(await trouble()).toMatch(/is not what was shown when it was added: sha512-/);
    expect(existsSync(ran('good'))).toBe(false);
    writeFileSync(list(), before);
    expect(await call()).toBe('I am good');
  },
  120_000,
);

test.skipIf(!hasNpx)(
  'fetched again, other contents under the same version do not run, nor does a script of theirs',
  async () => {
    rmSync(cache, { recursive: true, force: true });
    publish('evil');
    expect(await call()).toMatch(/could not be started/);
    expect(await trouble()).toMatch(/npm now has other contents for @acme\/weather@2.3.1/);
    expect([existsSync(ran('evil')), existsSync(ran('evil-install'))]).toEqual([false, false]);
    // Not even by the way of somebody else's npx later.
    expect(readdirSync(join(cache, '_npx'))).toEqual([]);
    publish('good');
    rmSync(cache, { recursive: true, force: true });
    expect(await call()).toBe('I am good');
  },
  180_000,
);

test.skipIf(!hasNpx)(
  'while npm cannot be asked it is shown with the reason, and cannot be added',
  async () => {
    // Another broker, which has not asked yet; npm keeps answers too.
    await house.stop();
    rmSync(cache, { recursive: true, force: true });
    npm.close();
    house = await openHouse({ home: house.home, env: { HOME: user, npm_config_cache: cache } });
    const shown = await look();
    expect(shown.package?.integrity).toBeNull();
    expect(shown.warnings.join('\n')).toMatch(/npm could not be asked what is in @acme\/weather 2.3.1 \(ECONNREFUSED\)/);
    const refused = await house.cli(['server', 'add', 'second', '--registry', 'io.example/weather', '--digest', shown.digest, '--json']);
    expect([refused.code, refused.stderr]).not.toEqual([0, '']);
    expect(refused.stderr).toMatch(/npm could not be asked/);
  },
  180_000,
);
