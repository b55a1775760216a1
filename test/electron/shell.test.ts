import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { closeBrowser } from './stand-in/page.ts';

// The shell's own main.ts with the stand-in for Electron, a probe page in place of the console and an echo in place of the broker.
vi.mock('electron', () => import('./stand-in/electron.ts'));
const probe = mkdtempSync(join(tmpdir(), 'gatehouse-probe-'));
vi.mock('../../electron/protocol.ts', async (original) => {
  const real = await original<typeof import('../../electron/protocol.ts')>();
  return { ...real, serveConsole: (_folder: string, request: { method: string; url: string }) => real.serveConsole(probe, request) };
});
const electron = await import('./stand-in/electron.ts');
const { seen, app, session } = electron;

declare global {
  interface Window {
    probe: { heard: unknown[]; ports: number; say(text: string): void };
  }
}
const inPage = <T>(job: () => T) => page().evaluate(job) as Promise<T>;
const page = () => {
  const shown = seen.windows[0]?.webContents.view.page;
  if (shown === null || shown === undefined) throw new Error('no page is open');
  return shown;
};
const until = (job: () => unknown): Promise<void> =>
  vi.waitFor(async () => expect(await job()).toBeTruthy(), { timeout: 50_000, interval: 50 });

beforeAll(async () => {
  console.log('The shell runs on the stand-in for Electron here: its windows are Chromium pages.');
  writeFileSync(join(probe, 'index.html'), '<title>theirs</title><script type="module" src="./probe.js"></script>');
  writeFileSync(
    join(probe, 'probe.js'),
    `const probe = { heard: [], ports: 0, port: null, say(text) { this.port.postMessage(text); } };
     window.probe = probe;
     window.addEventListener('message', ({ data, ports, origin }) => {
       if (data?.type !== 'gatehouse-port' || origin !== location.origin) return;
       probe.ports += 1; probe.port = ports[0];
       probe.port.onmessage = ({ data }) => probe.heard.push(data);
     });`,
  );
  seen.brokerProgram = fileURLToPath(new URL('./fake-broker.ts', import.meta.url));
  process.env.NODE_OPTIONS_CANARY = '1';
  process.env.NODE_EXTRA_CA_CERTS = '/nowhere';
  await import('../../electron/main.ts');
  await until(() => seen.windows[0]?.visible);
});
afterAll(async () => {
  delete process.env.NODE_EXTRA_CA_CERTS;
  delete process.env.NODE_OPTIONS_CANARY;
  for (const broker of seen.brokers) broker.kill();
  await closeBrowser();
  rmSync(probe, { recursive: true, force: true });
});

it('sandboxes every page and gives our scheme no more than it needs', () => {
  expect(seen.sandboxed).toBe(true);
  expect(seen.schemes).toEqual([{ scheme: 'gatehouse', privileges: { standard: true, secure: true, supportFetchAPI: true } }]);
});

it('hands the page a line to the broker, and text passes both ways unchanged', async () => {
  await until(() => inPage(() => window.probe.ports > 0));
  await inPage(() => window.probe.say('{"n":12345678901234567890}'));
  await until(() => inPage(() => window.probe.heard.some((text) => String(text).endsWith('heard {"n":12345678901234567890}'))));
});

it('starts the broker without the variables that change what Node does', async () => {
  await inPage(() => window.probe.say('environment'));
  await until(() => inPage(() => window.probe.heard.some((text) => String(text).startsWith('{'))));
  const environment = JSON.parse(await inPage(() => String(window.probe.heard.find((text) => String(text).startsWith('{'))))) as object;
  expect(
    Object.keys(environment).filter((key) => key.startsWith('NODE_') && key !== 'NODE_CHANNEL_FD' && !key.startsWith('NODE_CHANNEL')),
  ).toEqual([]);
});

it('says when the broker died, starts it again and gives the page a new line', async () => {
  const ports = await inPage(() => window.probe.ports);
  await inPage(() => window.probe.say('die'));
  await until(() => seen.trays[0]?.tip.includes('starts again in 1 s'));
  expect(seen.windows[0]?.title).toContain('Until then nothing passes');
  await until(() => seen.brokers.length === 2 && seen.windows[0]?.title === 'Gatehouse');
  await until(async () => (await inPage(() => window.probe.ports)) > ports);
  await inPage(() => window.probe.say('still there?'));
  await until(() => inPage(() => window.probe.heard.some((text) => String(text).endsWith('heard still there?'))));
});

