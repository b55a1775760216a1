// The door in the home folder: an HTTP server on a unix socket (0600) or a named pipe, reached by the operator's user alone.
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { connect } from 'node:net';
import { GatehouseError } from '../../shared/errors.ts';

export interface OperateSocket {
  close(): Promise<void>;
}

/**
 * Listens at `address`, whose folder is there and 0700. What a dead broker left behind is replaced.
 * @throws GatehouseError `conflict` when a broker answers there already
 */
export async function openOperateSocket(address: string, listener: RequestListener): Promise<OperateSocket> {
  const isPipe = address.startsWith('\\\\');
  const server = createServer({ headersTimeout: 10_000, requestTimeout: 60_000 }, listener);
  if (!isPipe) {
    if (await answers(address)) {
      throw new GatehouseError('conflict', `Another broker already answers at ${address}.`, 'Use that one, or stop it first.');
    }
    rmSync(address, { force: true });
  }
  // The socket is made inside listen(): at no moment may it be open to others.
  const before = isPipe ? null : process.umask(0o177);
  const ready = listening(server, address);
  if (before !== null) process.umask(before);
  await ready;
  if (!isPipe) chmodSync(address, 0o600);
  return { close: () => closed(server) };
}

function answers(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(address);
    const done = (answered: boolean) => {
      probe.destroy();
      resolve(answered);
    };
    probe.once('connect', () => done(true));
    probe.once('error', () => done(false));
  });
}

function listening(server: Server, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(address, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
