// One server at work: bytes kept, replies matched, and nothing a server does on the wire leaves a call hanging.
import { afterEach, describe, expect, test } from 'vitest';
import { RequestFailed, ServerGone, StartFailed } from '../../broker/forward/failures.ts';
import type { Message } from '../../shared/message.ts';
import { within } from '../support/scale.ts';
import { type Bench, bench, call, callText, everything, owner, params, pidOf, rascal, resultOf, until } from './support.ts';

let b: Bench;
const warnings: string[] = [];
process.on('warning', (warning) => warnings.push(warning.name));
afterEach(() => b?.pool.close());

async function open(mode?: string, limits = {}) {
  b = bench(limits);
  return b.pool.upstream(owner('c1'), rascal(mode), params);
}

describe('bytes', () => {
  test('the client is who the server sees, and its answer is kept as text', async () => {
    const server = await open();
    const { seen } = JSON.parse(server.openingText);
    expect(seen).toContain(params);
    expect(JSON.parse(seen).id).toMatch(/^gatehouse-/);
  });

  test('request and reply keep their bytes', async () => {
    const server = await open();
    const text =
      '{"params":{"arguments":{"n":12345678901234567890},"name":"echo", "x":1e2},"id":7,"jsonrpc":"2.0","method":"tools/call","odd":null}';
    const echoed = await server.request(text, 7);
    expect((resultOf(echoed).content as { text: string }[])[0]?.text).toBe(text);
    const exact = await call(server, 'a', 'exact');
    expect(exact.text).toBe('{ "id":"a","result" :{"n":12345678901234567890,"e":1.50},"jsonrpc":"2.0","extra":[] }');
  });

  test('a line end inside a message does not make two of it', async () => {
    const server = await open();
    const echoed = await server.request('{"jsonrpc":"2.0","id":1,\r\n"method":"tools/call","params":{"name":"echo"}}', 1);
    expect((resultOf(echoed).content as { text: string }[])[0]?.text).toContain('"id":1,  "method"');
  });

  test('16 x 64 KiB at once to a slow reader: one listener, every reply', async () => {
    b = bench();
    const server = await b.pool.upstream(owner('c1'), everything, params);
    const message = 'm'.repeat(64 * 1024);
    const replies = await Promise.all(Array.from({ length: 16 }, (_, id) => call(server, id, 'echo', { message })));
    expect(replies.map((reply) => reply.id)).toEqual(Array.from({ length: 16 }, (_, id) => id));
    expect(replies.every((reply) => reply.text.includes(message))).toBe(true);
    expect(warnings).toEqual([]);
  });

  test('a server that does not read fills its queue, not our memory', async () => {
    const server = await open('plain', { queueBytes: 1024 * 1024 });
    process.kill(pidOf(server), 'SIGSTOP');
    const sent = Array.from({ length: 40 }, (_, id) =>
      call(server, id, 'echo', { m: 'm'.repeat(64 * 1024) }).catch((error: unknown) => error),
    );
    const refused = await sent[39];
    expect(refused).toBeInstanceOf(RequestFailed);
    expect((refused as RequestFailed).problem).toBe('server-not-reading');
    process.kill(pidOf(server), 'SIGCONT');
    expect((await sent[0]) as Message).toMatchObject({ kind: 'response', id: 0 });
  });
});

