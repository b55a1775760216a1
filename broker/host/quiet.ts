// Must a person not be disturbed now? A program in full screen or the system's own Do Not Disturb. Where the system does not say, no:
// then prompts come up as usual. Written from the systems' documentation: what each prints is read in tests as documented, and GNOME's switch
// is turned for real; no such desktop has been sat at. On Wayland full screen does not show, and on macOS not without a Focus.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

export interface Asking {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What a program prints; null when it is not there, fails or takes longer than a second. */
  run(program: string, args: readonly string[]): Promise<string | null>;
  /** Text of a file; null when it cannot be read. */
  read(path: string): Promise<string | null>;
  /** SHQueryUserNotificationState of Windows; null elsewhere. */
  notificationState(): number | null;
}

/** Runs a program of the system's for a second at most. */
function run(program: string, args: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: 1000, windowsHide: true }, (error, stdout) => resolve(error ? null : stdout));
  });
}

async function windowsState(): Promise<number | null> {
  if (process.platform !== 'win32') return null;
  try {
    const { default: koffi } = await import('koffi');
    const state = [0];
    const query = koffi.load('shell32.dll').func('int SHQueryUserNotificationState(_Out_ int *)');
    return query(state) === 0 ? (state[0] ?? null) : null;
  } catch {
    return null;
  }
}

/** Full screen, full screen 3D, and presentation mode. */
const busyOnWindows = [2, 3, 4];

export async function isQuiet(): Promise<boolean> {
  const state = await windowsState();
  return await quietBy({
    platform: process.platform,
    env: process.env,
    run,
    read: (path) => readFile(path, 'utf8').catch(() => null),
    notificationState: () => state,
  });
}

export async function quietBy(asking: Asking): Promise<boolean> {
  if (asking.platform === 'win32') return busyOnWindows.includes(asking.notificationState() ?? 0);
  if (asking.platform === 'darwin') return await focusOnMac(asking);
  return (await fullScreenOnX11(asking)) || (await silencedOnLinux(asking));
}

/** A Focus that is on stands in this file. Its absence, or a refusal to read it, is no Focus. */
async function focusOnMac({ read }: Asking): Promise<boolean> {
  const text = await read(join(homedir(), 'Library', 'DoNotDisturb', 'DB', 'Assertions.json'));
  try {
    const { data } = JSON.parse(text ?? '') as { data?: { storeAssertionRecords?: unknown[] }[] };
    return data?.some(({ storeAssertionRecords }) => (storeAssertionRecords?.length ?? 0) > 0) ?? false;
  } catch {
    return false;
  }
}

async function fullScreenOnX11({ env, run }: Asking): Promise<boolean> {
  if (!env.DISPLAY) return false;
  const active = /window id # (0x[0-9a-f]+)/.exec((await run('xprop', ['-root', '_NET_ACTIVE_WINDOW'])) ?? '')?.[1];
  if (active === undefined || active === '0x0') return false;
  return ((await run('xprop', ['-id', active, '_NET_WM_STATE'])) ?? '').includes('_NET_WM_STATE_FULLSCREEN');
}

/** GNOME has a switch for banners, KDE says on the bus whether notifications are inhibited. */
async function silencedOnLinux({ env, run }: Asking): Promise<boolean> {
  const desktop = env.XDG_CURRENT_DESKTOP ?? '';
  if (/GNOME|Unity/i.test(desktop)) {
    return (await run('gsettings', ['get', 'org.gnome.desktop.notifications', 'show-banners']))?.trim() === 'false';
  }
  if (!/KDE/i.test(desktop)) return false;
  const notifications = ['--dest', 'org.freedesktop.Notifications', '--object-path', '/org/freedesktop/Notifications'];
  const get = ['org.freedesktop.Notifications', 'Inhibited'];
  const said = await run('gdbus', ['call', '--session', ...notifications, '--method', 'org.freedesktop.DBus.Properties.Get', ...get]);
  return said?.includes('true') ?? false;
}
