// The desktop shell: one instance, a console and a prompt window, a tray, one broker process. Nothing of the broker runs here.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { app, dialog, Menu, type MenuItemConstructorOptions, type MessagePortMain, nativeTheme, protocol, screen, session } from 'electron';
import type { Face } from '../broker/start.ts';
import { BrokerLink, type BrokerState } from './broker-link.ts';
import { forkBroker } from './fork.ts';
import { guardPages, guardSession, isMeddling } from './guards.ts';
import { hiddenSwitch, startAtLogin, startsAtLogin } from './login.ts';
import { makeNotices } from './notices.ts';
import { consoleUrl, linkedPage, promptUrl, scheme } from './origin.ts';
import { openPage, type Page } from './page.ts';
import { PromptWindow } from './prompt.ts';
import { serveConsole } from './protocol.ts';
import { makeTray } from './tray.ts';
import { makeUpdates } from './updates.ts';
import { consoleOptions, keepBounds, promptOptions, readBounds, within } from './window.ts';
import { faceOf, stateInWords } from './words.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const preload = join(here, 'preload.cjs');
const boundsFile = (): string => join(app.getPath('userData'), 'window.json');

let main: Page | null = null;
let drawTray: ReturnType<typeof makeTray> | null = null;
let face: Face | null = null;
let quitting = false;

const attach = (port: MessagePortMain): boolean => link.attach(port);
const looks = (): [string, boolean, boolean] => [preload, nativeTheme.shouldUseDarkColors, app.isPackaged];
const prompt = new PromptWindow(() => {
  const page = openPage(promptOptions(...looks()), promptUrl, attach, () => !quitting);
  // Neither a shared screen nor another program sees what is asked, where the system can keep it from them.
  page.window.setContentProtection(true);
  page.window.setVisibleOnAllWorkspaces(true);
  return page;
});
const update = makeUpdates();
const notify = makeNotices(
  () => prompt.bringUp(),
  ({ id, nonce }) => link.act({ act: 'deny', id, nonce }),
);

const link = new BrokerLink<MessagePortMain>(forkBroker, (state) => {
  if (state.is !== 'running') face = null;
  show();
  main?.window.setTitle(state.is === 'running' ? 'Gatehouse' : stateInWords(state));
  if (state.is === 'running') for (const page of [main, prompt]) page?.again();
  if (state.is === 'failed') void askAboutFailure(state);
});
link.onFace = (told) => {
  face = told as Face;
  show();
};

/** Draws the tray and brings up what has to come up. */
function show(): void {
  const shown = faceOf(link.state, face);
  drawTray?.(shown, startsAtLogin());
  notify(shown.notifyOnly && !shown.quiet ? shown.waiting : []);
  void update(shown.updates, shown.waiting.length);
  // In the console the question stands already before the person.
  const hold = shown.notifyOnly || shown.quiet || (main?.window.isFocused() ?? false);
  prompt.follow(shown.waiting, hold);
}

async function askAboutFailure({ message, hint }: Extract<BrokerState, { is: 'failed' }>): Promise<void> {
  const { response } = await dialog.showMessageBox({
    type: 'error',
    message,
    detail: `${hint}\n\nUntil it runs, nothing passes.`,
    buttons: ['Try again', 'Quit'],
    defaultId: 0,
    cancelId: 1,
  });
  if (response === 0) link.retry();
  else app.quit();
}

function openConsole(url: string): Page {
  const screens = screen.getAllDisplays().map((display) => display.workArea);
  const page = openPage(consoleOptions(within(readBounds(boundsFile()), screens), ...looks()), url, attach, () => !quitting);
  const { window } = page;
  window.once('ready-to-show', () => window.show());
  window.on('close', () => keepBounds(boundsFile(), window.getNormalBounds()));
  // What waits comes up by itself again once the person turned away.
  for (const event of ['blur', 'hide'] as const) window.on(event as 'blur', show);
  window.on('closed', () => {
    main = null;
  });
  return page;
}

/** Brings the console to the front, at the page that a link names. */
function showConsole(pageUrl: string | null): void {
  if (pageUrl === promptUrl) return prompt.bringUp();
  if (main === null) main = openConsole(pageUrl ?? consoleUrl);
  else {
    if (pageUrl !== null) void main.window.loadURL(pageUrl);
    if (main.window.isMinimized()) main.window.restore();
    main.window.show();
    main.window.focus();
  }
}

/** Without a tray this is where one quits; on macOS it also brings the usual keys. */
function menu(): MenuItemConstructorOptions[] {
  const quit: MenuItemConstructorOptions = { label: 'Quit Gatehouse', accelerator: 'CmdOrCtrl+Q', click: () => app.quit() };
  return [
    { label: 'Gatehouse', submenu: [{ label: 'Open Gatehouse', click: () => showConsole(null) }, quit] },
    { role: 'editMenu' },
    { role: 'windowMenu' },
  ];
}

function run(): void {
  app.enableSandbox();
  protocol.registerSchemesAsPrivileged([{ scheme, privileges: { standard: true, secure: true, supportFetchAPI: true } }]);
  guardPages(app);
  app.on('second-instance', (_event, words) => showConsole(linkedPage(words)));
  app.on('activate', () => showConsole(null));
  app.on('open-url', (event, url) => {
    event.preventDefault();
    void app.whenReady().then(() => showConsole(linkedPage([url])));
  });
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
    protocol.handle(scheme, (request) => serveConsole(join(here, '..', 'dist', 'console'), request));
    Menu.setApplicationMenu(Menu.buildFromTemplate(menu()));
    drawTray = makeTray(join(here, 'icons'), {
      open: () => showConsole(null),
      prompt: () => prompt.bringUp(),
      act: (given) => link.act(given),
      atLogin: (wanted) => {
        startAtLogin(wanted);
        show();
      },
      quit: () => app.quit(),
    });
    link.start();
    // The package's installers register the scheme; an AppImage has none.
    if (app.isPackaged) app.setAsDefaultProtocolClient(scheme);
    setInterval(show, 3_600_000).unref();
    if (!app.commandLine.hasSwitch(hiddenSwitch)) showConsole(linkedPage(process.argv));
  });
}

// Whoever starts the installed app under a debugger would be its operator. A checkout has no such promise to keep.
if (app.isPackaged && isMeddling((name) => app.commandLine.hasSwitch(name))) {
  console.error('Gatehouse does not start with a debugger on its pages or a program around its processes. Start it without such switches.');
  app.exit(1);
  // Two shells would mean two brokers for one home: the second one only brings the first to the front.
} else if (app.requestSingleInstanceLock()) run();
else app.quit();
