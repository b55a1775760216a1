// Listening on a path: a file that a dead broker left behind is taken over, one that somebody answers on never is.
import { chmodSync, lstatSync, unlinkSync } from 'node:fs';
import { connect, type Server } from 'node:net';
import { GatehouseError } from '../../shared/errors.ts';

const isPipe = (path: string) => path.startsWith('\\\\');

/**
 * Starts listening on a unix socket that only this user can open (0600), or on a named pipe.
 * Throws GatehouseError: `conflict` when somebody answers there, `unavailable` when it cannot be had.
 */
export async function claimSocket(server: Server, path: string): Promise<void> {
  try {
    await listen(server, path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE' || isPipe(path)) throw notToBeHad(path, cause);
    await removeStale(path);
    await listen(server, path).catch((again: unknown) => {
      throw notToBeHad(path, again);
    });
  }
  if (!isPipe(path)) chmodSync(path, 0o600);
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error) => reject(error);
    server.once('error', failed);
    // The file is made before listen() returns, so the mask holds from its first moment on.
    const mask = isPipe(path) ? null : process.umask(0o177);
    try {
      server.listen({ path, exclusive: true }, () => {
        server.off('error', failed);
        resolve();
      });
    } finally {
      if (mask !== null) process.umask(mask);
    }
  });
}

async function removeStale(path: string): Promise<void> {
  const facts = lstatSync(path, { throwIfNoEntry: false });
  if (facts === undefined) return;
  if (!facts.isSocket()) {
    throw new GatehouseError('unavailable', `${path} is in the way: it is not a socket.`, 'Move it away and start again.');
  }
  if (await somebodyAnswers(path)) {
    throw new GatehouseError('conflict', `Another broker already listens on ${path}.`, 'Use that one, stop it, or choose another --home.');
  }
  unlinkSync(path);
}

/** Refused means dead; anything else, a full queue too, may be alive. */
function somebodyAnswers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT'));
  });
}

function notToBeHad(path: string, cause: unknown): GatehouseError {
  const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
  return new GatehouseError(
    code === 'EADDRINUSE' ? 'conflict' : 'unavailable',
    `The broker cannot listen on ${path} (${code}).`,
    code === 'EADDRINUSE' ? 'Another broker may run there: use that one or stop it.' : 'Choose another folder with --home DIR.',
    { cause },
  );
}
