// The console in real Chromium against the real broker: sign in by the printed address, answer a real call by a click, see the log fill.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from '@playwright/test';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Approval } from '../../shared/vocabulary.ts';
import { closeHouse, type House, openHouse, serverEntry } from '../support/house.ts';
import { type Connected, connectClient, type Help, textOf } from '../support/sdk-client.ts';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-console-'));
writeFileSync(join(folder, 'notes.txt'), 'milk and bread');
let house: House;
let browser: Browser;
let page: Page;
let agent: Connected;
const complaints: string[] = [];

beforeAll(async () => {
  house = await openHouse();
  await house.ask('server', 'add', 'files', '--accept', '--', process.execPath, serverEntry('filesystem'), folder);
  const help = await house.ask<Help>('client', 'add', 'claude-code', '--servers', 'all');
  agent = await connectClient(help, 'http', 'files', { capabilities: {} });
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--no-first-run'],
  });
  page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
}, 90_000);
afterAll(async () => {
  await browser?.close();
  await agent?.close();
  if (house) await closeHouse(house);
});

const read = () => agent.client.callTool({ name: 'read_text_file', arguments: { path: join(folder, 'notes.txt') } });

test('the printed address signs in, once; the secret does not stay in the address bar', async () => {
  await page.goto(house.ready.console as string);
  await page.getByRole('button', { name: 'Not now' }).click();
  await page.getByRole('heading', { name: 'Activity' }).waitFor();
  expect(page.url()).not.toContain('signin');
  expect(await page.evaluate(() => [document.cookie, localStorage.length, sessionStorage.length])).toEqual(['', 0, 0]);
});

test('a click on Allow once lets exactly that call through', async () => {
  const call = read();
  const prompt = page.getByRole('dialog');
  await prompt
    .getByText(/wants files to read notes\.txt/)
    .first()
    .waitFor();
  await prompt.getByTestId('arguments').getByText(join(folder, 'notes.txt')).waitFor();
  const allow = prompt.getByRole('button', { name: 'Allow once' });
  expect((await allow.isDisabled()) || (await allow.getAttribute('aria-disabled')) === 'true', 'not armed yet').toBe(true);
  expect(await page.evaluate(() => document.activeElement?.textContent)).toContain('Deny');
  await page.waitForTimeout(900);
  await allow.click();
  expect(textOf(await call)).toBe('milk and bread');
  await page
    .getByText(/Read notes\.txt/)
    .first()
    .waitFor();
  expect(await house.ask<Approval[]>('pending')).toEqual([]);
});

test('a click on Deny refuses, and the model is told who said no', async () => {
  const call = read();
  await page.getByRole('dialog').getByRole('button', { name: 'Deny', exact: true }).click();
  const result = await call;
  expect(result.isError).toBe(true);
  expect(textOf(result)).toContain('The operator refused it');
});

test('an answer given elsewhere closes the prompt here', async () => {
  const call = read();
  await page
    .getByRole('dialog')
    .getByText(/wants files to read notes\.txt/)
    .first()
    .waitFor();
  const [question] = await house.ask<Approval[]>('pending');
  await house.ask('approve', question?.id as string);
  expect(textOf(await call)).toBe('milk and bread');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
});

test('a question is in view within 150 ms of its request', async () => {
  const times: number[] = [];
  for (let turn = 0; turn < 7; turn += 1) {
    writeFileSync(join(folder, `turn-${turn}.txt`), 'bread');
    // Painted, not only put into the page: the turn after the frame that shows it.
    const painted = page.evaluate(
      (name) =>
        new Promise<number>((seen) => {
          const look = () => {
            if (!document.querySelector('[data-testid=prompt]')?.textContent?.includes(name)) return requestAnimationFrame(look);
            return setTimeout(() => seen(Date.now()));
          };
          look();
        }),
      `turn-${turn}.txt`,
    );
    const asked = Date.now();
    const call = agent.client.callTool({ name: 'read_text_file', arguments: { path: join(folder, `turn-${turn}.txt`) } });
    times.push((await painted) - asked);
    const [question] = await house.ask<Approval[]>('pending');
    await house.ask('approve', question?.id as string);
    expect(textOf(await call)).toBe('bread');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.waitForTimeout(300);
  }
  const median = times.toSorted((one, other) => one - other)[3] as number;
  console.log(`request to prompt: ${median} ms (median of ${times.join(', ')})`);
  // Where much else runs, the machine is what is measured, so there only what no load explains fails.
  expect(median).toBeLessThan((loadavg()[0] as number) < 2 * availableParallelism() ? 150 : 1500);
});

test('stop everything, from any page: calls are refused until the operator lifts it', async () => {
  await page.getByRole('link', { name: /^Servers/ }).click();
  await page.getByRole('button', { name: 'Stop everything' }).click();
  const confirm = page.getByRole('dialog').getByRole('button', { name: /stop/i });
  if (await confirm.count()) await confirm.first().click();
  await expect.poll(async () => (await house.ask<{ locked: boolean }>('status')).locked, { timeout: 30_000 }).toBe(true);
  expect((await read()).isError).toBe(true);
  await house.ask('unlock');
});

test('a second use of the printed address ends the session it made', async () => {
  const other = await browser.newPage();
  await other.goto(house.ready.console as string);
  await other
    .getByText(/used|sign in/i)
    .first()
    .waitFor();
  await expect.poll(async () => page.getByText(/signed out|sign in|gatehouse console/i).count(), { timeout: 15_000 }).toBeGreaterThan(0);
  await other.close();
});

test('no page broke a rule of the content policy, and nothing threw', () => {
  expect(complaints.filter((text) => !/401|Failed to load resource/.test(text))).toEqual([]);
});