it('lets a page go nowhere, open nothing and fetch nothing', async () => {
  const tried = await page().evaluate(async () => {
    const opened = window.open('https://example.com/');
    const reached = await fetch('https://example.com/').then(
      () => 'reached',
      () => 'refused',
    );
    return { opened: opened === null || opened.closed || 'closing', reached };
  });
  expect(tried.reached).toBe('refused');
  await until(() => page().context().pages().length === 1);
  await page().evaluate(() => {
    window.location.href = 'https://example.com/';
  });
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(page().url()).toContain('gatehouse-console.test');
});

it('runs no inline script, and takes no text for one', async () => {
  const ran = await page().evaluate(() => {
    const script = document.createElement('script');
    try {
      script.textContent = 'window.inlineRan = true';
    } catch {
      // Trusted types refuse even to make it.
      script.append('window.inlineRan = true');
    }
    document.body.append(script);
    return 'inlineRan' in window;
  });
  expect(ran).toBe(false);
});

it('refuses every permission, device, download, webview and redirect', () => {
  const guards = session.defaultSession;
  const answers: boolean[] = [];
  for (const permission of ['media', 'geolocation', 'notifications', 'clipboard-read', 'openExternal', 'unknown']) {
    guards.permissionRequest?.({}, permission, (yes) => answers.push(yes));
  }
  expect(answers).toEqual([false, false, false, false, false, false]);
  expect(guards.permissionCheck?.()).toBe(false);
  expect(guards.device?.()).toBe(false);
  const contents = seen.windows[0]?.webContents;
  for (const [where, name] of [
    [guards, 'will-download'],
    [contents, 'will-attach-webview'],
    [contents, 'will-redirect'],
  ] as const) {
    let prevented = false;
    where?.emit(name, {
      preventDefault: () => {
        prevented = true;
      },
    });
    expect([name, prevented]).toEqual([name, true]);
  }
  const cancelled: boolean[] = [];
  for (const url of ['https://example.com/', 'http://127.0.0.1/', 'file:///etc/passwd', 'devtools://x/', 'gatehouse://console/x.js']) {
    guards.beforeRequest?.({ url }, ({ cancel }) => cancelled.push(cancel));
  }
  expect(cancelled).toEqual([true, true, true, true, false]);
});

it('gives a line to nobody but the top frame of the console', async () => {
  const contents = seen.windows[0]?.webContents;
  const before = await inPage(() => window.probe.ports);
  const ask = (sender: unknown, senderFrame: unknown) => electron.ipcMain.emit('gatehouse-port-wanted', { sender, senderFrame });
  ask(contents, { url: 'https://example.com/', parent: null });
  ask(contents, { url: 'gatehouse://console.example.com/', parent: null });
  ask(contents, { url: 'gatehouse://console/', parent: {} });
  ask(contents, null);
  ask({}, { url: 'gatehouse://console/', parent: null });
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(await inPage(() => window.probe.ports)).toBe(before);
  ask(contents, { url: 'gatehouse://console/', parent: null });
  await until(async () => (await inPage(() => window.probe.ports)) === before + 1);
});

it('keeps running when the window is closed, and comes back to it', () => {
  const window = seen.windows[0];
  expect(window?.close()).toBe(false);
  expect(window?.visible).toBe(false);
  app.emit('second-instance', {}, []);
  expect(window?.visible).toBe(true);
  expect(seen.windows).toHaveLength(1);
});

it('asks what to do when the broker cannot run, and tries again when told', async () => {
  seen.brokerEnvironment = { FAKE_BROKER: 'fail' };
  await inPage(() => window.probe.say('die'));
  await until(() => seen.dialogs.length === 1);
  expect(seen.dialogs[0]?.options).toMatchObject({ message: 'No keychain answers here.', buttons: ['Try again', 'Quit'] });
  const forked = seen.brokers.length;
  await new Promise((resolve) => setTimeout(resolve, 700));
  expect(seen.brokers.length).toBe(forked);
  seen.brokerEnvironment = {};
  seen.dialogs[0]?.answer({ response: 0 });
  await until(() => seen.windows[0]?.title === 'Gatehouse');
});

it('quits only when told: from the tray, with the broker ended first', async () => {
  const broker = seen.brokers.at(-1)?.process;
  const quit = seen.trays[0]?.menu.find(({ label }) => label === 'Quit Gatehouse');
  expect(broker?.exitCode).toBe(null);
  quit?.click?.();
  await until(() => seen.quit);
  expect(broker?.exitCode).toBe(0);
  expect(seen.windows).toHaveLength(0);
});
