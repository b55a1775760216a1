// Builds the console once and opens it in a real browser before a fake broker; what a page complains of is a failure.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Browser, chromium, type Page } from '@playwright/test';
import { buildConsole } from '../../bin/build-console.mjs';
import { type Fake, type FakeOptions, startFake } from './fake.ts';

const root = join(import.meta.dirname, '../..');

/** Builds only what is stale: another test file may be reading it. */
export function build(): void {
  if (!buildConsole(process.execPath)) throw new Error('the console does not build');
}

/** Scripts that the page loads before it is asked for anything: those it names, and what these import at once. */
function firstScripts(): Set<string> {
  const assets = join(root, 'dist/console/assets');
  const page = readFileSync(join(root, 'dist/console/index.html'), 'utf8');
  const found = new Set([...page.matchAll(/assets\/([\w.-]+\.js)/g)].map(([, name = '']) => name));
  for (const script of found) {
    for (const [, name = ''] of readFileSync(join(assets, script), 'utf8').matchAll(/(?:from|import)\s*["'`]\.\/([\w.-]+\.js)/g))
      found.add(name);
  }
  return found;
}

/** Bytes of script at first load, gzipped. */
export const scriptSize = (): number =>
  [...firstScripts()].reduce((sum, name) => sum + gzipSync(readFileSync(join(root, 'dist/console/assets', name))).length, 0);

/** Scripts that are loaded when they are needed, such as another language. */
export const laterScripts = (): string[] => {
  const first = firstScripts();
  return readdirSync(join(root, 'dist/console/assets')).filter((name) => name.endsWith('.js') && !first.has(name));
};

/** The same engine without the windows, menus and panels of a whole browser costs half; test/e2e has tests in the whole one. */
const shell = '/usr/bin/chromium-headless-shell';
const program = process.env.CHROMIUM ?? (existsSync(shell) ? shell : '/usr/bin/chromium');

export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: program,
    args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--no-first-run', '--disable-gpu'],
  });

export interface Opened {
  readonly fake: Fake;
  readonly page: Page;
  /** What the page's console and its policy complained of. */
  readonly complaints: string[];
  close(): Promise<void>;
}

export async function open(
  browser: Browser,
  options: FakeOptions & {
    scheme?: 'light' | 'dark';
    width?: number;
    height?: number;
    out?: boolean;
    frozen?: boolean;
    path?: string;
    contrast?: 'more';
    /** The language of the reader's system. */
    locale?: string;
  } = {},
): Promise<Opened> {
  const fake = await startFake(options);
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1280, height: options.height ?? 800 },
    colorScheme: options.scheme ?? 'light',
    reducedMotion: 'reduce',
    ...(options.locale ? { locale: options.locale } : {}),
    ...(options.contrast ? { contrast: options.contrast } : {}),
  });
  const page = await context.newPage();
  // The page's time is the test's own: how busy this machine is says nothing about the prompt.
  if (options.frozen) await page.clock.install();
  // Shorter than a test's own limit, so that a hang names its step.
  page.setDefaultTimeout(25_000);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) complaints.push(message.text());
  });
  await page.goto(options.out ? fake.url : fake.address(), { waitUntil: 'domcontentloaded' });
  if (options.path)
    await page.evaluate(
      (to) =>
        new Promise<void>((resolve) => {
          // The secret is taken out of the address first; only then is there a place to go to.
          const go = () => {
            if (!location.hash.startsWith('#/')) return void setTimeout(go, 10);
            location.hash = to;
            resolve();
          };
          go();
        }),
      options.path,
    );
  return {
    fake,
    page,
    complaints,
    close: async () => {
      await context.close();
      await fake.close();
    },
  };
}

/** Waits until Allow may be pressed. */
export async function armed(page: Page, allow = 'Allow once'): Promise<void> {
  const body = page.locator('[data-testid=prompt] [role=group]');
  if ((await body.count()) > 0) await body.evaluate((box) => box.scrollTo({ top: box.scrollHeight }));
  await page.locator(`[data-testid=prompt] button:has-text("${allow}"):not([disabled])`).waitFor({ timeout: 15_000 });
}

/** Brings a question up in a page whose time stands still from now on, and runs only as far as a test says. */
export async function askFrozen({ page, fake }: Opened, approvals: Fake['approvals']): Promise<void> {
  await page.getByRole('heading', { name: 'Activity' }).waitFor();
  await page.clock.pauseAt(Date.now() + 60_000);
  fake.approvals = approvals;
  fake.changed('approval');
  for (let tries = 0; tries < 400 && (await page.getByTestId('prompt').count()) === 0; tries += 1) {
    await page.clock.runFor(5);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
