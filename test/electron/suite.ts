// The desktop app from its start to its end, the same for the real Electron and for the stand-in: what a person sees and does.
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import type { Status } from '../../shared/vocabulary.ts';
import { type Attempt, attempt } from '../support/attempt.ts';
import { checkout } from '../support/house.ts';
import { operate } from '../support/operate.ts';
import { run } from '../support/run.ts';
import { type Connected, connectClient, type Help } from '../support/sdk-client.ts';

export interface Desk {
  windows(): Promise<{ title: string; visible: boolean; focused: boolean }[]>;
  tray(): Promise<{ tip: string; icon: string; menu: string[] }>;
  /** Chooses an item of the tray's menu. */
  press(label: string): Promise<void>;
  reads(window: string): Promise<string>;
  address(window: string): Promise<string>;
  click(window: string, button: string): Promise<void>;
  /** Types into every password field, then Enter. */
  type(window: string, text: string): Promise<void>;
  second(...words: string[]): Promise<void>;
  brokerPid(): Promise<number>;
  /** Errors that pages wrote. */
  faults(): Promise<string[]>;
  /** Resolves when the program has ended. */
  quit(): Promise<void>;
}

export interface Given {
  desk(): Desk;
  readonly home: string;
  /** Environment in which the command line finds this home. */
  readonly env: () => Record<string, string>;
}

const pin = '4711-and-more';
const main = 'Gatehouse';
const prompt = 'Gatehouse asks';
const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};
/** A whole desktop comes up here: on a machine that does ten other things each step takes ten times as long. ms */
const patience = 240_000;
const until = (what: string, job: () => Promise<unknown>): Promise<void> =>
  vi.waitFor(async () => expect(await job(), what).toBeTruthy(), { timeout: 90_000, interval: 150 });

