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

/** Bytes of script at first load, gzipped. */
export function scriptSize(): number {
  const assets = join(root, 'dist/console/assets');
  return readdirSync(assets)
    .filter((name) => name.endsWith('.js'))
    .reduce((sum, name) => sum + gzipSync(readFileSync(join(assets, name))).length, 0);
}

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
  } = {},
): Promise<Opened> {
  const fake = await startFake(options);
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1280, height: options.height ?? 800 },
    colorScheme: options.scheme ?? 'light',
    reducedMotion: 'reduce',
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
export async function armed(page: Page): Promise<void> {
  const body = page.locator('[data-testid=prompt] [role=group]');
  if ((await body.count()) > 0) await body.evaluate((box) => box.scrollTo({ top: box.scrollHeight }));
  await page.locator('[data-testid=prompt] button:has-text("Allow once"):not([disabled])').waitFor({ timeout: 15_000 });
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
