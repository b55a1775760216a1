// `gatehouse connect`: what a client launches. Its standard input and output become one connection to the broker.
import type { Readable, Writable } from 'node:stream';
import { checkSocketFolder, socketPath } from '../host/home.ts';
import { processFacts } from '../host/processes.ts';
import type { Facts } from '../identify/challenge.ts';
import { readCredential } from './connector/credential.ts';
import { glance, Lines } from './connector/lines.ts';
import { dial, LinkError } from './connector/link.ts';
import { Relay } from './connector/relay.ts';

export interface ConnectOptions {
  readonly client: string;
  /** Exactly this server under its own names; without it, every server this client may see. */
  readonly server?: string | undefined;
  /** Home folder of the broker, absolute. */
  readonly home: string;
  readonly input?: Readable;
  readonly output?: Writable;
  readonly complaints?: Writable;
  readonly env?: Record<string, string | undefined>;
  /** Asks the desktop to start the broker. False: nothing here can. */
  readonly startBroker?: (home: string) => Promise<boolean>;
}

const absent =
  'Gatehouse is not running, so nothing behind it can be used now. Tell the user to start it with `gatehouse serve` and try again.';

/**
 * Runs until the client closes standard input or is gone. Resolves to the exit code; the caller exits with it.
 * Standard output carries MCP alone. Removes nothing and keeps nothing, so clients may start it twice to probe.
 */
export async function connect(options: ConnectOptions): Promise<number> {
  const { client, server, home, input = process.stdin, output = process.stdout, complaints = process.stderr, env = process.env } = options;
  const say = (words: string) => void complaints.write(`gatehouse connect: ${words}\n`);
  const operatorToken = env.GATEHOUSE_OPERATOR_TOKEN || undefined;
  if (operatorToken !== undefined) {
    delete env.GATEHOUSE_OPERATOR_TOKEN;
    say("an operator's token was in this client's environment; it is being revoked. Do not give it to clients.");
  }
  if (readCredential(home, client, env) === null) {
    const words = `The client "${client}" has no credential here: neither GATEHOUSE_CLIENT_TOKEN nor run/clients/${client} in ${home}. Tell the user to pair it with \`gatehouse client add\`.`;
    say(words);
    await refuseFirst(input, output, words);
    return 1;
  }
  // Named by a launcher that had to stay beside us (bin/gatehouse.mjs).
  const launched = env.GATEHOUSE_LIFELINE_FD !== undefined;
  let told: Promise<Facts> | undefined;
  const relay = new Relay({
    input,
    output,
    absent,
    say,
    startBroker: async () => (await options.startBroker?.(home)) ?? false,
    async dial(ended) {
      told ??= factsOf(client, server ?? null, launched);
      const token = readCredential(home, client, env);
      if (token === null) throw new LinkError('refused', `The credential of the client "${client}" has been taken away.`);
      const path = socketPath(home, 'connect');
      try {
        checkSocketFolder(path, false);
      } catch (error) {
        const refused = (error as { code?: unknown }).code === 'refused';
        throw new LinkError(refused ? 'refused' : 'absent', refused ? (error as Error).message : absent);
      }
      return dial(path, token, await told, { operatorToken, ended });
    },
  });
  const watch = watchParent(input);
  await relay.run();
  clearInterval(watch);
  await flushed(output);
  return 0;
}

async function factsOf(client: string, only: string | null, launched: boolean): Promise<Facts> {
  return { client, only, folder: workingFolder(), process: await clientProcess(launched) };
}

/** The program that launched us: our parent, or the launcher's. */
async function clientProcess(launched: boolean): Promise<Facts['process']> {
  const parent = await facts(process.ppid);
  const client = launched && parent ? await facts(parent.parent) : parent;
  return client && { pid: client.pid, startedAt: client.startedAt };
}

/** A parent of 1 or 0 is gone or in another namespace: no evidence of anything. */
const facts = (pid: number) => (pid > 1 ? processFacts(pid) : Promise.resolve(null));

function workingFolder(): string | null {
  try {
    return process.cwd();
  } catch {
    return null;
  }
}

/** A client can die while something it started keeps our input open; then our parent changes. */
function watchParent(input: Readable): NodeJS.Timeout {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid !== parent) input.destroy();
  }, 1000);
  timer.unref();
  return timer;
}

/** Answers the first request with an error, then stops reading. */
async function refuseFirst(input: Readable, output: Writable, words: string): Promise<void> {
  await new Promise<void>((resolve) => {
    const lines = new Lines(
      1024 * 1024,
      (line) => {
        const { id, method } = glance(line);
        if (id === null || method === null) return;
        output.write(`{"jsonrpc":"2.0","id":${id},"error":{"code":-32603,"message":${JSON.stringify(words)}}}\n`);
        resolve();
      },
      () => resolve(),
    );
    input.on('data', (chunk: Buffer) => lines.push(chunk));
    for (const event of ['end', 'close', 'error']) input.once(event, () => resolve());
    output.once('error', () => resolve());
  });
  input.destroy();
  await flushed(output);
}

/** Waits, at most 100 ms, until what was written has left this process. */
function flushed(output: Writable): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(resolve, 100);
    output.write('', () => {
      clearTimeout(late);
      resolve();
    });
  });
}