describe('replies', () => {
  test('an id in flight is refused, and 1 is not "1"', async () => {
    const server = await open();
    const slow = call(server, 1, 'slow', { ms: 150 });
    await expect(call(server, 1, 'echo')).rejects.toMatchObject({ problem: 'duplicate-id' });
    expect((await call(server, '1', 'echo')).id).toBe('1');
    expect((await slow).id).toBe(1);
    await expect(call(server, JSON.parse(JSON.parse(server.openingText).seen).id, 'echo')).rejects.toMatchObject({
      problem: 'duplicate-id',
    });
  });

  test('second, foreign and unreadable replies are reported and hurt nobody', async () => {
    const server = await open();
    const slow = call(server, 99, 'slow', { ms: 300 });
    expect((await call(server, 1, 'twice')).text).toContain('one');
    expect((await call(server, 2, 'wrong-id')).text).toContain('right');
    expect((await call(server, 3, 'garbage')).text).toContain('after garbage');
    expect((await slow).text).toContain('slow');
    const problems = b.ofType('server.protocol-error').map((event) => event.problem);
    expect(problems.filter((problem) => problem === 'a reply to no request in flight')).toHaveLength(3);
    expect(problems).toHaveLength(5);
  });

  test('a reply that two readers could read differently fails its call', async () => {
    const server = await open();
    await expect(call(server, 1, 'ambiguous')).rejects.toMatchObject({ problem: 'unreadable-reply' });
    expect((await call(server, 2, 'echo')).failed).toBe(false);
  });

  test('a too long reply fails its call alone, whichever side its id stands on', async () => {
    const server = await open('plain', { lineBytes: 300_000 });
    const slow = call(server, 5, 'slow', { ms: 500 });
    await expect(call(server, 'id "quoted"', 'huge', { bytes: 900_000 })).rejects.toMatchObject({ problem: 'unreadable-reply' });
    await expect(call(server, 6, 'huge', { bytes: 300_000 })).rejects.toMatchObject({ problem: 'unreadable-reply' });
    expect((await call(server, 7, 'huge', { bytes: 250_000 })).failed).toBe(false);
    expect((await slow).id).toBe(5);
    expect(b.ofType('server.protocol-error')[0]?.problem).toContain('longer than 300000');
  });

  test('a cancelled call without a reply is given up; the cancellation goes on as it is', async () => {
    const server = await open('plain', { cancelledMs: 100 });
    const never = call(server, 4, 'never');
    const text = '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":4,"reason":"r"}}';
    server.notify(text);
    await expect(never).rejects.toMatchObject({ problem: 'cancelled' });
    await until(() => b.pool.logs('rascal').some((line) => line.text === `cancelled ${text}`));
  });
});

describe('the server speaks', () => {
  test('what came before anybody listened is heard in order', async () => {
    const server = await open('early');
    await call(server, 1, 'echo');
    const heard: string[] = [];
    server.listen(
      (message) => heard.push(message.method ?? ''),
      () => {},
    );
    expect(heard).toEqual(['notifications/message', 'roots/list']);
    server.notify('{"jsonrpc":"2.0","id":0,"result":{"roots":[]}}');
    await until(() => b.pool.logs('rascal').some((line) => line.text.startsWith('answered')));
  });

  test('a flood is slowed down, loses nothing, and leaves another server quick', async () => {
    const server = await open();
    const other = await b.pool.upstream(owner('c1'), { ...rascal(), server: 'other' }, params);
    let heard = 0;
    server.listen(
      () => heard++,
      () => {},
    );
    const flood = call(server, 1, 'flood', { count: 3_000 });
    const began = performance.now();
    for (let id = 0; id < 20; id++) await call(other, id, 'echo');
    expect(performance.now() - began).toBeLessThan(within(4_000));
    await flood;
    expect(heard).toBe(3_000);
    expect(b.ofType('server.protocol-error').some((event) => event.problem.includes('slowed down'))).toBe(true);
  });

  test('a listener that throws ends nothing', async () => {
    const server = await open();
    server.listen(
      () => {
        throw new Error('ours');
      },
      () => {},
    );
    expect((await call(server, 1, 'flood', { count: 3 })).failed).toBe(false);
  });
});

describe('the server ends', () => {
  test('a crash rejects every call in flight with what it last printed, and onExit tells once', async () => {
    const server = await open();
    const exits: string[] = [];
    server.listen(
      () => {},
      (reason) => exits.push(reason),
    );
    const waiting = call(server, 1, 'never').catch((error: unknown) => error);
    const crash = await call(server, 2, 'crash').catch((error: unknown) => error);
    expect(crash).toBeInstanceOf(ServerGone);
    expect((crash as ServerGone).reason).toBe('exited with code 3; it last printed: about to fall over');
    expect(await waiting).toBeInstanceOf(ServerGone);
    expect(exits).toHaveLength(1);
    await expect(call(server, 3, 'echo')).rejects.toBeInstanceOf(ServerGone);
    await until(() => b.ofType('server.exited').length === 1);
    expect(b.ofType('server.exited')[0]).toMatchObject({ code: 3, signal: null, expected: false, connection: 'c1' });
  });

  test('a killed server, a hung up one', async () => {
    const server = await open();
    await expect(call(server, 1, 'kill')).rejects.toMatchObject({ reason: 'was ended by SIGKILL' });
    const again = await b.pool.upstream(owner('c1'), rascal(), params);
    await expect(call(again, 1, 'hang-up')).rejects.toMatchObject({ reason: 'closed its output' });
    await until(() => b.ofType('server.exited').length === 2);
  });

  test('a reply written just before the exit still counts', async () => {
    const server = await open();
    expect((await call(server, 1, 'last-words')).text.length).toBeGreaterThan(200_000);
  });

  test('the crash of one leaves the other alone', async () => {
    const one = await open();
    const two = await b.pool.upstream(owner('c2'), rascal(), params);
    const three = await b.pool.upstream(owner('c1'), { ...rascal(), server: 'third' }, params);
    const slow = [call(two, 1, 'slow', { ms: 400 }), call(three, 1, 'slow', { ms: 400 })];
    await expect(call(one, 1, 'crash')).rejects.toBeInstanceOf(ServerGone);
    expect((await Promise.all(slow)).map((reply) => reply.failed)).toEqual([false, false]);
    expect(two.pid).not.toBe(one.pid);
  });
});

