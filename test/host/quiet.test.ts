import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Asking, isQuiet, quietBy } from '../../broker/host/quiet.ts';

/** A system that answers programs from `said`. */
const system = (over: Partial<Asking>, said: Record<string, string> = {}): Asking => ({
  platform: 'linux',
  env: {},
  run: async (program, args) => said[[program, ...args].join(' ')] ?? null,
  read: async () => null,
  notificationState: () => null,
  ...over,
});
const active = { 'xprop -root _NET_ACTIVE_WINDOW': '_NET_ACTIVE_WINDOW(WINDOW): window id # 0x3a00007\n' };
const states = 'xprop -id 0x3a00007 _NET_WM_STATE';
const x11 = { env: { DISPLAY: ':0' } };

it.each<[string, Asking, boolean]>([
  ['nothing answers', system({}), false],
  [
    'a window in full screen',
    system(x11, { ...active, [states]: '_NET_WM_STATE(ATOM) = _NET_WM_STATE_FULLSCREEN, _NET_WM_STATE_FOCUSED' }),
    true,
  ],
  ['a maximised window', system(x11, { ...active, [states]: '_NET_WM_STATE(ATOM) = _NET_WM_STATE_MAXIMIZED_VERT' }), false],
  ['no active window', system(x11, { 'xprop -root _NET_ACTIVE_WINDOW': '_NET_ACTIVE_WINDOW(WINDOW): window id # 0x0' }), false],
  [
    'GNOME without banners',
    system({ env: { XDG_CURRENT_DESKTOP: 'ubuntu:GNOME' } }, { 'gsettings get org.gnome.desktop.notifications show-banners': 'false\n' }),
    true,
  ],
  [
    'GNOME with banners',
    system({ env: { XDG_CURRENT_DESKTOP: 'GNOME' } }, { 'gsettings get org.gnome.desktop.notifications show-banners': 'true\n' }),
    false,
  ],
  ['Windows in full screen', system({ platform: 'win32', notificationState: () => 2 }), true],
  ['Windows that takes notifications', system({ platform: 'win32', notificationState: () => 5 }), false],
  ['Windows that does not say', system({ platform: 'win32' }), false],
  ['a Mac with a Focus', system({ platform: 'darwin', read: async () => '{"data":[{"storeAssertionRecords":[{}]}]}' }), true],
  ['a Mac without', system({ platform: 'darwin', read: async () => '{"data":[{}]}' }), false],
  ['a Mac that lets nobody read it', system({ platform: 'darwin' }), false],
])('%s', async (_name, asking, quiet) => {
  expect(await quietBy(asking)).toBe(quiet);
});

it('answers on this system, whatever it is', async () => {
  expect(typeof (await isQuiet())).toBe('boolean');
});

it('reads the switch of GNOME itself, turned off and on', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-quiet-'));
  // Kept in a file, so that it is nobody's desktop.
  const env = { ...process.env, GSETTINGS_BACKEND: 'keyfile', XDG_CONFIG_HOME: folder };
  const run: Asking['run'] = (program, args) =>
    new Promise((resolve) => {
      execFile(program, args, { env, timeout: 20_000 }, (error, stdout) => resolve(error ? null : stdout));
    });
  const banners = ['org.gnome.desktop.notifications', 'show-banners'];
  context.skip((await run('gsettings', ['get', ...banners])) === null, 'gsettings with its schemas is not installed here');
  const gnome = system({ env: { XDG_CURRENT_DESKTOP: 'GNOME' }, run });
  for (const [shown, quiet] of [
    ['false', true],
    ['true', false],
  ] as const) {
    await run('gsettings', ['set', ...banners, shown]);
    expect([shown, await quietBy(gnome)]).toEqual([shown, quiet]);
  }
  rmSync(folder, { recursive: true, force: true });
});