/** Declares the tests. Returns what later ones may need. */
export function shellSuite(given: Given): { token(): string; leave(): Promise<void> } {
  vi.setConfig({ testTimeout: patience });
  const desk = () => given.desk();
  const work = mkdtempSync(join(tmpdir(), 'gatehouse-suite-'));
  const calls = join(work, 'calls');
  let at: { mcp: string; operatorToken: string };
  let help: Help;
  let client: Connected;
  let waiting: Attempt;
  /** What stands there in place of what was waited for says most about why. */
  const sees = async (window: string, text: string) => {
    let read = '(nothing could be read)';
    const job = async () => {
      read = await desk().reads(window);
      return read.includes(text);
    };
    await until(`${window} says ${text}`, job).catch((cause) => {
      throw new Error(`${window} does not say "${text}" but: ${read}`, { cause });
    });
  };
  const byConnector = () => existsSync(help.stdio.command);
  const reach = () => connectClient(help, byConnector() ? 'connector' : 'http', null, { capabilities: {}, env: given.env() });
  const shown = async (title: string) => (await desk().windows()).find((one) => one.title === title);
  /** The page may be drawn anew while somebody types: then it is typed again. */
  const enter = () =>
    until('the console is open', async () => {
      if (/Activity/.test(await desk().reads(main))) return true;
      await desk()
        .type(main, pin)
        .catch(() => {});
      return false;
    });
  const signIn = async () => {
    const launcher = join(checkout, 'bin', 'gatehouse.mjs');
    const { stdout } = await run(['node', launcher, 'status', '--json', '--home', given.home], { env: given.env() });
    const { mcp } = JSON.parse(stdout) as Status;
    const { credential } = await operate<{ credential: string }>({ mcp, operatorToken: null }, 'operator/signIn', { pin, use: 'token' });
    at = { mcp, operatorToken: credential };
  };

  it('starts: a console, a tray, a broker; and a new home asks for a PIN first', async () => {
    await until('a console', async () => (await shown(main))?.visible);
    await until('a tray', async () => /watching/.test((await desk().tray()).tip));
    await sees(main, 'Choose a PIN');
    await enter();
    expect(alive(await desk().brokerPid())).toBe(true);
    expect(await desk().faults()).toEqual([]);
    await signIn();
  });

  it('brings up a prompt for a real call, and the call goes through by a click', async () => {
    const recorder = join(checkout, 'test', 'support', 'servers', 'recorder.ts');
    await operate(at, 'server/add', { name: 'notes', command: process.execPath, args: [recorder, calls], accept: true });
    help = await operate<Help>(at, 'client/add', { name: 'sdk', servers: 'all' });
    console.log(
      `The client reaches the broker ${byConnector() ? `by ${help.stdio.command}` : 'over HTTP: the executable is not built here'}.`,
    );
    client = await reach();
    // The console is closed, which puts it aside: then the prompt comes.
    await desk().second();
    waiting = attempt(client.client, 'notes__note', {});
    await until('it waits', async () => /1 request waits/.test((await desk().tray()).tip));
    await desk().press('Show the request');
    await until('a prompt', async () => (await shown(prompt))?.visible);
    await sees(prompt, 'Allow once');
    await until('an answer', async () => {
      await desk()
        .click(prompt, 'Allow once')
        .catch(() => {});
      return waiting.result !== 'open';
    });
    await waiting.done;
    expect(waiting.result, waiting.words).toBe('answered');
    expect(readFileSync(calls, 'utf8')).toBe('note\n');
    await until('the prompt goes', async () => (await shown(prompt))?.visible === false);
  });

  it('comes back by itself when the broker was killed; one sign-in counts in both windows', async () => {
    const pid = await desk().brokerPid();
    process.kill(pid, 'SIGKILL');
    await until('another broker', async () => (await desk().brokerPid()) !== pid && /watching/.test((await desk().tray()).tip));
    // The page of the broker that died stays in view until its successor's line has come; what it shows is no sign-in.
    await sees(main, 'Gatehouse needs to know that it is you');
    await enter();
    await until('the prompt window is signed in', async () => !/PIN/.test(await desk().reads(prompt)));
    await signIn();
    // The connector goes on by itself; an HTTP session ended with its broker.
    if (!byConnector()) client = await reach();
  });

  it('opens the page of a link, in the window that is there', async () => {
    await desk().second('gatehouse', 'gatehouse://clients');
    await until('clients', async () => (await desk().address(main)).endsWith('#/clients'));
    expect((await desk().windows()).filter(({ title }) => title === main)).toHaveLength(1);
  });

  it('stops everything from the tray, and lets nothing pass until it is lifted in the console', async () => {
    await desk().press('Stop everything now');
    await until('locked', async () => /stopped/.test((await desk().tray()).tip));
    const refused = attempt(client.client, 'notes__note', {});
    await refused.done;
    expect(refused.words).toContain('locked');
    expect(readFileSync(calls, 'utf8')).toBe('note\n');
    await operate(at, 'unlock');
    await until('watching', async () => /watching/.test((await desk().tray()).tip));
  });

  it('pauses and goes away from the tray, and comes back in the console', async () => {
    const ways = [
      ['Refuse everything for 15 minutes', /refused until/, 'End the pause'],
      ['I am away for 1 hour', /away/, 'I am back'],
    ] as const;
    for (const [label, tip, back] of ways) {
      await desk().press(label);
      await until(label, async () => tip.test((await desk().tray()).tip));
      await sees(main, back);
      await desk().click(main, back);
      await until('watching', async () => /watching/.test((await desk().tray()).tip));
    }
  });

  return { token: () => at.operatorToken, leave: () => client.close() };
}

/** The last test. The connector belongs to its client, so the client leaves first. */
export function shellEnds(given: Given, leave: () => Promise<void>): void {
  it('quits when told, and leaves no process', async () => {
    await leave();
    const pid = await given.desk().brokerPid();
    await given.desk().quit();
    await until('no broker', async () => !alive(pid));
  });
}
