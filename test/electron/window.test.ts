import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { brokerEnvironment } from '../../electron/environment.ts';
import { isConsole } from '../../electron/origin.ts';
import { contentSecurityPolicy, serveConsole } from '../../electron/protocol.ts';
import { consoleOptions, keepBounds, promptCorner, promptOptions, readBounds, usualBounds, within } from '../../electron/window.ts';

// The numbers are those of Electron's security tutorial.
it("follows Electron's security checklist in the window's settings", () => {
  const { webPreferences } = consoleOptions(usualBounds, '/preload.cjs', false, true);
  expect(webPreferences).toEqual({
    preload: '/preload.cjs',
    nodeIntegration: false, // 2
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    contextIsolation: true, // 3
    sandbox: true, // 4
    webSecurity: true, // 6
    allowRunningInsecureContent: false, // 8
    experimentalFeatures: false, // 9
    webviewTag: false, // 11, 12
    navigateOnDragDrop: false,
    safeDialogs: true,
    spellcheck: false,
    devTools: false,
  });
  expect(promptOptions('/preload.cjs', false, true).webPreferences).toEqual(webPreferences);
  // 10: no blink features, and no session of its own that the guards would not cover.
  for (const key of ['enableBlinkFeatures', 'partition', 'session', 'additionalArguments', 'affinity'])
    expect(webPreferences).not.toHaveProperty(key);
});

it('has a content security policy that lets nothing in from elsewhere, nothing inline and no connection (7)', () => {
  expect(contentSecurityPolicy).toContain("default-src 'none'");
  expect(contentSecurityPolicy).toContain("connect-src 'none'");
  expect(contentSecurityPolicy).toContain("frame-ancestors 'none'");
  expect(contentSecurityPolicy).not.toMatch(/unsafe|https?:|\*|blob:/);
});

it('exposes nothing of Electron to the page (20)', () => {
  const preload = readFileSync(new URL('../../electron/preload.cjs', import.meta.url), 'utf8');
  expect(preload).not.toMatch(/contextBridge|exposeInMainWorld|window\.\w+\s*=|invoke\(/);
  expect([...preload.matchAll(/ipcRenderer\.(\w+)\('([\w-]+)'/g)].map(([, verb, channel]) => `${verb} ${channel}`)).toEqual([
    'on gatehouse-port',
    'send gatehouse-port-wanted',
  ]);
});

it.each([
  ['gatehouse://console/', true],
  ['gatehouse://console/activity?x=1#y', true],
  ['gatehouse://console.evil/', false],
  ['gatehouse://evil/console/', false],
  ['gatehouse://u:p@console/', false],
  ['gatehouse://console:80/', false],
  ['gatehousex://console/', false],
  ['https://console/', false],
  ['file:///console/', false],
  ['javascript:alert(1)', false],
  ['not an address', false],
])('takes %s for the console: %s', (url, answer) => {
  expect(isConsole(url)).toBe(answer);
});

it('serves the files of one folder, and only those', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-console-'));
  writeFileSync(join(folder, 'index.html'), '<p>home</p>');
  writeFileSync(join(folder, 'app.js'), 'go()');
  writeFileSync(`${folder}.js`, 'a neighbour');
  const get = (path: string, method = 'GET') => serveConsole(folder, { method, url: `gatehouse://console${path}` });
  for (const page of ['/', '/activity', '/servers/one']) expect(await (await get(page)).text()).toBe('<p>home</p>');
  const script = await get('/app.js');
  expect(script.headers.get('content-type')).toContain('text/javascript');
  expect(script.headers.get('content-security-policy')).toBe(contentSecurityPolicy);
  expect(script.headers.get('x-content-type-options')).toBe('nosniff');
  const name = folder.split('/').at(-1);
  for (const path of [
    `/../${name}.js`,
    `/%2e%2e/${name}.js`,
    `/..%2f${name}.js`,
    `/%2e%2e%2f${name}.js`,
    `/..%5c${name}.js`,
    '/app.js%00',
    '/%ff.js',
    '/app.sh',
    '/no.js',
  ]) {
    const { status } = await get(path);
    expect([path, status >= 400]).toEqual([path, true]);
  }
  expect((await get('/', 'POST')).status).toBe(405);
  expect((await serveConsole(folder, { method: 'GET', url: 'gatehouse://other/app.js' })).status).toBe(404);
});

it('remembers a size, and no nonsense', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-size-'));
  const file = join(folder, 'deep', 'window.json');
  expect(readBounds(file)).toEqual(usualBounds);
  keepBounds(file, { x: 5, y: 6, width: 900, height: 700 });
  expect(readBounds(file)).toEqual({ x: 5, y: 6, width: 900, height: 700 });
  expect(statSync(file).mode & 0o777).toBe(process.platform === 'win32' ? 0o666 : 0o600);
  for (const odd of ['', '{', 'null', '[]', '{"width":1,"height":1}', '{"width":1e9,"height":800}', '{"width":"900","height":700}']) {
    writeFileSync(file, odd);
    expect(readBounds(file)).toEqual(usualBounds);
  }
  // A folder in the way: nothing is thrown.
  expect(() => keepBounds(folder, usualBounds)).not.toThrow();
});

it('comes back on a screen that is there', () => {
  const screen = { x: 0, y: 0, width: 1920, height: 1080 };
  expect(within({ x: 100, y: 100, width: 900, height: 700 }, [screen])).toEqual({ x: 100, y: 100, width: 900, height: 700 });
  expect(within({ x: 4000, y: 100, width: 900, height: 700 }, [screen])).toEqual({ width: 900, height: 700 });
  expect(within({ x: 100, y: -500, width: 900, height: 700 }, [screen])).toEqual({ width: 900, height: 700 });
});

it('puts a prompt whole into the corner of a screen, however small', () => {
  expect(promptCorner({ x: 1920, y: 0, width: 1920, height: 1040 })).toEqual({ x: 3396, y: 24, width: 420, height: 560 });
  expect(promptCorner({ x: 0, y: 0, width: 400, height: 500 })).toEqual({ x: 0, y: 0, width: 420, height: 560 });
});

it('starts the broker without what would change what Node or Electron does', () => {
  const given = {
    PATH: '/bin',
    HOME: '/home/o',
    NODE_OPTIONS: '--inspect',
    NODE_EXTRA_CA_CERTS: 'x',
    NODE_TLS_REJECT_UNAUTHORIZED: '0',
    ELECTRON_RUN_AS_NODE: '1',
    LD_PRELOAD: 'x',
    DYLD_INSERT_LIBRARIES: 'x',
    GATEHOUSE_OPERATOR_TOKEN: 'x',
    GATEHOUSE_HOME: '/h',
  };
  expect(brokerEnvironment(given)).toEqual({ PATH: '/bin', HOME: '/home/o', GATEHOUSE_HOME: '/h' });
});
