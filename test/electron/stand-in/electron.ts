// Stands in for the parts of Electron that the shell imports, where Electron's binary is not to be had. Windows are real Chromium
// pages and the broker is a real process; what a desktop draws (tray, dialogs, menus) is only written down, in `seen`.
import { EventEmitter } from 'node:events';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Frame } from '@playwright/test';
import { StandInPage, toOutside } from './page.ts';
import { PortBorder, StandInChannel, type StandInPort } from './ports.ts';
import { StandInUtility } from './utility.ts';

type Answer = { response: number };
export interface MenuItem {
  label?: string;
  type?: string;
  checked?: boolean;
  enabled?: boolean;
  click?(): void;
  submenu?: MenuItem[];
}
export const seen = {
  windows: [] as BrowserWindow[],
  brokers: [] as StandInUtility[],
  dialogs: [] as { options: Record<string, unknown>; answer(value: Answer): void }[],
  trays: [] as { icon: string; tip: string; title: string; menu: MenuItem[] }[],
  /** The menu of the program itself. */
  menu: [] as MenuItem[],
  notifications: [] as Notification[],
  /** Where the pointer is: on the second of two screens. */
  pointer: { x: 2500, y: 400 },
  atLogin: false,
  linkedSchemes: [] as string[],
  bounces: 0,
  schemes: [] as object[],
  sandboxed: false,
  quit: false,
  /** Runs in place of the program that the shell forks. */
  brokerProgram: null as string | null,
  /** Added to the environment of the forked process. */
  brokerEnvironment: {} as Record<string, string>,
};

class Prevented {
  prevented = false;
  constructor(facts: object = {}) {
    Object.assign(this, facts);
  }
  preventDefault(): void {
    this.prevented = true;
  }
}

const userData = mkdtempSync(join(tmpdir(), 'gatehouse-shell-'));

class App extends EventEmitter {
  singleInstance = true;
  isPackaged = false;
  readonly dock = {
    bounce: (): void => {
      seen.bounces += 1;
    },
  };
  readonly commandLine = { hasSwitch: (name: string): boolean => process.argv.includes(`--${name}`) };
  setAsDefaultProtocolClient(scheme: string): boolean {
    seen.linkedSchemes.push(scheme);
    return true;
  }
  getLoginItemSettings(): { openAtLogin: boolean } {
    return { openAtLogin: seen.atLogin };
  }
  setLoginItemSettings({ openAtLogin }: { openAtLogin: boolean }): void {
    seen.atLogin = openAtLogin;
  }
  exit(): void {
    seen.quit = true;
  }
  requestSingleInstanceLock(): boolean {
    return this.singleInstance;
  }
  enableSandbox(): void {
    seen.sandboxed = true;
  }
  whenReady(): Promise<void> {
    return Promise.resolve();
  }
  getPath(name: string): string {
    return join(userData, name);
  }
  quit(): void {
    const event = new Prevented();
    this.emit('before-quit', event);
    if (event.prevented) return;
    for (const window of [...seen.windows]) if (!window.close()) return;
    seen.quit = true;
    this.emit('quit');
  }
}
export const app = new App();

const handlers = new Map<string, (request: Request) => Promise<Response>>();
export const protocol = {
  registerSchemesAsPrivileged: (schemes: object[]): void => void seen.schemes.push(...schemes),
  handle: (scheme: string, handler: (request: Request) => Promise<Response>): void => void handlers.set(scheme, handler),
};

type BeforeRequest = (details: { url: string }, answer: (verdict: { cancel: boolean }) => void) => void;
class Session extends EventEmitter {
  permissionRequest: ((contents: unknown, permission: string, answer: (yes: boolean) => void) => void) | null = null;
  permissionCheck: (() => boolean) | null = null;
  device: (() => boolean) | null = null;
  beforeRequest: BeforeRequest | null = null;
  setPermissionRequestHandler(handler: Session['permissionRequest']): void {
    this.permissionRequest = handler;
  }
  setPermissionCheckHandler(handler: Session['permissionCheck']): void {
    this.permissionCheck = handler;
  }
  setDevicePermissionHandler(handler: Session['device']): void {
    this.device = handler;
  }
  readonly webRequest = {
    onBeforeRequest: (handler: BeforeRequest): void => {
      this.beforeRequest = handler;
    },
  };
}
export const session = { defaultSession: new Session() };

export const ipcMain = new EventEmitter();
export const MessageChannelMain = StandInChannel;

class WebContents extends EventEmitter {
  openHandler: ((details: { url: string }) => { action: string }) | null = null;
  readonly view: StandInPage;
  readonly border: PortBorder;

  constructor() {
    super();
    this.view = new StandInPage({
      serve: (url) => this.#serve(url),
      mayNavigate: (url, mainFrame) => this.#mayNavigate(url, mainFrame),
      mayOpen: (url) => this.openHandler?.({ url }).action !== 'deny',
      fromPreload: (channel, frame) => void ipcMain.emit(channel, { sender: this, senderFrame: asFrame(frame) }),
      fromPort: (packet) => this.border.arrived(packet, true),
    });
    this.border = new PortBorder((packet) => void this.view.deliver(packet));
    app.emit('web-contents-created', {}, this);
  }

