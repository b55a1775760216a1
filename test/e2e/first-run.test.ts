// The first run as a person lives it: `npm start` on an empty home, the printed address opened, everything done with the mouse and the
// keyboard at a person's pace, until the first call through a server that was brought in is allowed. Timed from the command on.
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Browser, Locator, Page } from '@playwright/test';
import { afterAll, expect, test } from 'vitest';
import { launch } from '../renderer/open.ts';
import { checkout, serverEntry } from '../support/house.ts';
import { inKeyring, keyringFolder } from '../support/keyring.ts';
import { cleanEnvironment } from '../support/run.ts';
import { scale } from '../support/scale.ts';
import { type Connected, connectClient, textOf } from '../support/sdk-client.ts';

/** Servers that are brought in, and the length of a person's pause against a whole one; all of it in the long run. */
const servers = scale(1, 2);
const haste = scale(10, 1);
/** What is promised, in seconds. */
const promised = 120;
const key = `ghp_${createHash('sha256').update('first run').digest('hex').slice(0, 36)}`;
const user = keyringFolder();
const notes = join(user, 'notes');
const config = join(user, '.claude.json');
const original = `${JSON.stringify(
  {
    numStartups: 12,
    mcpServers: {
      files: { type: 'stdio', command: process.execPath, args: [serverEntry('filesystem'), notes], env: { GITHUB_TOKEN: key } },
      ...(servers > 1 ? { demo: { type: 'stdio', command: process.execPath, args: [serverEntry('everything')], env: {} } } : {}),
    },
  },
  null,
  2,
)}\n`;
let app: ChildProcess | null = null;
let browser: Browser | null = null;
let agent: Connected | null = null;

afterAll(async () => {
  await agent?.close();
  await browser?.close();
  if (app?.pid !== undefined && app.exitCode === null) {
    const ended = new Promise((resolve) => app?.once('close', resolve));
    process.kill(-app.pid, 'SIGTERM');
    await ended;
  }
  rmSync(user, { recursive: true, force: true, maxRetries: 5 });
});

/** The console's address, as `npm start` prints it. */
function npmStart(): Promise<string> {
  const { command, env } = inKeyring(['npm', 'start'], user);
  const [program = '', ...args] = command;
  app = spawn(program, args, {
    cwd: checkout,
    env: { ...cleanEnvironment(), ...env, DISPLAY: '', WAYLAND_DISPLAY: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const said: string[] = [];
  app.stderr?.setEncoding('utf8').on('data', (text: string) => said.push(text));
  return new Promise((resolve, reject) => {
    createInterface({ input: app?.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      said.push(line);
      const address = /^\s*console\s+(http\S+)/.exec(line)?.[1];
      if (address !== undefined) resolve(address);
    });
    app?.once('close', (code) => reject(new Error(`npm start ended with ${code}: ${said.join('\n')}`)));
  });
}

/** A person at the console: looks, then clicks. The pauses are part of what is timed. */
class Person {
  readonly page: Page;
  #steps = 0;

  constructor(page: Page) {
    this.page = page;
  }

  async click(what: Locator): Promise<void> {
    await what.waitFor();
    // 300 to 800 ms, the same in every run.
    await this.page.waitForTimeout((300 + ((this.#steps++ * 170) % 500)) / haste);
    await what.click();
  }

  button(name: string | RegExp): Promise<void> {
    return this.click(this.page.getByRole('button', { name, ...(typeof name === 'string' ? { exact: true } : {}) }));
  }
}

/** Calls as Claude Code would, by what its own file says now. */
async function connectBy(entry: { url?: string; headers?: Record<string, string>; command?: string; args?: string[] }): Promise<Connected> {
  const help = {
    token: '',
    stdio: { command: entry.command ?? '', args: entry.args ?? [], env: {} },
    http: { url: entry.url ?? '', headers: entry.headers ?? {} },
  };
  return connectClient(help, entry.url === undefined ? 'connector' : 'http', null, { capabilities: {} });
}

test('from npm start to the first approved call through a server that was brought in: under two minutes, by clicking alone', async () => {
  mkdirSync(notes);
  writeFileSync(join(notes, 'shopping.txt'), 'milk and bread');
  writeFileSync(config, original, { mode: 0o600 });
  browser = await launch();
  const started = performance.now();
  const seconds = () => Math.round((performance.now() - started) / 100) / 10;
  const address = await npmStart();
  const ready = seconds();
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.setDefaultTimeout(60_000);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  const person = new Person(page);
  await page.goto(address);
  await person.button('Not now');
  await person.click(page.getByRole('link', { name: 'Bring in what I have' }));

  await page.getByText('one key in plain text').waitFor();
  await person.button('Go on');

  await page
    .getByRole('checkbox')
    .nth(servers - 1)
    .waitFor();
  await person.button(servers > 1 ? 'Bring in 2 servers' : 'Bring in one server');
  await page.getByText(/^(One|2) servers? brought in, one key in the vault/).waitFor();
  const brought = seconds();
  expect(readFileSync(config, 'utf8'), 'only looked at so far').toBe(original);
  await person.button('Go on');

  await person.button('See the change for Claude Code');
  // What goes and what comes is told apart at a glance, not only by its sign.
  for (const [sign, tone] of [
    ['-', 'bg-vermilion-faint'],
    ['+', 'bg-passed-faint'],
  ])
    await page
      .locator(`pre span.${tone}`, { hasText: sign as string })
      .first()
      .waitFor();
  await person.button('Make this change');
  await page.getByText(/^Claude Code goes through Gatehouse\./).waitFor();
  const between = seconds();
  const rewritten = readFileSync(config, 'utf8');
  expect(rewritten).not.toContain(key);
  expect(JSON.parse(rewritten)).toMatchObject({ numStartups: 12, mcpServers: { files: {} } });
  await person.button('Go on');

  // The client is started again and is given its task.
  agent = await connectBy(JSON.parse(rewritten).mcpServers.files);
  const call = agent.client.callTool({ name: 'read_text_file', arguments: { path: join(notes, 'shopping.txt') } }, undefined, {
    timeout: 60_000,
  });
  const prompt = page.getByTestId('prompt');
  await prompt.getByText('wants files to read shopping.txt').waitFor();
  // Armed only once it stood there long enough to be read; Playwright waits as a person does.
  await person.click(prompt.getByRole('button', { name: 'Allow once' }));
  expect(textOf(await call)).toBe('milk and bread');
  const took = seconds();
  await page.getByText('You answered a first question.').waitFor();
  console.log(`first run: ready ${ready} s, servers brought in ${brought} s, put between ${between} s, first approved call ${took} s`);
  expect(took).toBeLessThan(promised);
  expect(complaints).toEqual([]);

  // And back, from the same page: byte for byte.
  await person.button('Go on');
  await person.button('Undo some of it');
  await person.button('Put it back: the file of Claude Code');
  await person.button('Put it back as it was');
  await expect.poll(() => existsSync(config) && readFileSync(config, 'utf8')).toBe(original);
}, 180_000);
