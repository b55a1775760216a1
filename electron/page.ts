// One window of ours: its page, its line to the broker, put aside instead of closed, and shown again when its page crashed.
import { BrowserWindow, type BrowserWindowConstructorOptions, type MessagePortMain } from 'electron';
import { handOver } from './hand-over.ts';

export interface Page {
  readonly window: BrowserWindow;
  /** Gives the page a new line, after a broker has come up. */
  again(): void;
}

/** `stays` says, at the moment of closing, whether the window is only hidden; `attach` takes the broker's end of a line. */
export function openPage(
  options: BrowserWindowConstructorOptions,
  url: string,
  attach: (port: MessagePortMain) => boolean,
  stays: () => boolean,
): Page {
  const window = new BrowserWindow(options);
  const { webContents } = window;
  const line = handOver(webContents, attach);
  let crashes = 0;
  window.on('page-title-updated', (event) => event.preventDefault());
  window.on('close', (event) => {
    if (!stays()) return;
    event.preventDefault();
    window.hide();
  });
  window.on('closed', () => line.end());
  webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit') return;
    // A page that crashes at its start would do so for ever: each time it waits longer.
    crashes += 1;
    setTimeout(() => window.isDestroyed() || webContents.reload(), Math.min(60_000, 125 * 2 ** crashes));
  });
  void window.loadURL(url);
  return { window, again: line.again };
}
