import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { contentSecurityPolicy } from '../../electron/protocol.ts';
import { readConfiguration } from './packed.ts';

// Every item of Electron's security tutorial, by its number there, against the windows, sessions and handlers that main.ts really makes.
vi.mock('electron', () => import('./stand-in/electron.ts'));
// How a window is made is looked at here, not what is in it: no Chromium is started for that.
vi.mock('./stand-in/page.ts', () => ({
  StandInPage: class {
    async open(): Promise<void> {}
    async deliver(): Promise<void> {}
    async close(): Promise<void> {}
  },
}));
const { seen, app, session } = await import('./stand-in/electron.ts');

const root = fileURLToPath(new URL('../..', import.meta.url));
const sources = readdirSync(join(root, 'electron'))
  .filter((name) => /\.(ts|cjs)$/.test(name))
  .map((name) => ({ name, text: readFileSync(join(root, 'electron', name), 'utf8') }));
const shellText = sources.map(({ text }) => text).join('\n');
const preload = sources.find(({ name }) => name === 'preload.cjs')?.text ?? '';
const preferences = (): Record<string, unknown>[] => seen.windows.map(({ options }) => ({ ...options.webPreferences }));
const each = (name: string, value: unknown) => expect(preferences().map((all) => all[name])).toEqual(seen.windows.map(() => value));
const never = (name: string) => expect(preferences().filter((all) => name in all)).toEqual([]);
const config = await readConfiguration();

beforeAll(async () => {
  seen.brokerProgram = fileURLToPath(new URL('./fake-broker.ts', import.meta.url));
  await import('../../electron/main.ts');
  await vi.waitFor(() => expect(seen.windows[0]?.visible).toBe(true), { timeout: 110_000 });
}, 120_000);
afterAll(() => {
  for (const broker of seen.brokers) broker.kill();
});

