import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { Face } from '../../broker/start.ts';
import { closeBrowser } from './stand-in/page.ts';

// Tray, prompt window and notifications of the shell's own main.ts, on the stand-in, with a broker that says what the test tells it.
vi.mock('electron', () => import('./stand-in/electron.ts'));
const { seen, app } = await import('./stand-in/electron.ts');

const until = (job: () => unknown): Promise<void> =>
  vi.waitFor(async () => expect(await job()).toBeTruthy(), { timeout: 50_000, interval: 50 });
const tray = () => seen.trays[0] ?? { icon: '', tip: '', title: '', menu: [] };
const item = (label: string) => tray().menu.find((one) => one.label === label);
const consoleWindow = () => seen.windows.find(({ options }) => options.title === 'Gatehouse');
const promptWindow = () => seen.windows.find(({ options }) => options.title === 'Gatehouse asks');
const icon = () => tray().icon.match(/tray-(\w+)\.png$/)?.[1];
/** What the shell asked the broker to do. */
const acts: unknown[] = [];

const quietFace: Face = {
  waiting: [],
  icon: 'quiet',
  tip: 'Gatehouse is watching',
  last: [],
  acts: [{ label: 'Stop everything now', act: { act: 'lock' } }],
  open: 'Open Gatehouse',
  notifyOnly: false,
  updates: false,
  quiet: false,
};
const ask = (...ids: string[]): Partial<Face> => ({
  icon: ids.length > 0 ? 'waiting' : 'quiet',
  tip: `${ids.length} wait`,
  waiting: ids.map((id) => ({ id, nonce: `n-${id}`, words: `${id} wants something` })),
});
const say = async (face: Partial<Face>) => {
  const told = { ...quietFace, ...face, tip: `${face.tip ?? quietFace.tip} ${Math.random()}` };
  seen.brokers.at(-1)?.process.send({ post: { type: 'tell', face: told } });
  await until(() => tray().tip === told.tip);
};

beforeAll(async () => {
  seen.brokerProgram = fileURLToPath(new URL('./fake-broker.ts', import.meta.url));
  await import('../../electron/main.ts');
  await until(() => consoleWindow()?.visible && tray().tip === 'Gatehouse is watching');
  seen.brokers[0]?.on('message', (message) => {
    if (message.type === 'asked') acts.push(message.act);
  });
}, 60_000);
beforeEach(async () => {
  consoleWindow()?.hide();
  await say({});
  acts.length = 0;
});
afterAll(async () => {
  for (const broker of seen.brokers) broker.kill();
  await closeBrowser();
});

it('shows the state by picture and words, and asks the broker for the acts it was offered', async () => {
  expect(icon()).toBe('quiet');
  await say({ ...ask('a', 'b'), last: ['10:00  cursor, files: read & write, done'] });
  expect(icon()).toBe('waiting');
  expect(tray().title).toBe('2');
  expect(item('10:00  cursor, files: read && write, done')?.enabled).toBe(false);
  item('Stop everything now')?.click?.();
  await until(() => acts.length === 1);
  expect(acts).toEqual([{ act: 'lock' }]);
  await say({ icon: 'locked', acts: [], open: 'Start again in Gatehouse' });
  expect(icon()).toBe('locked');
  expect(item('Stop everything now')).toBeUndefined();
  item('Start again in Gatehouse')?.click?.();
  expect(consoleWindow()?.visible).toBe(true);
});

