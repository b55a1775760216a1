import { expect, it, vi } from 'vitest';

vi.mock('electron', () => ({ app: { isPackaged: true } }));
const { makeUpdates } = await import('../../electron/updates.ts');

const hours = (count: number) => count * 3_600_000;
function watched(check: () => Promise<unknown> = async () => null) {
  const updater = { checkForUpdates: vi.fn(check), autoInstallOnAppQuit: false };
  const load = vi.fn(async () => updater as never);
  return { updater, load, update: makeUpdates(load) };
}

it('looks at the start and every six hours, never backwards, and puts it in place when the app is quit', async () => {
  const { updater, update } = watched();
  await update(true, 0, 0);
  await update(true, 0, hours(5));
  expect(updater.checkForUpdates).toHaveBeenCalledTimes(1);
  await update(true, 0, hours(6));
  expect(updater.checkForUpdates).toHaveBeenCalledTimes(2);
  expect(updater).toMatchObject({ autoInstallOnAppQuit: true, allowDowngrade: false, allowPrerelease: false });
});

it('does nothing while an approval is open, not even at the end', async () => {
  const { updater, load, update } = watched();
  await update(true, 1, 0);
  expect(load).not.toHaveBeenCalled();
  await update(true, 0, hours(1));
  await update(true, 2, hours(8));
  expect(updater.autoInstallOnAppQuit).toBe(false);
  expect(updater.checkForUpdates).toHaveBeenCalledTimes(1);
});

it('does nothing where it is switched off, and puts nothing in place that was fetched before', async () => {
  const { updater, load, update } = watched();
  await update(false, 0, 0);
  expect(load).not.toHaveBeenCalled();
  await update(true, 0, hours(1));
  await update(false, 0, hours(9));
  expect(updater.checkForUpdates).toHaveBeenCalledTimes(1);
  expect(updater.autoInstallOnAppQuit).toBe(false);
});

it('goes on where there is no network', async () => {
  const { updater, update } = watched(() => Promise.reject(new Error('no network')));
  await expect(update(true, 0, 0)).resolves.toBeUndefined();
  await update(true, 0, hours(6));
  expect(updater.checkForUpdates).toHaveBeenCalledTimes(2);
});