it('1: loads only secure content, its own', () => {
  const loaded = [...shellText.matchAll(/\.(loadURL|loadFile)\(([^)]*)\)/g)].map(([, verb, what]) => `${verb} ${what}`);
  expect(loaded.length).toBeGreaterThan(0);
  expect(loaded.filter((one) => !/^loadURL \w*[uU]rl$/.test(one))).toEqual([]);
  // The one address outside the program that the shell may name is the one that updates come from, which is in the packed configuration.
  expect(shellText.match(/https?:\/\/[^\s'"`]+/g) ?? []).toEqual([]);
});

it('2: no Node in any page', () => {
  for (const name of ['nodeIntegration', 'nodeIntegrationInWorker', 'nodeIntegrationInSubFrames']) each(name, false);
});

it('3: context isolation in every window', () => each('contextIsolation', true));

it('4: a sandbox around every page, and around every page to come', () => {
  each('sandbox', true);
  expect(seen.sandboxed).toBe(true);
  expect(shellText).not.toMatch(/no-sandbox|disableSandbox/);
});

it('5: every permission is refused, in every session', () => {
  const another = new (session.defaultSession.constructor as new () => typeof session.defaultSession)();
  app.emit('session-created', another);
  for (const one of [session.defaultSession, another]) {
    const answers: boolean[] = [];
    one.permissionRequest?.({}, 'media', (yes) => answers.push(yes));
    expect([answers, one.permissionCheck?.(), one.device?.()]).toEqual([[false], false, false]);
    const verdicts: boolean[] = [];
    one.beforeRequest?.({ url: 'https://example.com/' }, ({ cancel }) => verdicts.push(cancel));
    expect(verdicts).toEqual([true]);
  }
});

it('6: web security stays on', () => each('webSecurity', true));

it('7: a content security policy that lets in nothing from elsewhere and nothing inline', () => {
  expect(contentSecurityPolicy).toContain("default-src 'none'");
  expect(contentSecurityPolicy).toContain("connect-src 'none'");
  expect(contentSecurityPolicy).toContain("require-trusted-types-for 'script'");
  expect(contentSecurityPolicy).not.toMatch(/unsafe|https?:|\*|blob:/);
});

it('8: no insecure content', () => each('allowRunningInsecureContent', false));

it('9: no experimental features', () => {
  each('experimentalFeatures', false);
  expect(shellText).not.toMatch(/appendSwitch/);
});

it('10: no Blink features switched on', () => never('enableBlinkFeatures'));

it('11, 12: no webview can be made', () => {
  each('webviewTag', false);
  for (const { webContents } of seen.windows) {
    let prevented = false;
    const event = {
      preventDefault: () => {
        prevented = true;
      },
    };
    webContents.emit('will-attach-webview', event, {}, {});
    expect(prevented).toBe(true);
  }
});

it('13: no page leaves the console, in any frame, by any way', () => {
  for (const { webContents } of seen.windows) {
    const tries = [
      ['will-navigate', { url: 'https://example.com/' }],
      ['will-navigate', { url: 'gatehouse://evil/' }],
      ['will-frame-navigate', { url: 'gatehouse://console/', isMainFrame: false }],
      ['will-frame-navigate', { url: 'file:///etc/passwd', isMainFrame: true }],
      ['will-redirect', { url: 'gatehouse://console/' }],
    ] as const;
    for (const [name, facts] of tries) {
      let prevented = false;
      webContents.emit(name, { ...facts, preventDefault: () => (prevented = true) });
      expect([name, facts, prevented]).toEqual([name, facts, true]);
    }
  }
});

it('14: no page opens a window', () => {
  for (const { webContents } of seen.windows)
    for (const url of ['https://example.com/', 'gatehouse://console/', 'about:blank'])
      expect(webContents.openHandler?.({ url })).toEqual({ action: 'deny' });
});

it('15: nothing is handed to the system to open', () => {
  expect(shellText).not.toMatch(/openExternal|openPath|showItemInFolder/);
});

it('16: a current Electron, looked after at each release', () => {
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules/electron/package.json'), 'utf8')) as { version: string };
  expect(Number(version.split('.')[0])).toBeGreaterThanOrEqual(45);
  expect(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).devDependencies.electron).toMatch(/^\^/);
});

it('17: every message from a page is checked for its sender, and there are two in all', () => {
  const heard = sources.filter(({ text }) => /\bipcMain\b/.test(text)).map(({ name }) => name);
  expect(heard).toEqual(['hand-over.ts']);
  const text = sources.find(({ name }) => name === 'hand-over.ts')?.text ?? '';
  expect([...text.matchAll(/ipcMain\.(\w+)\('([\w-]+)'/g)].map(([, verb, channel]) => `${verb} ${channel}`)).toEqual([
    'on gatehouse-port-wanted',
    'off gatehouse-port-wanted',
  ]);
  expect(text).toMatch(/if \(!asksFromConsole\(event, contents\)\) return;/);
  expect(shellText).not.toMatch(/ipc-message|\.ipc\.|handleOnce|ipcMain\.handle/);
});

it('18: pages come by a scheme of our own, never as files', () => {
  expect(shellText).not.toMatch(/file:\/\/|loadFile/);
  expect(seen.schemes).toEqual([{ scheme: 'gatehouse', privileges: { standard: true, secure: true, supportFetchAPI: true } }]);
  expect(config.electronFuses.grantFileProtocolExtraPrivileges).toBe(false);
});

it('19: every fuse is set', () => {
  expect(config.electronFuses).toEqual({
    runAsNode: false,
    enableCookieEncryption: true,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    loadBrowserProcessSpecificV8Snapshot: false,
    grantFileProtocolExtraPrivileges: false,
  });
  expect(config.asar).toBe(true);
});

it('20: nothing of Electron reaches a page', () => {
  expect(preload).not.toMatch(/contextBridge|exposeInMainWorld|window\.\w+\s*=|invoke\(/);
  expect([...preload.matchAll(/ipcRenderer\.(\w+)\('([\w-]+)'/g)].map(([, verb, channel]) => `${verb} ${channel}`)).toEqual([
    'on gatehouse-port',
    'send gatehouse-port-wanted',
  ]);
  for (const name of ['partition', 'session', 'additionalArguments', 'affinity', 'enableWebSQL', 'nodeIntegrationInSubFrame']) never(name);
  expect(shellText).not.toMatch(/executeJavaScript|insertCSS|\bsendInputEvent\b|debugger\.attach/);
});

it('keeps the shell small, and apart from the broker', () => {
  const lines = sources.reduce((sum, { text }) => sum + text.split('\n').length - 1, 0);
  console.log(`The shell has ${lines} lines in ${sources.length} files.`);
  expect(lines).toBeLessThan(900);
  const reached = [...shellText.matchAll(/from '\.\.\/(broker\/[^']+)'/g)].map(([, path]) => path);
  expect([...new Set(reached)]).toEqual(['broker/start.ts']);
});
