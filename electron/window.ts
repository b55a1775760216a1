// The two windows, console and prompt: how they are allowed to be, and the place they had last time.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { BrowserWindowConstructorOptions, Rectangle } from 'electron';

export type Bounds = Pick<Rectangle, 'width' | 'height'> & Partial<Rectangle>;

export const usualBounds: Bounds = { width: 1180, height: 780 };

/** Every setting that Electron's security checklist names is written out, so that no default can change under us. */
function ours(preload: string, dark: boolean, packaged: boolean): BrowserWindowConstructorOptions {
  return {
    show: false,
    minWidth: 420,
    minHeight: 560,
    backgroundColor: dark ? '#141310' : '#f7f6f3',
    autoHideMenuBar: true,
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      safeDialogs: true,
      spellcheck: false,
      // Whoever opens them at the operator's desk would be the operator; a checkout has no such promise to keep.
      devTools: !packaged,
    },
  };
}

export function consoleOptions(bounds: Bounds, preload: string, dark: boolean, packaged: boolean): BrowserWindowConstructorOptions {
  return { ...ours(preload, dark, packaged), ...bounds, title: 'Gatehouse' };
}

const promptSize = { width: 420, height: 560 };

/** Over everything, and never the reason why somebody types into the wrong window. */
export function promptOptions(preload: string, dark: boolean, packaged: boolean): BrowserWindowConstructorOptions {
  return {
    ...ours(preload, dark, packaged),
    ...promptSize,
    title: 'Gatehouse asks',
    alwaysOnTop: true,
    minimizable: false,
    maximizable: false,
    fullscreenable: false,
    // On macOS a panel comes up without making its program the active one.
    ...(process.platform === 'darwin' ? { type: 'panel' } : {}),
  };
}

/** Where a prompt stands on a screen: its upper right corner, whole. */
export function promptCorner(area: Rectangle): Rectangle {
  const { width, height } = promptSize;
  return {
    x: Math.max(area.x, area.x + area.width - width - 24),
    y: area.y + Math.min(24, Math.max(0, area.height - height)),
    width,
    height,
  };
}

const whole = (value: unknown, least: number, most: number): value is number =>
  Number.isInteger(value) && (value as number) >= least && (value as number) <= most;

/** The bounds of last time; the usual ones when there are none, or when what is kept is not a size a window can have. */
export function readBounds(file: string): Bounds {
  try {
    const { x, y, width, height } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    if (!whole(width, 420, 10_000) || !whole(height, 560, 10_000)) return usualBounds;
    return whole(x, -20_000, 20_000) && whole(y, -20_000, 20_000) ? { x, y, width, height } : { width, height };
  } catch {
    return usualBounds;
  }
}

/** The same bounds where they still lie on one of these screens; else only the size, and the system finds a place. */
export function within(bounds: Bounds, screens: readonly Rectangle[]): Bounds {
  const { x, y, width, height } = bounds;
  if (x === undefined || y === undefined) return bounds;
  // At least a hand's breadth of the title bar must be reachable.
  const reachable = screens.some((s) => x + width > s.x + 80 && x < s.x + s.width - 80 && y >= s.y - 8 && y < s.y + s.height - 40);
  return reachable ? bounds : { width, height };
}

/** Keeps the bounds for next time. A full disk must not keep a window from closing: a failure is dropped. */
export function keepBounds(file: string, { x, y, width, height }: Bounds): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, JSON.stringify({ x, y, width, height }), { mode: 0o600 });
  } catch {
    // Next time the window has its usual size.
  }
}
