// `gatehouse hook`: what a client runs before each use of its own tools. Asks the broker as any call is asked about, and says yes or no.
// Whatever goes wrong is a no: the client would take silence, or a crash, for a yes. After a tool has run it reports what came of it.
import { basename } from 'node:path';
import { isSea } from 'node:sea';
import { setTimeout as pause } from 'node:timers/promises';
import { endedMethod, hookSeconds, hookServer, reportSeconds } from '../clients/hooks.ts';
import { checkSocketFolder, socketPath } from '../host/home.ts';
import { parentChain } from '../host/processes.ts';
import type { Facts } from '../identify/challenge.ts';
import { readCredential } from './connector/credential.ts';
import { dial } from './connector/link.ts';
import { type Reply, reply, verdictOf } from './hook-answer.ts';
import { answerFor, type Outcome, type ToolUse, toolOutcome, toolUse, type Verdict } from './hook-events.ts';
import { type HookEvent, inputBytes, readEvent } from './hook-input.ts';

interface HookOptions {
  readonly client: string;
  readonly home: string;
  /** Milliseconds until the client stops waiting for its hook. */
  readonly limitMs: number;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Bytes of a line that the broker takes (wire/gate.ts). */
const longestLine = 10 * 1024 * 1024;

const shells = /^(?:sh|dash|bash|zsh|ksh|fish|cmd\.exe)$/;

/**
 * Reads what the client says on standard input, and prints the verdict as it reads it. Resolves with the code to end with.
 * `mcp`: where the broker answers, as `install` wrote it. `limitMs`: when it is a no whatever is still to come.
 */
export async function hook(client: string, home: string, mcp: string | null, limitMs = (hookSeconds - 10) * 1000): Promise<number> {
  const done = await Promise.race([judged(client, home, mcp), late(limitMs)]);
  if (typeof done === 'number') return done;
  await new Promise<void>((resolve) => process.stdout.write(answerFor(client, done), () => resolve()));
  return 0;
}

/** Whatever it hangs on, a client that ends its hook for being late may take that for a yes; so the no comes first. */
async function late(limitMs: number): Promise<Verdict> {
  await pause(limitMs, null, { ref: false });
  return no('The hook of Gatehouse was not done in time.');
}

/** The verdict on a use; of a report, the code to end with. */
async function judged(client: string, home: string, mcp: string | null): Promise<Verdict | number> {
  const read = await heard(process.stdin);
  // What cannot be read is no report: it is decided on, with a no.
  const outcome = 'why' in read ? null : toolOutcome(client, read.event);
  if (outcome !== null) return await report({ client, home, limitMs: (reportSeconds - 2) * 1000 }, outcome);
  return 'why' in read ? no(read.why) : await decide({ client, home, limitMs: (hookSeconds - 20) * 1000 }, mcp, read.event);
}

/** Never rejects. */
async function heard(from: AsyncIterable<Buffer>): Promise<{ event: HookEvent } | { why: string }> {
  try {
    return { event: readEvent(await inputBytes(from)) };
  } catch (thrown) {
    return { why: words(thrown) };
  }
}

/** Never rejects. */
async function decide(options: HookOptions, mcp: string | null, event: HookEvent): Promise<Verdict> {
  try {
    const { client, home } = options;
    // This program and its first words are those of the entries that the same install wrote.
    // The executable of the installed app is its own entry file.
    const program = isSea() ? [] : [...process.execArgv, process.argv[1] ?? ''];
    const connect = [process.execPath, ...program, 'connect', '--home', home, '--client', client];
    const use = toolUse(client, event, { connect, mcp });
    if (use === null) return no('The client did not say which tool it is about.');
    return use === 'ours' ? { allow: true, reason: 'Gatehouse asks about it.' } : await ask(options, use);
  } catch (thrown) {
    return no(words(thrown));
  }
}

const no = (reason: string): Verdict => ({ allow: false, reason });

function words(thrown: unknown): string {
  const code = (thrown as NodeJS.ErrnoException).code;
  if (code === 'ENOENT' || code === 'ECONNREFUSED')
    return 'Gatehouse is not running, so nothing can be allowed. Tell the user to start it with `gatehouse serve` and try again.';
  return thrown instanceof Error ? thrown.message : String(thrown);
}

async function ask(options: HookOptions, use: ToolUse): Promise<Verdict> {
  const { client } = options;
  const _meta = use.id === undefined ? {} : { _meta: { 'gatehouse/use': use.id } };
  const opening = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: `${client} hook`, version: '1' } };
  return verdictOf(
    await exchange(options, use.folder, [
      { jsonrpc: '2.0', id: 0, method: 'initialize', params: opening },
      { jsonrpc: '2.0', method: 'notifications/initialized' },
      { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: use.name, arguments: use.arguments, ..._meta } },
    ]),
  );
}

/** Says what came of a tool that has run. What goes wrong is said to the person and stops nothing: it is over. */
async function report(options: HookOptions, { folder, ...outcome }: Outcome): Promise<number> {
  try {
    const { error } = await exchange(options, folder, [{ jsonrpc: '2.0', id: 1, method: endedMethod, params: outcome }]);
    if (error) throw new Error(String(error.message));
    return 0;
  } catch (thrown) {
    const said = `Gatehouse did not record what came of this tool: ${words(thrown)}\n`;
    await new Promise<void>((resolve) => process.stderr.write(said, () => resolve()));
    return 1;
  }
}

/** Sends these lines over a connection of its own; resolves with the answer to request 1, or with the refusal of request 0. */
async function exchange({ client, home, limitMs, env = process.env }: HookOptions, folder: string | null, lines: object[]): Promise<Reply> {
  const text = lines.map((line) => `${JSON.stringify(line)}\n`);
  // The broker reads on behind a line that is too long for it, and nobody would answer.
  if (text.some((line) => Buffer.byteLength(line) > longestLine))
    throw new Error(`This is too large to be shown to the user: at most ${longestLine} bytes. Do it in smaller parts.`);
  const token = readCredential(home, client, env);
  if (token === null)
    throw new Error(`The client "${client}" has no credential here. Tell the user to run \`gatehouse install ${client} --hooks\`.`);
  const path = socketPath(home, 'connect');
  checkSocketFolder(path, false);
  const facts: Facts = { client, only: hookServer, folder, process: await clientProcess() };
  const operatorToken = env.GATEHOUSE_OPERATOR_TOKEN || undefined;
  const { socket, rest } = await dial(path, token, facts, { operatorToken, ended: new AbortController().signal });
  try {
    socket.write(text.join(''));
    return await reply(socket, rest, limitMs);
  } finally {
    socket.destroy();
  }
}

/** The client itself: the first above us that is no shell, so that every hook of one run belongs to one session. */
async function clientProcess(): Promise<Facts['process']> {
  const chain = await parentChain(process.ppid);
  const client = chain.find(({ program, pid }) => pid > 1 && !shells.test(basename(program ?? '')));
  return client ? { pid: client.pid, startedAt: client.startedAt } : null;
}