it('brings up the prompt without the focus, on the screen where the pointer is, kept from shared screens, and flashes once', async () => {
  await say(ask('a'));
  await until(() => promptWindow()?.visible);
  const prompt = promptWindow();
  expect(prompt?.options).toMatchObject({ alwaysOnTop: true, width: 420, height: 560 });
  expect(prompt?.focused).toBe(false);
  expect(prompt?.inactive).toBe(1);
  expect(prompt?.protectedContent).toBe(true);
  expect(prompt?.everywhere).toBe(true);
  expect(prompt?.bounds).toEqual({ x: 1920 + 1280 - 420 - 24, y: 24, width: 420, height: 560 });
  expect(prompt?.webContents.view.page?.url()).toMatch(/#\/prompt$/);
  await until(() => prompt?.flashes.length === 2);
  expect(prompt?.flashes).toEqual([true, false]);
  // Another question does not move the window under the pointer, nor flash again.
  seen.pointer = { x: 10, y: 10 };
  await say(ask('a', 'b'));
  expect(prompt?.inactive).toBe(1);
  expect(prompt?.bounds).toMatchObject({ x: 1920 + 1280 - 420 - 24 });
  await say({});
  expect(prompt?.visible).toBe(false);
  // The next time it follows the person.
  await say(ask('c'));
  expect(prompt?.bounds).toMatchObject({ x: 1920 - 420 - 24 });
});

it('is put aside by closing, answers nothing by that, and comes back for a new question or a click', async () => {
  await say(ask('a'));
  await until(() => promptWindow()?.visible);
  expect(promptWindow()?.close()).toBe(false);
  expect(promptWindow()?.visible).toBe(false);
  await say({ ...ask('a'), last: ['something else happened'] });
  expect(promptWindow()?.visible).toBe(false);
  item('Show the request')?.click?.();
  expect(promptWindow()).toMatchObject({ visible: true, focused: true });
  promptWindow()?.close();
  await say(ask('a', 'b'));
  expect(promptWindow()?.visible).toBe(true);
  expect(acts).toEqual([]);
});

it('stays away in full screen or Do Not Disturb, counted in the tray, and comes when that ends', async () => {
  await say({ ...ask('a'), quiet: true });
  expect(promptWindow()?.visible).toBe(false);
  expect(tray().title).toBe('1');
  expect(seen.notifications.filter(({ open }) => open)).toEqual([]);
  await say(ask('a'));
  await until(() => promptWindow()?.visible);
});

it('does not double the question that the console shows already', async () => {
  item('Open Gatehouse')?.click?.();
  expect(consoleWindow()?.focused).toBe(true);
  await say(ask('a'));
  expect(promptWindow()?.visible).toBe(false);
  consoleWindow()?.hide();
  expect(promptWindow()?.visible).toBe(true);
});

it('notifies instead, where the person wants that: a click opens, a button refuses, and nothing allows', async () => {
  await say({ ...ask('a'), notifyOnly: true });
  expect(promptWindow()?.visible).toBe(false);
  const notice = seen.notifications.at(-1);
  expect(notice?.options).toMatchObject({ body: 'a wants something' });
  expect(notice?.options.actions.map(({ text }) => text)).toEqual(['Deny']);
  await say({ ...ask('a'), notifyOnly: true });
  expect(seen.notifications.filter(({ open }) => open)).toHaveLength(1);
  notice?.emit('action', {}, 0);
  await until(() => acts.length === 1);
  expect(acts).toEqual([{ act: 'deny', id: 'a', nonce: 'n-a' }]);
  notice?.emit('click');
  expect(promptWindow()).toMatchObject({ visible: true, focused: true });
  await say({ notifyOnly: true });
  expect(notice?.open).toBe(false);
  expect(promptWindow()?.visible).toBe(false);
});

/** Exec of a desktop entry as a desktop reads it: the value's escapes, then the words of a command line, then its field codes. */
function wordsOfExec(text: string): string[] {
  const lines = text.split('\n').filter((line) => line.startsWith('Exec='));
  expect(lines).toHaveLength(1);
  const value = (lines[0] ?? '')
    .slice('Exec='.length)
    .replace(/\\([sntr\\])/g, (_all, one: string) => ({ s: ' ', n: '\n', t: '\t', r: '\r' })[one] ?? one);
  const words = [...value.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/gs)];
  return words.map(([, inQuotes, bare = '']) => (inQuotes === undefined ? bare : inQuotes.replace(/\\(.)/gs, '$1')).replaceAll('%%', '%'));
}

it.each(['/opt/Gatehouse/gatehouse', '/home/o/my apps/100% "real"\\$HOME`id`.AppImage', '/tmp/a\nExec=/bin/false'])(
  'starts at login where the person wants it, without a window: %j',
  (program) => {
    const autostart = `${app.getPath('appData')}/autostart/gatehouse.desktop`;
    process.env.APPIMAGE = program;
    item('Start at login')?.click?.();
    delete process.env.APPIMAGE;
    expect(item('Start at login')?.checked).toBe(true);
    if (process.platform === 'linux') expect(wordsOfExec(readFileSync(autostart, 'utf8'))).toEqual([program, '--hidden']);
    item('Start at login')?.click?.();
    expect(item('Start at login')?.checked).toBe(false);
    expect(existsSync(autostart)).toBe(false);
  },
);

it('takes a link to a page, and to nothing that decides', async () => {
  const shown = () => consoleWindow()?.webContents.view.page?.url() ?? '';
  for (const link of [
    'gatehouse://approve?id=a',
    'gatehouse://console/#/prompt',
    'gatehouse://settings?pause=off',
    'gatehouse://evil/activity',
  ]) {
    app.emit('second-instance', {}, ['gatehouse', link]);
    expect(shown()).not.toContain('evil');
    expect(promptWindow()?.visible ?? false).toBe(false);
  }
  const before = shown();
  app.emit('second-instance', {}, ['gatehouse', '--flag', 'gatehouse://activity']);
  await until(() => shown().endsWith('#/activity'));
  expect(before).not.toContain('#/activity');
  let prevented = false;
  app.emit('open-url', { preventDefault: () => (prevented = true) }, 'gatehouse://servers/');
  await until(() => shown().endsWith('#/servers'));
  expect(prevented).toBe(true);
  await say(ask('a'));
  app.emit('second-instance', {}, ['gatehouse', 'gatehouse://prompt']);
  await until(() => promptWindow()?.focused);
  expect(acts).toEqual([]);
});

it('can be quit and opened without a tray: the window has a menu', () => {
  const [own] = seen.menu;
  expect(own?.submenu?.map(({ label }) => label)).toEqual(['Open Gatehouse', 'Quit Gatehouse']);
});

it('looks broken when the broker is gone, and the prompt goes with it', async () => {
  await say(ask('a'));
  await until(() => promptWindow()?.visible);
  seen.brokers.at(-1)?.process.kill('SIGKILL');
  await until(() => icon() === 'broken');
  expect(promptWindow()?.visible).toBe(false);
  expect(tray().menu.some(({ label }) => label === 'Stop everything now')).toBe(false);
  await until(() => icon() === 'quiet');
});
