// A window of the stand-in: a real Chromium page that gets its files from the shell's protocol handler and runs the shell's real preload.
import { existsSync, readFileSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Frame, type Page, type Request } from '@playwright/test';

/** Chromium knows no gatehouse:// scheme; inside the browser the console stands at this address instead. */
const inside = 'https://gatehouse-console.test/';
const outside = 'gatehouse://console/';
export const toOutside = (url: string): string => (url.startsWith(inside) ? outside + url.slice(inside.length) : url);
const toInside = (url: string): string => (url.startsWith(outside) ? inside + url.slice(outside.length) : url);

export interface PageEvents {
  /** Answers a request with the shell's protocol handler; null when the shell forbids it. */
  serve(url: string, method: string): Promise<Response | null>;
  /** False when the shell prevents this navigation. */
  mayNavigate(url: string, mainFrame: boolean): boolean;
  mayOpen(url: string): boolean;
  fromPreload(channel: string, frame: Frame): void;
  fromPort(packet: { port: number; data?: unknown; closed?: true }): void;
}

/** In the page: Electron's `require('electron')` for a sandboxed preload, and its ports as real DOM ports. */
const preloadWorld = `
  const listeners = {}, ports = new Map();
  const encode = (data) => typeof data === 'string' ? { text: data } : { bytes: btoa(String.fromCharCode(...new Uint8Array(data.buffer ?? data))) };
  const decode = (data) => 'text' in data ? data.text : Uint8Array.from(atob(data.bytes), (c) => c.charCodeAt(0));
  const ipcRenderer = {
    on: (channel, listener) => { (listeners[channel] ??= []).push(listener); },
    send: (channel) => { __standIn({ send: channel }); },
  };
  const require = (name) => { if (name !== 'electron') throw new Error('a sandboxed preload has no ' + name); return { ipcRenderer }; };
  window.__standInDeliver = ({ channel, numbers, port, data, closed }) => {
    if (port !== undefined) { const own = ports.get(port); if (closed) { own?.close(); ports.delete(port); } else own?.postMessage(decode(data)); return; }
    const given = numbers.map((number) => {
      const { port1, port2 } = new MessageChannel();
      ports.set(number, port1);
      port1.onmessage = ({ data }) => __standIn({ port: number, data: encode(data) });
      return port2;
    });
    for (const listener of listeners[channel] ?? []) listener({ ports: given });
  };
`;

const toWire = (data: unknown): object =>
  typeof data === 'string' ? { text: data } : { bytes: Buffer.from(data as Uint8Array).toString('base64') };
const fromWire = (data: { text?: string; bytes?: string }): unknown => data.text ?? new Uint8Array(Buffer.from(data.bytes ?? '', 'base64'));

/** A request of a window that is only just opening has no frame yet. */
function isMainFrameOf(page: Page, request: Request): boolean {
  try {
    return request.frame() === page.mainFrame();
  } catch {
    return true;
  }
}

let browser: Promise<Browser> | null = null;
/** Debian's Chromium where it is; elsewhere the one that Playwright brought. */
const debian = '/usr/bin/chromium';
const launch = (): Promise<Browser> =>
  chromium.launch({
    ...(existsSync(debian) ? { executablePath: debian } : {}),
    args: ['--no-sandbox', '--disable-background-networking', '--disable-gpu'],
  });

export async function closeBrowser(): Promise<void> {
  await (await browser)?.close();
  browser = null;
}

export class StandInPage {
  page: Page | null = null;
  /** Called with the page before it loads anything. */
  onPage: (page: Page) => void = () => {};
  #context: BrowserContext | null = null;
  readonly #events: PageEvents;

  constructor(events: PageEvents) {
    this.#events = events;
  }

  async open(url: string, preload: string, size: { width: number; height: number }): Promise<Page> {
    if (this.page !== null) {
      await this.page.goto(toInside(url)).catch(() => {});
      return this.page;
    }
    browser ??= launch();
    this.#context = await (await browser).newContext({ viewport: size, acceptDownloads: false });
    await this.#context.exposeBinding('__standIn', ({ frame }, packet: { send?: string; port?: number; data?: object }) => {
      if (packet.send !== undefined) this.#events.fromPreload(packet.send, frame);
      else if (packet.port !== undefined) this.#events.fromPort({ port: packet.port, data: fromWire(packet.data ?? {}) });
    });
    // Electron runs a preload in the top frame only.
    const script = readFileSync(preload, 'utf8');
    await this.#context.addInitScript(`if (window.top === window) { ${preloadWorld}; (function (require) { ${script}\n })(require); }`);
    const page = await this.#context.newPage();
    this.page = page;
    this.onPage(page);
    page.on('popup', (popup) => {
      if (!this.#events.mayOpen(popup.url())) void popup.close();
    });
    let first = true;
    await this.#context.route('**/*', async (route) => {
      const request = route.request();
      const asked = toOutside(request.url());
      // 204 leaves the page where it is, as a prevented navigation does.
      if (request.isNavigationRequest() && !first && !this.#events.mayNavigate(asked, isMainFrameOf(page, request))) {
        return route.fulfill({ status: 204 });
      }
      first = false;
      const response = await this.#events.serve(asked, request.method());
      if (response === null) return route.abort();
      const body = Buffer.from(await response.arrayBuffer());
      await route.fulfill({ status: response.status, headers: Object.fromEntries(response.headers), body });
    });
    await page.goto(toInside(url), { waitUntil: 'load' });
    return page;
  }

  async deliver(packet: { channel?: string; numbers?: number[]; port?: number; data?: unknown; closed?: true }): Promise<void> {
    const sent = packet.data === undefined ? packet : { ...packet, data: toWire(packet.data) };
    await this.page
      ?.evaluate((given) => (window as unknown as { __standInDeliver(p: object): void }).__standInDeliver(given), sent)
      .catch(() => {});
  }

  async close(): Promise<void> {
    // The browser may have gone before its windows.
    await this.#context?.close().catch(() => {});
  }
}
