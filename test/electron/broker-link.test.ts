import { expect, it } from 'vitest';
import { BrokerLink, type BrokerProcess, type BrokerState } from '../../electron/broker-link.ts';

/** A link over processes that do what the test says, on a clock that the test moves. */
function setUp() {
  let time = 0;
  const jobs: { at: number; job: () => void; cancelled: boolean }[] = [];
  const clock = {
    now: () => time,
    later: (ms: number, job: () => void) => {
      const entry = { at: time + ms, job, cancelled: false };
      jobs.push(entry);
      return {
        cancel: () => {
          entry.cancelled = true;
        },
      };
    },
  };
  const pass = (ms: number): void => {
    time += ms;
    for (const entry of jobs.filter((job) => !job.cancelled && job.at <= time)) {
      entry.cancelled = true;
      entry.job();
    }
  };
  const processes: { say(message: unknown): void; exit(code: number): void; sent: unknown[]; killed: boolean }[] = [];
  const states: BrokerState[] = [];
  const fork = (): BrokerProcess<string> => {
    const heard: ((message: unknown) => void)[] = [];
    const ended: ((code: number) => void)[] = [];
    const made = {
      sent: [] as unknown[],
      killed: false,
      say: (message: unknown) => {
        for (const listener of heard) listener(message);
      },
      exit: (code: number) => {
        for (const listener of ended) listener(code);
      },
    };
    processes.push(made);
    return {
      postMessage: (message, ports) => void made.sent.push([message, ports]),
      onMessage: (listener) => void heard.push(listener),
      onExit: (listener) => void ended.push(listener),
      kill: () => {
        made.killed = true;
        made.exit(9);
      },
    };
  };
  const link = new BrokerLink(fork, (state) => states.push(state), clock);
  const last = () => {
    const process = processes.at(-1);
    if (process === undefined) throw new Error('no process was forked');
    return process;
  };
  return { link, states, processes, last, pass };
}

it('waits longer after each death, up to 30 s, and says how long', () => {
  const { link, states, last, pass } = setUp();
  link.start();
  const waits: number[] = [];
  for (let death = 0; death < 10; death += 1) {
    last().exit(1);
    const state = states.at(-1);
    if (state?.is !== 'restarting') throw new Error('it did not say that it restarts');
    waits.push(state.inMs);
    pass(state.inMs);
  }
  expect(waits).toEqual([250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
});

it('begins anew after a minute of health', () => {
  const { link, states, last, pass } = setUp();
  link.start();
  last().exit(1);
  pass(250);
  last().say({ type: 'ready' });
  pass(60_000);
  last().exit(1);
  expect(states.at(-1)).toMatchObject({ is: 'restarting', inMs: 250 });
});

it('does not try again by itself when the broker said why it cannot run', () => {
  const { link, states, processes, last, pass } = setUp();
  link.start();
  last().say({ type: 'failed', message: 'No keychain answers.', hint: 'Unlock it.' });
  last().exit(1);
  pass(120_000);
  expect(processes).toHaveLength(1);
  expect(states.at(-1)).toEqual({ is: 'failed', message: 'No keychain answers.', hint: 'Unlock it.' });
  link.retry();
  expect(processes).toHaveLength(2);
});

it('hands out no line while no broker runs', () => {
  const { link, last } = setUp();
  expect(link.attach('port')).toBe(false);
  link.start();
  expect(link.attach('port')).toBe(false);
  last().say({ type: 'ready' });
  expect(link.attach('port')).toBe(true);
  expect(last().sent).toEqual([[{ type: 'console' }, ['port']]]);
  last().exit(1);
  expect(link.attach('port')).toBe(false);
});

it('stops when told, and ends a broker that does not leave within 6 s', async () => {
  const { link, states, processes, last, pass } = setUp();
  link.start();
  const stopped = link.stop();
  pass(5_999);
  expect(last().killed).toBe(false);
  pass(1);
  await stopped;
  expect(last().killed).toBe(true);
  expect(states.at(-1)).toEqual({ is: 'stopped' });
  pass(60_000);
  expect(processes).toHaveLength(1);
});

it('stops in the middle of a back-off too', async () => {
  const { link, processes, last, pass } = setUp();
  link.start();
  last().exit(1);
  await link.stop();
  pass(60_000);
  expect(processes).toHaveLength(1);
});

it('ignores what is no message of ours', () => {
  const { link, states, last } = setUp();
  link.start();
  for (const odd of [null, undefined, 7, 'ready', {}, { type: 'rady' }]) last().say(odd);
  expect(states).toEqual([{ is: 'starting' }]);
});
