// What a hostile link, address or starter of the app could try at the shell's own doors; no window is needed to see it fail.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { isMeddling } from '../../electron/guards.ts';
import { consoleUrl, isConsole, linkedPage } from '../../electron/origin.ts';
import { serveConsole } from '../../electron/protocol.ts';
import { scale } from '../support/scale.ts';

vi.mock('electron', () => import('./stand-in/electron.ts'));
const { app, seen } = await import('./stand-in/electron.ts');

const runs = scale(2000, 20_000);
const pages = ['activity', 'clients', 'servers', 'permissions', 'settings', 'prompt'];
const pieces = (...own: string[]) =>
  fc.array(fc.oneof(fc.constantFrom(...own), fc.string({ maxLength: 3 })), { maxLength: 8 }).map((all) => all.join(''));

it('a link, or the words of a second start, name one of six pages and carry nothing further', () => {
  const word = pieces('gatehouse://', 'gatehouse:', '/', ...pages, '?', '#/', '%2f', '\n', '\0', ' ', '--', 'console', '..', '@', '\\');
  fc.assert(
    fc.property(fc.array(word, { maxLength: 4 }), (words) => {
      const page = linkedPage(words);
      if (page !== null) expect(pages.map((name) => `${consoleUrl}#/${name}`)).toContain(page);
    }),
    { numRuns: runs },
  );
  for (const link of [
    'gatehouse://settings?pause=off',
    'gatehouse://settings#/prompt',
    'gatehouse://settings\n--remote-debugging-port=1',
    'gatehouse://settings --utility-cmd-prefix=/tmp/x',
    '--gatehouse://settings',
    'GATEHOUSE://SETTINGS',
    'gatehouse://settings//',
    'gatehouse:/settings',
    `gatehouse://${'settings/'.repeat(1e6)}`,
  ])
    expect([link.slice(0, 60), linkedPage([link])]).toEqual([link.slice(0, 60), null]);
});

it('no spelling of an address reads a file outside the console, or one it does not serve', async () => {
  const base = mkdtempSync(join(tmpdir(), 'gatehouse-attack-'));
  const folder = join(base, 'console');
  mkdirSync(join(folder, 'assets'), { recursive: true });
  for (const file of ['index.html', 'assets/app.js']) writeFileSync(join(folder, file), 'ours');
  for (const file of ['secret.js', 'secret.html', 'console.js', 'consolex.js']) writeFileSync(join(base, file), 'theirs');
  writeFileSync(join(folder, 'state.db'), 'theirs');
  const path = pieces(
    '/',
    '..',
    '%2e%2e',
    '%2E.',
    '%2f',
    '%5c',
    '\\',
    '%00',
    '%252e',
    'secret.js',
    'console',
    '.js',
    ':',
    '::$DATA',
    '?',
    '#',
    'state.db',
    base,
  );
  await fc.assert(
    fc.asyncProperty(path, async (tried) => {
      const answer = await serveConsole(folder, { method: 'GET', url: `gatehouse://console/${tried}` });
      expect([200, 400, 404]).toContain(answer.status);
      if (answer.status === 200) expect(await answer.text()).toBe('ours');
      expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    }),
    { numRuns: runs / 4 },
  );
});

it('no address but the console itself is taken for it', () => {
  const address = pieces(
    'gatehouse:',
    '//',
    'console',
    '/',
    '@',
    ':',
    '.',
    '%',
    'evil',
    '\\',
    '\t',
    'https:',
    'blob:',
    'data:',
    'javascript:',
    'filesystem:',
  );
  fc.assert(
    fc.property(address, (tried) => {
      if (!isConsole(tried)) return;
      const { protocol, host, username, password } = new URL(tried);
      expect({ protocol, host, username, password }).toEqual({ protocol: 'gatehouse:', host: 'console', username: '', password: '' });
    }),
    { numRuns: runs },
  );
  for (const tried of [
    'blob:gatehouse://console/x',
    'data:text/html,gatehouse://console/',
    'filesystem:gatehouse://console/x',
    'view-source:gatehouse://console/',
  ])
    expect([tried, isConsole(tried)]).toEqual([tried, false]);
});

it('the installed app starts neither a window nor a broker with a debugger on it, or another program in place of its processes', async () => {
  for (const name of ['remote-debugging-pipe', 'utility-cmd-prefix', 'renderer-cmd-prefix', 'gpu-launcher', 'browser-subprocess-path'])
    expect([name, isMeddling((given) => given === name)]).toEqual([name, true]);
  expect(isMeddling((given) => ['hidden', 'no-sandbox', 'ozone-platform'].includes(given))).toBe(false);
  const complaint = vi.spyOn(console, 'error').mockImplementation(() => {});
  app.isPackaged = true;
  app.commandLine.hasSwitch = (name) => name === 'remote-debugging-port';
  await import('../../electron/main.ts');
  expect(seen).toMatchObject({ quit: true, windows: [], brokers: [], trays: [] });
  expect(complaint).toHaveBeenCalledWith(expect.stringContaining('does not start with a debugger'));
  complaint.mockRestore();
});