describe('starting', () => {
  test('concurrent first calls share one start', async () => {
    b = bench();
    const opened = await Promise.all([1, 2, 3].map(() => b.pool.upstream(owner('c1'), rascal(), params)));
    expect(new Set(opened.map((server) => server.pid)).size).toBe(1);
    expect(b.pool.processes('rascal')).toHaveLength(1);
  });

  test.each([
    ['crash-on-start', 'it exited with code 7; it last printed: no configuration, said nobody'],
    ['refuse', 'it refused: not for you'],
    ['mute', 'it did not answer within 0.4 s'],
    ['deaf', 'it did not answer within 0.4 s'],
  ])('%s fails the call in words', async (mode, reason) => {
    const failed = await open(mode, { startMs: 400, inputEndMs: 50 }).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(StartFailed);
    // A loaded machine may take the 400 ms for starting Node alone.
    if (mode !== 'mute' && mode !== 'deaf' && !(failed as StartFailed).reason.includes('did not answer')) {
      expect((failed as StartFailed).reason).toBe(reason);
    }
    await until(() => b.pool.processes('rascal').length === 0);
    expect(b.ofType('server.failed')).toHaveLength(1);
  });

  test('a pause opens for a server that keeps crashing, and closes again', async () => {
    b = bench();
    for (let n = 0; n < 6; n++)
      await expect(b.pool.upstream(owner('c1'), rascal('crash-on-start'), params)).rejects.toThrow('exited with code 7');
    const paused = await b.pool.upstream(owner('c1'), rascal('crash-on-start'), params).catch((error: unknown) => error);
    expect((paused as StartFailed).reason).toMatch(
      /^it keeps crashing, next try in 1 s; last time it exited with code 7; it last printed: no conf/,
    );
    expect((paused as StartFailed).retryInMs).toBeGreaterThan(0);
    expect((await b.pool.upstream(owner('c2'), rascal(), params)).pid).toBeGreaterThan(0);
    b.clock.ahead += 1_100;
    expect((await b.pool.upstream(owner('c1'), rascal(), params)).pid).toBeGreaterThan(0);
  });

  test('what cannot start says why, and names no value', async () => {
    b = bench();
    const tries: [Parameters<typeof rascal>[1], string][] = [
      [{ command: 'node' }, 'not an absolute path'],
      [{ command: '/no/such/program' }, 'its program does not exist'],
      [{ command: '/etc/passwd' }, 'may not be executed'],
      [{ cwd: '/no/such/folder' }, '/no/such/folder does not exist'],
      [{ cwd: '/etc/hostname' }, '/etc/hostname is not a folder'],
      [{ env: { 'A=B': 'x' } }, 'cannot be the name'],
      [{ env: { GATEHOUSE_SERVER: 'x' } }, 'cannot be the name'],
      [{ args: ['a\0b'] }, 'NUL'],
      [{ secretEnv: { API_KEY: 'github' } }, 'the secret github is missing'],
      [{ secretEnv: { API_KEY: 'hollow' } }, 'the secret hollow is empty'],
      [{ secretEnv: { API_KEY: 'nul' } }, 'the secret nul holds a NUL'],
    ];
    b.secrets.set('hollow', '').set('nul', 'very\0secret');
    for (const [changed, reason] of tries) {
      const failed = await b.pool.upstream(owner('c1'), rascal('plain', changed), params).catch((error: unknown) => error);
      expect(failed).toBeInstanceOf(StartFailed);
      expect((failed as StartFailed).message).toContain(reason);
      expect(JSON.stringify([(failed as Error).message, (failed as Error).stack])).not.toContain('very');
    }
    b.faults.add('spawn');
    await expect(b.pool.upstream(owner('c1'), rascal(), params)).rejects.toThrow('fault: spawn');
    expect(b.ofType('server.started')).toHaveLength(0);
  });

  test('callText is what is sent', () => {
    expect(callText(1, 'echo')).toBe('{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{}}}');
  });
});
