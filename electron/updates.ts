// New versions of the app itself: fetched while nobody waits for an answer, put in place when the app is quit, and not at all where the
// operator switched it off. electron-updater checks signatures and follows the staged percentage of a release.
import { app } from 'electron';
import type { AppUpdater } from 'electron-updater';

const everyMs = 6 * 3_600_000;
// Loaded when first wanted: it reads what only a packed app has.
const real = async (): Promise<AppUpdater> => (await import('electron-updater')).default.autoUpdater;

/** Returns what is called whenever something changed, and every hour. */
export function makeUpdates(load: () => Promise<AppUpdater> = real): (wanted: boolean, waiting: number, now?: number) => Promise<void> {
  let updater: AppUpdater | null = null;
  let lookedAt = Number.NEGATIVE_INFINITY;
  return async (wanted, waiting, now = performance.now()) => {
    const may = wanted && waiting === 0;
    if (updater) updater.autoInstallOnAppQuit = may;
    if (!may || !app.isPackaged || now - lookedAt < everyMs) return;
    lookedAt = now;
    try {
      updater ??= Object.assign(await load(), { autoInstallOnAppQuit: true, allowDowngrade: false, allowPrerelease: false, logger: null });
      await updater.checkForUpdates();
    } catch {
      // No network, or no release: looked for again later.
    }
  };
}