  async #serve(url: string): Promise<Response | null> {
    const allowed = await new Promise<boolean>((resolve) => {
      const asked = session.defaultSession.beforeRequest;
      if (asked === null) resolve(true);
      else asked({ url }, ({ cancel }) => resolve(!cancel));
    });
    const handler = handlers.get(URL.parse(url)?.protocol.slice(0, -1) ?? '');
    return allowed && handler !== undefined ? handler({ method: 'GET', url } as Request) : null;
  }

  #mayNavigate(url: string, isMainFrame: boolean): boolean {
    const event = new Prevented({ url, isMainFrame });
    this.emit('will-frame-navigate', event);
    if (isMainFrame) this.emit('will-navigate', event);
    return !event.prevented;
  }

  setWindowOpenHandler(handler: WebContents['openHandler']): void {
    this.openHandler = handler;
  }
  isDestroyed(): boolean {
    return false;
  }
  reload(): void {
    void this.view.page?.reload();
  }
  postMessage(channel: string, _message: unknown, ports: StandInPort[] = []): void {
    void this.view.deliver({ channel, numbers: ports.map((port) => this.border.transfer(port)) });
  }
}

const asFrame = (frame: Frame): { url: string; parent: object | null } => ({ url: toOutside(frame.url()), parent: frame.parentFrame() });

interface Options {
  title: string;
  width: number;
  height: number;
  webPreferences: { preload: string };
}
export class BrowserWindow extends EventEmitter {
  readonly webContents = new WebContents();
  readonly options: Options;
  visible = false;
  focused = false;
  /** How often it came up without taking the focus. */
  inactive = 0;
  flashes: boolean[] = [];
  protectedContent = false;
  everywhere = false;
  title = '';
  bounds: object = {};
  constructor(options: Options) {
    super();
    this.options = options;
    seen.windows.push(this);
  }
  async loadURL(url: string): Promise<void> {
    await this.webContents.view.open(url, this.options.webPreferences.preload, this.options);
    this.emit('ready-to-show');
  }
  setTitle(title: string): void {
    this.title = title;
  }
  show(): void {
    this.visible = true;
    this.focus();
  }
  showInactive(): void {
    this.visible = true;
    this.inactive += 1;
  }
  hide(): void {
    const was = this.visible;
    this.visible = false;
    this.#blur();
    if (was) this.emit('hide');
  }
  focus(): void {
    for (const window of seen.windows) if (window !== this) window.#blur();
    this.focused = true;
    this.emit('focus');
  }
  #blur(): void {
    const was = this.focused;
    this.focused = false;
    if (was) this.emit('blur');
  }
  isFocused(): boolean {
    return this.focused;
  }
  isVisible(): boolean {
    return this.visible;
  }
  isDestroyed(): boolean {
    return !seen.windows.includes(this);
  }
  flashFrame(on: boolean): void {
    this.flashes.push(on);
  }
  setContentProtection(on: boolean): void {
    this.protectedContent = on;
  }
  setVisibleOnAllWorkspaces(on: boolean): void {
    this.everywhere = on;
  }
  setBounds(bounds: object): void {
    this.bounds = bounds;
  }
  restore(): void {}
  isMinimized(): boolean {
    return false;
  }
  getNormalBounds(): object {
    return { x: 10, y: 20, width: this.options.width, height: this.options.height };
  }
  /** As a click on the window's close button; false when the shell kept it. */
  close(): boolean {
    const event = new Prevented();
    this.emit('close', event);
    if (event.prevented) return false;
    seen.windows.splice(seen.windows.indexOf(this), 1);
    void this.webContents.view.close();
    this.emit('closed');
    return true;
  }
}

export const dialog = {
  showMessageBox: (options: Record<string, unknown>): Promise<Answer> =>
    new Promise((resolve) => void seen.dialogs.push({ options, answer: resolve })),
};
export const Menu = {
  setApplicationMenu: (menu: MenuItem[]): void => {
    seen.menu = menu;
  },
  buildFromTemplate: (template: MenuItem[]): MenuItem[] => template,
};
export class Notification extends EventEmitter {
  readonly options: { title: string; body: string; actions: { text: string }[] };
  open = false;
  constructor(options: Notification['options']) {
    super();
    this.options = options;
    seen.notifications.push(this);
  }
  static isSupported(): boolean {
    return true;
  }
  show(): void {
    this.open = true;
  }
  close(): void {
    this.open = false;
  }
}
export const nativeTheme = { shouldUseDarkColors: false };
const displays = [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }, { workArea: { x: 1920, y: 0, width: 1280, height: 1000 } }];
export const screen = {
  getAllDisplays: () => displays,
  getCursorScreenPoint: (): { x: number; y: number } => seen.pointer,
  getDisplayNearestPoint: ({ x }: { x: number }) => displays[x < 1920 ? 0 : 1] ?? { workArea: { x: 0, y: 0, width: 0, height: 0 } },
};
export const nativeImage = {
  createFromPath: (path: string): string => {
    if (!existsSync(path)) throw new Error(`there is no picture ${path}`);
    return path;
  },
};
export class Tray extends EventEmitter {
  readonly face = { icon: '', tip: '', title: '', menu: [] as MenuItem[] };
  constructor(icon: string) {
    super();
    this.face.icon = icon;
    seen.trays.push(this.face);
  }
  setToolTip(tip: string): void {
    this.face.tip = tip;
  }
  setImage(icon: string): void {
    this.face.icon = icon;
  }
  setTitle(title: string): void {
    this.face.title = title;
  }
  setContextMenu(menu: MenuItem[]): void {
    this.face.menu = menu;
  }
}

export const utilityProcess = {
  fork: (program: string, args: string[], options: { env: Record<string, string>; execArgv: string[] }): StandInUtility => {
    const child = new StandInUtility(seen.brokerProgram ?? program, args, {
      ...options,
      env: { ...options.env, ...seen.brokerEnvironment },
    });
    seen.brokers.push(child);
    return child;
  },
};
