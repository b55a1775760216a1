// The desktop shell: one instance, a console and a prompt window, a tray, one broker process. Nothing of the broker runs here.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { app, dialog, Menu, type MenuItemConstructorOptions, type MessagePortMain, nativeTheme, protocol, screen, session } from 'electron';
import type { Face } from '../broker/start.ts';
import { BrokerLink, type BrokerState } from './broker-link.ts';
import { forkBroker } from './fork.ts';
import { guardPages, guardSession } from './guards.ts';
import { hiddenSwitch, startAtLogin, startsAtLogin } from './login.ts';
import { Notices } from './notices.ts';
import { consoleUrl, promptUrl, scheme } from './origin.ts';
import { openPage, type Page } from './page.ts';
import { PromptWindow } from './prompt.ts';
import { serveConsole } from './protocol.ts';
import { makeTray, type TrayFace } from './tray.ts';
import { consoleOptions, keepBounds, promptOptions, readBounds, within } from './window.ts';
import { faceOf, stateInWords } from './words.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const consoleFolder = join(here, '..', 'dist', 'console');
const preload = join(here, 'preload.cjs');
const boundsFile = (): string => join(app.getPath('userData'), 'window.json');

let main: Page | null = null;
let tray: TrayFace | null = null;
let face: Face | null = null;
let quitting = false;

const attach = (port: MessagePortMain): boolean => link.attach(port);
const stays = (): boolean => !quitting;
const looks = (): [string, boolean, boolean] => [preload, nativeTheme.shouldUseDarkColors, app.isPackaged];
const prompt = new PromptWindow(() => {
  const page = openPage(promptOptions(...looks()), promptUrl, attach, stays);
  // Neither a shared screen nor another program sees what is asked, where the system can keep it from them.
  page.window.setContentProtection(true);
  page.window.setVisibleOnAllWorkspaces(true);
  return page;
});
const notices = new Notices(
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
  tray?.says(shown, startsAtLogin());
  const { notifyOnly } = shown;
  notices.follow(notifyOnly && !shown.quiet ? shown.waiting : []);
  // In the console the question stands already before the person.
  const hold = notifyOnly || shown.quiet || (main?.window.isFocused() ?? false);
  prompt.follow(
    shown.waiting.map(({ id }) => id),
    hold,
  );
}

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

function openConsole(): Page {
  const screens = screen.getAllDisplays().map((display) => display.workArea);
  const page = openPage(consoleOptions(within(readBounds(boundsFile()), screens), ...looks()), consoleUrl, attach, stays);
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

function showConsole(): void {
  if (main === null) main = openConsole();
  else {
    if (main.window.isMinimized()) main.window.restore();
    main.window.show();
    main.window.focus();
  }
}

/** Without a tray this is where one quits; on macOS it also brings the usual keys. */
function menu(): MenuItemConstructorOptions[] {
  const quit: MenuItemConstructorOptions = { label: 'Quit Gatehouse', accelerator: 'CmdOrCtrl+Q', click: () => app.quit() };
  return [
    { label: 'Gatehouse', submenu: [{ label: 'Open Gatehouse', click: showConsole }, quit] },
    { role: 'editMenu' },
    { role: 'windowMenu' },
  ];
}

function run(): void {
  app.enableSandbox();
  protocol.registerSchemesAsPrivileged([{ scheme, privileges: { standard: true, secure: true, supportFetchAPI: true } }]);
  guardPages(app);
  app.on('second-instance', showConsole);
  app.on('activate', showConsole);
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
    Menu.setApplicationMenu(Menu.buildFromTemplate(menu()));
    tray = makeTray(join(here, 'icons'), {
      open: showConsole,
      prompt: () => prompt.bringUp(),
      act: (given) => link.act(given),
      atLogin(wanted) {
        startAtLogin(wanted);
        show();
      },
      quit: () => app.quit(),
    });
    link.start();
    if (!app.commandLine.hasSwitch(hiddenSwitch)) showConsole();
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
