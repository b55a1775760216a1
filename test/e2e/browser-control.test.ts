// T37 with the real thing: @playwright/mcp, granted and attached to the very Chromium that shows the console, tries to answer for the person.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Browser, chromium, type Page } from '@playwright/test';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Approval, Entry } from '../../shared/vocabulary.ts';
import { attempt, until } from '../support/attempt.ts';
import { closeHouse, type House, openHouse, serverEntry } from '../support/house.ts';
import { type Connected, connectClient, type Help, textOf } from '../support/sdk-client.ts';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-screen-'));
writeFileSync(join(folder, 'diary.txt'), 'nobody reads this');
let house: House;
let shell: ChildProcess;
let operator: Browser;
let page: Page;
let files: Connected;
let screen: Connected;

/** Chromium as a person runs it, with the port that browser-control servers attach to. */
async function startChromium(): Promise<{ child: ChildProcess; port: number }> {
  const args = [
    '--headless=new',
    '--no-sandbox',
    '--disable-gpu',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
  ];
  const child = spawn(
    '/usr/bin/chromium',
    [...args, '--remote-debugging-port=0', `--user-data-dir=${join(folder, 'profile')}`, 'about:blank'],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const found = /DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)\//.exec(said);
      if (found) resolve(Number(found[1]));
    });
    child.on('exit', (code) => reject(new Error(`chromium ended with ${code}: ${said}`)));
  });
  return { child, port };
}

beforeAll(async () => {
  house = await openHouse();
  const chromiumNow = await startChromium();
  shell = chromiumNow.child;
  const entry = join(dirname(createRequire(import.meta.url).resolve('@playwright/mcp/package.json')), 'cli.js');
  await house.ask('server', 'add', 'files', '--accept', '--', process.execPath, serverEntry('filesystem'), folder);
  const attach = ['--cdp-endpoint', `http://127.0.0.1:${chromiumNow.port}`];
  await house.ask('server', 'add', 'screen', '--cwd', folder, '--accept', '--', process.execPath, entry, ...attach);
  const help = await house.ask<Help>('client', 'add', 'agent', '--servers', 'all');
  await house.ask('grant', 'add', '--client', 'agent', '--server', 'screen', '--capability', '*', '--for', '1h');
  operator = await chromium.connectOverCDP(`http://127.0.0.1:${chromiumNow.port}`);
  page = operator.contexts()[0]?.pages()[0] as Page;
  await page.goto(house.ready.console as string);
  await page.getByRole('button', { name: 'Not now' }).click();
  await page.getByRole('heading', { name: 'Activity' }).waitFor();
  files = await connectClient(help, 'http', 'files', { capabilities: {} });
  screen = await connectClient(help, 'http', 'screen', { capabilities: {} });
}, 120_000);
afterAll(async () => {
  await files?.close();
  await screen?.close();
  await operator?.close();
  shell?.kill('SIGKILL');
  if (house) await closeHouse(house);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

async function use(name: string, input: Record<string, unknown>): Promise<string> {
  return textOf(await screen.client.callTool({ name, arguments: input }));
}

test('it sees the prompt, clicks Allow, presses keys, runs scripts in the page: nothing is allowed', async () => {
  expect(await use('browser_tabs', { action: 'list' }), 'it is attached to the console').toContain(new URL(house.ready.mcp).host);
  const call = attempt(files.client, 'read_text_file', { path: join(folder, 'diary.txt') });
  await page
    .getByRole('dialog')
    .getByText(/wants files to read diary\.txt/)
    .first()
    .waitFor();
  await page.waitForTimeout(1_000);
  expect(await use('browser_snapshot', {})).toContain('Allow once');
  const clicks = [
    await use('browser_click', { element: 'Allow once', target: 'role=button[name=/^Allow once/]' }),
    await use('browser_evaluate', {
      function:
        '() => { for (const b of document.querySelectorAll("button")) if (/Allow/.test(b.textContent)) b.click(); return document.title; }',
    }),
    await use('browser_evaluate', {
      function:
        '() => fetch("/api/approval/list", { method: "POST", headers: { "content-type": "application/json" }, body: "{}" }).then((r) => r.status)',
    }),
  ];
  expect(clicks.at(-1), 'the page it scripts holds no credential it could send').toMatch(/401/);
  // The click has arrived: the console asks for the PIN, which an agent does not have, and nothing has left.
  await page.waitForTimeout(500);
  expect(await house.ask<Approval[]>('pending')).toMatchObject([{ capability: 'tool:read_text_file', presence: 'pin' }]);
  expect(call.result).toBe('open');
  const entries = await house.ask<Entry[]>('log', '--limit', '500');
  expect(entries.filter(({ type }) => type === 'approved')).toEqual([]);
  // Keys reach the page too: they may put the question aside or refuse it, never allow it.
  for (const key of ['Tab', 'Enter', 'a', 'y', 'Enter']) await use('browser_press_key', { key });
  await page.waitForTimeout(500);
  expect(call.result).not.toBe('answered');
  const [left] = await house.ask<Approval[]>('pending');
  if (left) await house.ask('deny', left.id);
  await call.done;
  expect(call.result).toBe('refused');
});

test("the broker's own address cannot be opened, typed or scripted, though everything of this server is granted", async () => {
  const { origin } = new URL(house.ready.mcp);
  for (const [name, input] of [
    ['browser_navigate', { url: `${origin}/` }],
    ['browser_tabs', { action: 'new', url: origin.replace('127.0.0.1', 'localhost') }],
    ['browser_evaluate', { function: `() => location.assign("${origin}/#/settings")` }],
  ] as const)
    expect(await use(name, input), name).toContain('Nobody can allow this');
});

test('a person with a token in a shell needs the PIN too; saying no needs nothing', async () => {
  const call = attempt(files.client, 'list_directory', { path: folder });
  await until('it asks', async () => call.result !== 'open' || (await house.ask<Approval[]>('pending')).length === 1);
  const [question] = await house.ask<Approval[]>('pending');
  const ran = await house.cli(['approve', question?.id ?? '', '--json']);
  expect(ran.code).toBe(4);
  expect(JSON.parse(ran.stderr)).toMatchObject({ error: { code: 'needs-pin' } });
  await house.ask('deny', question?.id ?? '');
  await call.done;
  expect(call.result).toBe('refused');
});
