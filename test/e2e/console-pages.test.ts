// Every page and task of the console in real Chromium against the real broker with real servers, and how long what a person waits for takes.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from '@playwright/test';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Approval, Entry, Grant } from '../../shared/vocabulary.ts';
import { closeHouse, type House, openHouse, serverEntry } from '../support/house.ts';
import { type Connected, connectClient, type Help, textOf } from '../support/sdk-client.ts';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-pages-'));
for (const name of ['notes.txt', 'first.txt', 'fresh.txt']) writeFileSync(join(folder, name), `this is ${name}`);
let house: House;
let browser: Browser;
let page: Page;
let agent: Connected;
const complaints: string[] = [];

beforeAll(async () => {
  house = await openHouse();
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--no-first-run'],
  });
  page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.setDefaultTimeout(40_000);
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
}, 90_000);
afterAll(async () => {
  await browser?.close();
  await agent?.close();
  if (house) await closeHouse(house);
});

const read = (name: string) => agent.client.callTool({ name: 'read_text_file', arguments: { path: join(folder, name) } });
const go = (path: string) =>
  page.evaluate((to) => {
    location.hash = to;
  }, path);
/** Notes in the page when a node that fits first comes up; on this machine broker and page have one clock. */
const watchFor = (selector: string, text: string) =>
  page.evaluate(
    ([what, words]) => {
      const found = () => [...document.querySelectorAll(what ?? '')].some((each) => each.textContent?.includes(words ?? ''));
      const seen: { at: number } = { at: 0 };
      Object.assign(window, { seen });
      const observer = new MutationObserver(() => {
        if (seen.at > 0 || !found()) return;
        seen.at = Date.now();
        observer.disconnect();
      });
      observer.observe(document.body, { subtree: true, childList: true, characterData: true });
    },
    [selector, text],
  );
const seenAt = async () => {
  await expect
    .poll(() => page.evaluate(() => (window as unknown as { seen: { at: number } }).seen.at), { timeout: 20_000 })
    .toBeGreaterThan(0);
  return page.evaluate(() => (window as unknown as { seen: { at: number } }).seen.at);
};

