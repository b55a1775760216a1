// A whole desktop app on the stand-in, as a process of its own: runs the main.ts it is given, and does what its parent says a person does.
import { pathToFileURL } from 'node:url';
import type { Page } from '@playwright/test';
import { app, seen } from './electron.ts';
import { closeBrowser } from './page.ts';

const windowOf = (title: string) => seen.windows.find(({ options }) => options.title === title);
function pageOf(title: string): Page {
  const page = windowOf(title)?.webContents.view.page;
  if (!page) throw new Error(`there is no page in a window "${title}"`);
  return page;
}
const faults: string[] = [];

/** What a test may do and see; shell-suite.ts has the same for the real Electron. */
const does: Record<string, (...words: string[]) => unknown> = {
  windows: () => seen.windows.map(({ options, visible, focused }) => ({ title: options.title, visible, focused })),
  tray: () => ({
    tip: seen.trays[0]?.tip ?? '',
    icon: seen.trays[0]?.icon ?? '',
    menu: seen.trays[0]?.menu.map(({ label }) => label ?? '') ?? [],
  }),
  press: (label = '') => seen.trays[0]?.menu.find((item) => item.label === label)?.click?.(),
  reads: async (title = '') => (await pageOf(title).locator('body').textContent()) ?? '',
  address: (title = '') => pageOf(title).url(),
  click: (title = '', name = '') => pageOf(title).getByRole('button', { name, exact: true }).click({ timeout: 5000 }),
  type: async (title = '', text = '') => {
    const fields = pageOf(title).locator('input[type=password]');
    for (let at = 0; at < (await fields.count()); at += 1) await fields.nth(at).fill(text, { timeout: 3000 });
    await fields.last().press('Enter', { timeout: 3000 });
  },
  second: (...words) => void app.emit('second-instance', {}, words),
  brokerPid: () => seen.brokers.at(-1)?.process.pid,
  faults: () => faults,
  quit: () => app.quit(),
};

process.on('message', async ({ id, name, words }: { id: number; name: string; words: string[] }) => {
  try {
    process.send?.({ id, value: (await does[name]?.(...words)) ?? null });
  } catch (error) {
    process.send?.({ id, error: error instanceof Error ? error.message : String(error) });
  }
});
app.on('web-contents-created', (_event, contents) => {
  contents.view.onPage = (page: Page) => {
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    page.on('pageerror', (error) => faults.push(error.message));
  };
});
// Electron ends its process once it has quit; so does this one.
app.on('quit', () => void closeBrowser().finally(() => process.exit(0)));
process.on('disconnect', () => process.exit(1));
await import(pathToFileURL(process.argv[2] ?? '').href);
