import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { _electron } from '@playwright/test';
import { expect, it } from 'vitest';
import { desktopSession } from './desktop-session.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = { win32: 'electron.exe', darwin: 'Electron.app/Contents/MacOS/Electron' }[process.platform as string] ?? 'electron';
// Looked for as a file: asking the package `electron` would start a download.
const binary = join(root, 'node_modules', 'electron', 'dist', program);
const missing = !existsSync(binary);
const noDisplay = process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY;

it('runs under the real Electron: the console in a sandboxed window, over the message port', async (context) => {
  context.skip(missing, "Electron's binary is not here; the shell was tested on the stand-in alone");
  context.skip(noDisplay, 'there is no display; the shell was tested on the stand-in alone');
  console.log('The shell runs on the real Electron here.');
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-electron-'));
  const session = await desktopSession();
  const inherited = Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined));
  const shell = await _electron.launch({
    executablePath: binary,
    args: [root, `--user-data-dir=${join(folder, 'data')}`],
    env: { ...inherited, ...session.env, GATEHOUSE_HOME: join(folder, 'home') },
  });
  try {
    const page = await shell.firstWindow();
    expect(page.url()).toBe('gatehouse://console/');
    await page.getByText('Choose a PIN').waitFor();
    expect(await page.evaluate(() => ['require', 'process', 'module', 'electron'].filter((name) => name in window))).toEqual([]);
    const fetched = await page.evaluate(() =>
      fetch('https://example.com/').then(
        () => 'reached',
        () => 'refused',
      ),
    );
    expect(fetched).toBe('refused');
    await page.evaluate(() => void window.open('https://example.com/'));
    expect(shell.windows()).toHaveLength(1);
  } finally {
    await shell.close();
    session.end();
  }
});
