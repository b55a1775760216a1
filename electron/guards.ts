// What no page may do in this program, whatever it says: leave the console, open windows, embed pages, get a permission, fetch, download.
import type { App, Session } from 'electron';
import { isConsole } from './origin.ts';

export function guardPages(app: App): void {
  // There is one session; should anything ever make another, it is guarded before its first page.
  app.on('session-created', guardSession);
  app.on('web-contents-created', (_event, contents) => {
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
    contents.on('will-attach-webview', (event) => event.preventDefault());
    // A reload of the console itself is the one navigation that may happen.
    contents.on('will-navigate', (event) => {
      if (!isConsole(event.url)) event.preventDefault();
    });
    contents.on('will-frame-navigate', (event) => {
      if (!event.isMainFrame || !isConsole(event.url)) event.preventDefault();
    });
    contents.on('will-redirect', (event) => event.preventDefault());
  });
}

export function guardSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  session.on('will-download', (event) => event.preventDefault());
  session.webRequest.onBeforeRequest((details, answer) => answer({ cancel: !isConsole(details.url) }));
}

// Whoever starts the app with one of these would read its pages, or have put a program around or in place of its processes.
const meddling = `remote-debugging-port remote-debugging-pipe remote-debugging-targets auto-open-devtools-for-tabs disable-web-security
  js-flags renderer-cmd-prefix utility-cmd-prefix gpu-launcher browser-subprocess-path`.split(/\s+/);
export const isMeddling = (hasSwitch: (name: string) => boolean): boolean => meddling.some(hasSwitch);
