import { existsSync, mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type DesktopSession, desktopSession } from './desktop-session.ts';
import { closeBrowser } from './stand-in/page.ts';

// The shell's main.ts with the stand-in for Electron; the broker, the console and the keychain are the real ones.
vi.mock('electron', () => import('./stand-in/electron.ts'));
const { seen, app } = await import('./stand-in/electron.ts');

const root = fileURLToPath(new URL('../..', import.meta.url));
const home = join(mkdtempSync(join(tmpdir(), 'gatehouse-desktop-')), 'home');
let session: DesktopSession;
const until = (job: () => unknown): Promise<void> =>
  vi.waitFor(async () => expect(await job()).toBeTruthy(), { timeout: 30_000, interval: 100 });
const page = () => {
  const shown = seen.windows[0]?.webContents.view.page;
  if (shown === null || shown === undefined) throw new Error('no page is open');
  return shown;
};
/** What a person reads on the page now. */
const words = (): Promise<string> =>
  page()
    .locator('body')
    .textContent()
    .then((text) => text ?? '');

beforeAll(async () => {
  expect(existsSync(join(root, 'dist', 'console', 'index.html'))).toBe(true);
  session = await desktopSession();
  seen.brokerEnvironment = { ...session.env, GATEHOUSE_HOME: home };
  console.log('The shell runs on the stand-in for Electron here; broker, console and keychain are real.');
  await import('../../electron/main.ts');
  await until(() => seen.windows[0]?.visible);
});
afterAll(async () => {
  for (const broker of seen.brokers) broker.kill();
  session.end();
  await closeBrowser();
});

const pin = '4711-and-more';
const sees = (text: string) => until(async () => (await words()).includes(text));

it('opens the console over the message port, and a new home asks its operator for a PIN first', async () => {
  await until(() => seen.windows[0]?.title === 'Gatehouse');
  await sees('Choose a PIN');
  const fields = page().locator('input[type=password]');
  for (let i = 0; i < (await fields.count()); i += 1) await fields.nth(i).fill(pin);
  await page().getByRole('button', { name: 'Set the PIN' }).click();
  await sees('Activity');
  expect(seen.dialogs).toEqual([]);
  expect(statSync(home).mode & 0o777).toBe(0o700);
});

it('shows nothing wrong under the strict content security policy', async () => {
  const faults: string[] = [];
  page().on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  page().on('pageerror', (error) => faults.push(error.message));
  await page().reload();
  await sees('Activity');
  expect(faults).toEqual([]);
});

it('comes back by itself after the broker was killed, and a protected home asks who is there', async () => {
  seen.brokers.at(-1)?.process.kill('SIGKILL');
  await until(() => seen.brokers.length === 2 && seen.windows[0]?.title === 'Gatehouse');
  const field = page().getByLabel('PIN', { exact: true });
  await field.fill(pin);
  await field.press('Enter');
  await sees('Activity');
});

it('quits with the broker stopped in order', async () => {
  const broker = seen.brokers.at(-1)?.process;
  app.quit();
  await until(() => seen.quit);
  expect(broker?.exitCode).toBe(0);
});
