import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { _electron, type ElectronApplication, type Page } from '@playwright/test';
import type { Menu } from 'electron';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DesktopSession, desktopSession } from './desktop-session.ts';
import { type Desk, shellEnds, shellSuite } from './suite.ts';

// The suite of laid-out.test.ts under the real Electron, from the checkout. Where its binary is not, the report says so.
const root = fileURLToPath(new URL('../..', import.meta.url));
const program = { win32: 'electron.exe', darwin: 'Electron.app/Contents/MacOS/Electron' }[process.platform as string] ?? 'electron';
// Looked for as a file: asking the package `electron` would start a download.
const binary = join(root, 'node_modules', 'electron', 'dist', program);
const missing = !existsSync(binary);
const noDisplay = process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY;

it('runs under the real Electron where it is', (context) => {
  context.skip(missing, "Electron's binary is not here; the same suite ran on the stand-in (laid-out.test.ts)");
  context.skip(noDisplay, 'there is no display; the same suite ran on the stand-in (laid-out.test.ts)');
  console.log('The shell runs on the real Electron here.');
});

describe.runIf(!missing && !noDisplay)('under the real Electron', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-electron-'));
  const home = join(folder, 'home');
  const words = ['-r', join(root, 'test', 'electron', 'real-hook.cjs'), root, `--user-data-dir=${join(folder, 'data')}`];
  const faults: string[] = [];
  let session: DesktopSession;
  let shell: ElectronApplication;
  const env = (): Record<string, string> => ({
    ...Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined)),
    ...session.env,
    GATEHOUSE_HOME: home,
  });
  type Kept = { gatehouseTray: { tip: string; icon: string; menu: Menu | null } };
  const pageOf = async (title: string): Promise<Page> => {
    for (const page of shell.windows()) {
      const prompt = await (await shell.browserWindow(page)).evaluate((window) => window.isAlwaysOnTop());
      if (prompt === (title === 'Gatehouse asks')) return page;
    }
    throw new Error(`there is no window "${title}"`);
  };
  const desk: Desk = {
    windows: () =>
      shell.evaluate(({ BrowserWindow }) =>
        BrowserWindow.getAllWindows().map((window) => ({
          title: window.isAlwaysOnTop() ? 'Gatehouse asks' : 'Gatehouse',
          visible: window.isVisible(),
          focused: window.isFocused(),
        })),
      ),
    tray: () =>
      shell.evaluate(() => {
        const { tip, icon, menu } = (globalThis as unknown as Kept).gatehouseTray;
        return { tip, icon, menu: menu?.items.map(({ label }) => label) ?? [] };
      }),
    press: (label) =>
      shell.evaluate((_electron, wanted) => {
        const { menu } = (globalThis as unknown as Kept).gatehouseTray;
        menu?.items.find((item) => item.label === wanted)?.click();
      }, label),
    reads: async (title) => (await (await pageOf(title)).locator('body').textContent()) ?? '',
    address: async (title) => (await pageOf(title)).url(),
    click: async (title, name) => (await pageOf(title)).getByRole('button', { name, exact: true }).click({ timeout: 5000 }),
    async type(title, text) {
      const fields = (await pageOf(title)).locator('input[type=password]');
      for (let at = 0; at < (await fields.count()); at += 1) await fields.nth(at).fill(text, { timeout: 3000 });
      await fields.last().press('Enter', { timeout: 3000 });
    },
    async second(...more) {
      await once(spawn(binary, [...words.slice(2), ...more], { env: env(), stdio: 'ignore' }), 'exit');
    },
    brokerPid: () => shell.evaluate(({ app }) => app.getAppMetrics().find(({ name }) => name === 'Gatehouse broker')?.pid ?? 0),
    faults: async () => faults,
    async quit() {
      const gone = once(shell.process(), 'exit');
      await shell.evaluate(({ app }) => app.quit()).catch(() => {});
      await gone;
    },
  };

  beforeAll(async () => {
    session = await desktopSession();
    shell = await _electron.launch({ executablePath: binary, args: words, env: env() });
    shell.on('window', (page) => page.on('pageerror', (error) => faults.push(error.message)));
  }, 90_000);
  afterAll(async () => {
    await shell?.close().catch(() => {});
    session?.end();
  });

  const given = { desk: () => desk, home, env };
  const { leave } = shellSuite(given);

  it('lets a real page reach nothing of Node and nothing outside', async () => {
    const page = await pageOf('Gatehouse');
    expect(await page.evaluate(() => ['require', 'process', 'module', 'electron'].filter((name) => name in window))).toEqual([]);
    const fetched = await page.evaluate(() =>
      fetch('https://example.com/').then(
        () => 'reached',
        () => 'refused',
      ),
    );
    expect(fetched).toBe('refused');
    const before = shell.windows().length;
    await page.evaluate(() => void window.open('https://example.com/'));
    expect(shell.windows()).toHaveLength(before);
  });

  shellEnds(given, leave);
});