test('a new home leads by the hand; a server is added after its exact words were shown, and accepted after a look', async () => {
  // A browser that has just been started has itself to paint first.
  await page.waitForTimeout(1_500);
  await page.goto(house.ready.console as string);
  await page.getByRole('button', { name: 'Not now' }).click();
  const paint = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0);
  console.log(`first paint: ${Math.round(paint)} ms`);
  expect(paint).toBeGreaterThan(0);
  await page.getByTestId('steps').getByRole('link', { name: 'Add a server' }).click();
  await page.getByRole('button', { name: 'Add a server' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('files');
  await dialog.getByLabel('Program', { exact: true }).fill(process.execPath);
  for (const [index, word] of [serverEntry('filesystem'), folder].entries()) {
    await dialog.getByRole('button', { name: 'Add an argument' }).click();
    await dialog.getByLabel(`Argument ${index + 1}`, { exact: true }).fill(word);
  }
  await dialog.getByRole('button', { name: 'Look at it' }).click();
  await dialog.getByText(serverEntry('filesystem')).waitFor();
  await dialog.getByRole('button', { name: 'Add and start once' }).click();
  await page.getByRole('heading', { name: /^files/ }).waitFor({ timeout: 60_000 });
  await page.getByRole('button', { name: 'See what changed' }).click();
  await page.getByRole('button', { name: 'Accept all of it' }).click({ timeout: 60_000 });
  await page.getByText('This server waits for your look').waitFor({ state: 'detached' });
  await page.getByRole('heading', { name: 'What it can touch' }).waitFor();
});

test('a secret goes in and only its name comes out', async () => {
  await go('/servers');
  await page.getByRole('button', { name: 'Add a secret' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('shop-key');
  await dialog.getByLabel('Value').fill('s3cr3t-value-of-the-shop');
  await dialog.getByRole('button', { name: 'Store it' }).click();
  await page.getByText('shop-key').waitFor();
  expect(await page.content()).not.toContain('s3cr3t-value-of-the-shop');
});

test('a client is paired, told once, and sees what it may see', async () => {
  await go('/clients');
  await page.getByRole('button', { name: 'Pair a client' }).first().click();
  await page.getByRole('dialog').getByLabel('Name').fill('cursor');
  await page.getByRole('dialog').getByRole('button', { name: 'Pair it' }).click();
  await page.getByRole('dialog').getByText('Copy it now').waitFor();
  await page.getByRole('button', { name: 'I have it' }).click();
  await page.getByRole('link', { name: /Cursor/ }).click();
  expect(await page.getByLabel('files').isChecked()).toBe(true);
  const help = await house.ask<Help>('client', 'add', 'claude-code', '--servers', 'all');
  agent = await connectClient(help, 'http', 'files', { capabilities: {} });
});

test('a wider yes stops the repeats; the row leads to it, and taking it back asks again', async () => {
  await go('/');
  await watchFor('[data-testid=prompt]', 'notes.txt');
  const call = read('notes.txt');
  const shown = await seenAt();
  const [question] = await house.ask<Approval[]>('pending');
  console.log(`request to prompt: ${shown - Date.parse(question?.createdAt ?? '')} ms`);
  const prompt = page.getByTestId('prompt');
  const wider = prompt
    .getByTestId('wider')
    .or(prompt.getByRole('button', { name: 'More ways to allow' }))
    .first();
  await expect.poll(() => wider.isEnabled(), { timeout: 15_000 }).toBe(true);
  await prompt.getByRole('button', { name: 'More ways to allow' }).click();
  const menu = page.getByRole('dialog', { name: 'More ways to allow' });
  await menu.getByLabel('any arguments').check();
  await menu.getByLabel('for 1 hour').check();
  await menu.getByRole('button', { name: 'Allow for 1 hour' }).click();
  expect(textOf(await call)).toBe('this is notes.txt');

  await watchFor('[data-testid=log]', 'first.txt');
  expect(textOf(await read('first.txt'))).toBe('this is first.txt');
  const row = await seenAt();
  const entries = await house.ask<Entry[]>('log', '--limit', '20');
  const asked = entries.find((entry) => entry.type === 'asked' && JSON.stringify(entry).includes('first.txt'));
  console.log(`entry to row: ${row - Date.parse(asked?.at ?? '')} ms`);

  await page
    .getByTestId('log')
    .getByRole('link', { name: /^by your rule from/ })
    .first()
    .click();
  await page.getByRole('heading', { name: 'Permissions' }).waitFor();
  await page
    .getByRole('listitem')
    .filter({ has: page.locator('[aria-current=true]') })
    .or(page.locator('li[aria-current=true]'))
    .first()
    .getByRole('button', { name: 'Take back' })
    .click();
  await expect.poll(async () => (await house.ask<Grant[]>('grant', 'list')).length, { timeout: 30_000 }).toBe(0);
  const again = read('fresh.txt');
  await page.getByTestId('prompt').getByRole('button', { name: 'Deny', exact: true }).click();
  expect((await again).isError).toBe(true);
});

test('the detail of an action holds what was asked and answered, and filters find it', async () => {
  await go('/');
  await page.getByRole('searchbox').fill('first');
  await page
    .getByTestId('log')
    .getByRole('button', { name: /first\.txt/ })
    .first()
    .click();
  await page.getByRole('dialog').getByText('this is first.txt').waitFor();
  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('button', { name: 'Clear' }).click();
});

test('a policy is checked by the real engine, tried, taken over, and counts', async () => {
  await go('/permissions');
  await page.getByText('comes with Gatehouse').first().waitFor();
  await page.getByRole('button', { name: 'Write a policy' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('no-reading');
  await dialog.getByLabel('Rules').fill('forbid (principal, action, resource) when { context.nonsense };');
  await dialog.locator('[role=status] svg').first().waitFor();
  expect(await dialog.getByRole('button', { name: 'Try it on the log' }).isDisabled()).toBe(true);
  await dialog.getByLabel('Rules').fill('forbid (principal, action, resource) when { context.nature == "read" };');
  await dialog.getByText('Sound: one rule.').waitFor();
  await dialog.getByRole('button', { name: 'Try it on the log' }).click();
  await dialog.getByTestId('tried').waitFor();
  await dialog.getByRole('button', { name: 'Take it over' }).click();
  await page.getByText('no-reading').first().waitFor();
  const refused = await read('notes.txt');
  expect([refused.isError, await page.getByTestId('prompt').count()]).toEqual([true, 0]);
  await page.getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await page.getByText('no-reading').first().waitFor({ state: 'detached' });
});

test('settings are kept, and the log verifies', async () => {
  await go('/settings');
  await page.getByLabel('How long a question stays open').fill('20m');
  await page.getByRole('button', { name: 'Save' }).first().click();
  await expect
    .poll(async () => (await house.ask<Record<string, string>>('settings', 'get'))['approval.expiry'], { timeout: 30_000 })
    .toBe('20m');
  await page.getByRole('button', { name: 'Verify the log' }).click();
  await page.getByText(/^Intact: all/).waitFor();
});

test('the prompt alone fills its own window, and is answered there', async () => {
  await page.setViewportSize({ width: 420, height: 560 });
  await go('/prompt');
  const call = read('notes.txt');
  await page.getByTestId('prompt').waitFor();
  expect(await page.getByRole('navigation').count()).toBe(0);
  await page.getByRole('button', { name: 'Deny', exact: true }).click();
  expect((await call).isError).toBe(true);
  await page.getByRole('heading', { name: 'Nothing waits for you.' }).waitFor();
});

test('no page broke a rule of the content policy, and nothing threw', () => {
  // A permission that was taken back is not found when its row is looked at: said on the page, and a 400 in the browser's own list.
  expect(complaints.filter((text) => !/^Failed to load resource: .* 400 /.test(text))).toEqual([]);
});
