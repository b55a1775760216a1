// One way to the broker: dial the socket, let the broker prove itself, prove ourselves, and hand over an open socket.
import { connect, type Socket } from 'node:net';
import { beginConnecting, type Facts, ProofError } from '../../identify/challenge.ts';

export interface Link {
  readonly socket: Socket;
  /** Bytes that came after the last line of the proof. */
  readonly rest: Buffer;
}

/** Why there is no link. `absent`: nobody answers; `refused`: somebody did, and it was a no. The message is for a model to read. */
export class LinkError extends Error {
  readonly kind: 'absent' | 'refused';

  constructor(kind: LinkError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

const proofLine = 8 * 1024;
const proofMs = 5000;

interface Options {
  /** To be revoked: it was found in our environment. */
  readonly operatorToken: string | undefined;
  /** Nobody needs the link any more. */
  readonly ended: AbortSignal;
}

/** Dials and proves. Throws LinkError, and sends nothing of the client's before the broker has proved itself. */
export async function dial(path: string, token: string, facts: Facts, options: Options): Promise<Link> {
  const socket = connect(path);
  const { operatorToken, ended } = options;
  const stop = () => socket.destroy();
  const late = setTimeout(stop, proofMs);
  ended.addEventListener('abort', stop);
  try {
    const proof = beginConnecting(token, facts);
    const lines = proofLines(socket);
    socket.write(`${proof.hello}\n`);
    const challenge = await lines.next();
    socket.write(`${proof.prove(challenge, operatorToken)}\n`);
    accepted(await lines.next());
    return { socket, rest: lines.release() };
  } catch (error) {
    socket.destroy();
    if (error instanceof ProofError) throw new LinkError('refused', error.message);
    throw error;
  } finally {
    clearTimeout(late);
    ended.removeEventListener('abort', stop);
  }
}

function accepted(line: string): void {
  let answer: { gatehouse?: unknown; words?: unknown };
  try {
    answer = JSON.parse(line) ?? {};
  } catch {
    answer = {};
  }
  if (answer.gatehouse === 'ready') return;
  // The broker has proved itself, so its words may be passed on.
  const words = typeof answer.words === 'string' ? answer.words.slice(0, 1000) : 'Gatehouse does not know the credential of this client.';
  throw new LinkError('refused', words);
}

interface ProofLines {
  next(): Promise<string>;
  /** Stops listening and gives what came too early. The socket is left paused. */
  release(): Buffer;
}

function proofLines(socket: Socket): ProofLines {
  let held: Buffer = Buffer.alloc(0);
  let over = false;
  let wake = () => {};
  const data = (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    wake();
  };
  const end = () => {
    over = true;
    wake();
  };
  socket.on('data', data).on('close', end).on('error', end);
  return {
    async next() {
      for (;;) {
        const at = held.indexOf(10);
        if (at > proofLine || (at === -1 && held.length > proofLine))
          throw new ProofError("What answers at the broker's socket is not the broker.");
        if (at !== -1) {
          const line = held.toString('utf8', 0, at);
          held = held.subarray(at + 1);
          return line;
        }
        if (over) throw new LinkError('absent', 'Gatehouse does not answer.');
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    release() {
      socket.pause();
      socket.off('data', data).off('close', end).off('error', end);
      return held;
    },
  };
}
