// Start at login: the system's own list on macOS and Windows, a file in the autostart folder elsewhere.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { app } from 'electron';

/** Starts without a window; the tray is there. */
export const hiddenSwitch = 'hidden';

const entry = (): string => join(app.getPath('appData'), 'autostart', 'gatehouse.desktop');

/** Quoted as the desktop entry specification wants it: first as an argument, then as a value, where a backslash is doubled and a line ends. */
const quoted = (path: string): string =>
  `"${path.replace(/["`$\\]/g, '\\$&').replaceAll('%', '%%')}"`.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');

export function startsAtLogin(): boolean {
  return process.platform === 'linux' ? existsSync(entry()) : app.getLoginItemSettings().openAtLogin;
}

export function startAtLogin(wanted: boolean): void {
  if (process.platform !== 'linux') return app.setLoginItemSettings({ openAtLogin: wanted, args: [`--${hiddenSwitch}`] });
  if (!wanted) return rmSync(entry(), { force: true });
  mkdirSync(join(app.getPath('appData'), 'autostart'), { recursive: true });
  // An AppImage runs from a place that is gone after it ends.
  const program = process.env.APPIMAGE ?? app.getPath('exe');
  writeFileSync(entry(), `[Desktop Entry]\nType=Application\nName=Gatehouse\nExec=${quoted(program)} --${hiddenSwitch}\n`);
}
