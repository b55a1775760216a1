// The door for connectors: a unix socket (0600) or named pipe, behind which every connector proves itself first.
import { createServer } from 'node:net';
import { claimSocket } from './claim-socket.ts';
import { type ConnectorNeeds, ConnectorSocket, type Limits, limits } from './connector-socket.ts';

/** Sockets at once; and of these, how many may be busy proving themselves. */
const most = 512;
const mostUnproven = 64;

export interface ConnectorDoor {
  readonly path: string;
  /** How many connectors of this client, or of all, are connected. */
  count(client?: string): number;
  /** Ends every connector of a client at once: it was revoked. */
  endClient(client: string, reason: string): void;
  close(): Promise<void>;
}

/**
 * Opens the door. The folder of `path` must be the operator's alone (host/home.ts checkSocketFolder).
 * Throws GatehouseError when the path cannot be had.
 */
export async function openConnectorDoor(path: string, needs: ConnectorNeeds, own: Partial<Limits> = {}): Promise<ConnectorDoor> {
  const open = new Set<ConnectorSocket>();
  const server = createServer({ noDelay: true }, (socket) => {
    const unproven = [...open].filter((other) => !other.proven).length;
    if (unproven >= mostUnproven) return void socket.destroy();
    const connector = new ConnectorSocket(socket, needs, { ...limits, ...own });
    open.add(connector);
    socket.once('close', () => open.delete(connector));
  });
  server.maxConnections = most;
  await claimSocket(server, path);
  server.on('error', (error) => needs.report?.(error));
  return {
    path,
    count: (client) => [...open].filter((connector) => connector.proven && (client === undefined || connector.client === client)).length,
    endClient(client, reason) {
      for (const connector of open) if (connector.client === client) connector.end(reason);
    },
    close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const connector of open) connector.end('the broker stops');
      return closed;
    },
  };
}
