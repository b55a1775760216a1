// The desktop shell: one instance, one window, one broker process. Nothing of the broker runs here.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { app, BrowserWindow, dialog, Menu, type MessagePortMain, nativeTheme, protocol, screen, session } from 'electron';
import { BrokerLink, type BrokerState } from './broker-link.ts';
import { forkBroker } from './fork.ts';
import { guardPages, guardSession } from './guards.ts';
import { handOver } from './hand-over.ts';
import { consoleUrl, scheme } from './origin.ts';
import { serveConsole } from './protocol.ts';
import { makeTray, type TrayFace } from './tray.ts';
import { keepBounds, readBounds, windowOptions, within } from './window.ts';
import { stateInWords } from './words.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const consoleFolder = join(here, '..', 'dist', 'console');

let window: BrowserWindow | null = null;
let line: ReturnType<typeof handOver> | null = null;
let tray: TrayFace | null = null;
let quitting = false;

const link = new BrokerLink<MessagePortMain>(forkBroker, (state) => {
  tray?.says(stateInWords(state));
  window?.setTitle(state.is === 'running' ? 'Gatehouse' : stateInWords(state));
  if (state.is === 'running') line?.again();
  if (state.is === 'failed') void askAboutFailure(state);
});

async function askAboutFailure({ message, hint }: Extract<BrokerState, { is: 'failed' }>): Promise<void> {
  const { response } = await dialog.showMessageBox({
    type: 'error',
    title: 'Gatehouse',
    message,
    detail: `${hint}\n\nUntil it runs, nothing passes.`,
    buttons: ['Try again', 'Quit'],
    defaultId: 0,
    cancelId: 1,
    noLink: true,
  });
  if (response === 0) link.retry();
  else app.quit();
}

function openWindow(): void {
  const boundsFile = join(app.getPath('userData'), 'window.json');
  const bounds = within(
    readBounds(boundsFile),
    screen.getAllDisplays().map((display) => display.workArea),
  );
  const made = new BrowserWindow(windowOptions(bounds, join(here, 'preload.cjs'), nativeTheme.shouldUseDarkColors, app.isPackaged));
  window = made;
  line = handOver(made.webContents, (port) => link.attach(port));
  made.on('page-title-updated', (event) => event.preventDefault());
  made.once('ready-to-show', () => made.show());
  made.on('close', (event) => {
    keepBounds(boundsFile, made.getNormalBounds());
    // Closing the window puts it aside: the broker goes on, and so does the tray.
    if (quitting) return;
    event.preventDefault();
    made.hide();
  });
  made.on('closed', () => {
    line?.end();
    line = null;
    window = null;
  });
  made.webContents.on('render-process-gone', (_event, details) => {
    if (details.reason !== 'clean-exit') made.webContents.reload();
  });
  void made.loadURL(consoleUrl);
}

function showWindow(): void {
  if (window === null) openWindow();
  else {
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  }
}

function run(): void {
  app.enableSandbox();
  protocol.registerSchemesAsPrivileged([{ scheme, privileges: { standard: true, secure: true, supportFetchAPI: true } }]);
  guardPages(app);
  app.on('second-instance', showWindow);
  app.on('activate', showWindow);
  // Without a listener Electron would quit with the last window; Gatehouse quits only when told.
  app.on('window-all-closed', () => {});
  app.on('before-quit', (event) => {
    if (quitting) return;
    quitting = true;
    event.preventDefault();
    void link.stop().finally(() => app.quit());
  });
  void app.whenReady().then(() => {
    guardSession(session.defaultSession);
    protocol.handle(scheme, (request) => serveConsole(consoleFolder, request));
    if (process.platform !== 'darwin') Menu.setApplicationMenu(null);
    tray = makeTray(join(here, 'icons', 'tray.png'), showWindow, () => app.quit());
    link.start();
    openWindow();
  });
}

// Whoever starts the installed app with a debugger on its window would be its operator. A checkout has no such promise to keep.
const debugged = app.isPackaged && ['remote-debugging-port', 'remote-debugging-pipe'].some((name) => app.commandLine.hasSwitch(name));
if (debugged) {
  console.error('Gatehouse does not start with a debugger on its window. Start it without --remote-debugging-*.');
  app.exit(1);
  // Two shells would mean two brokers for one home: the second one only brings the first to the front.
} else if (app.requestSingleInstanceLock()) run();
else app.quit();
