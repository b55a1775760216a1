// A trial start: what a server offers to a client with certain capabilities. Nothing of a client is involved.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Era, Message } from '../../shared/message.ts';
import { type Definition, fetchDefinitions, listingProblem } from './definitions.ts';
import { ServerGone, StartFailed } from './failures.ts';
import type { Needs } from './needs.ts';
import type { As } from './start.ts';
import type { Upstream } from './upstream.ts';

export interface Offer {
  readonly era: Era;
  /** Exact text of the server's answer to `initialize` or `server/discover`. */
  readonly openingText: string;
  readonly definitions: readonly Definition[];
}

/** Servers register what depends on the client after `initialized`, and some only after they asked for roots (server-everything: 350 ms). */
const quietMs = 400;
const longestWaitMs = 2_000;
/** Listings made again because the lists changed meanwhile. */
const maxListings = 4;

/**
 * @param clientCapabilities what the server shall believe the client can do
 * @param start starts it, and opens the conversation in its own era
 * @throws StartFailed
 */
export async function look(needs: Needs, clientCapabilities: object, start: (as: As) => Promise<Upstream>): Promise<Offer> {
  const params = {
    protocolVersion: '2025-11-25',
    capabilities: clientCapabilities,
    clientInfo: { name: 'gatehouse', title: 'Gatehouse', version: needs.version },
  };
  const server = await start({ initializeParams: JSON.stringify(params), clientCapabilities });
  let lastHeard = performance.now();
  let changes = 0;
  server.listen(
    (message) => {
      lastHeard = performance.now();
      if (message.kind === 'request') server.notify(answer(needs, message));
      else if (message.method?.endsWith('/list_changed')) changes += 1;
    },
    () => {},
  );
  try {
    if (server.era === 'handshake') {
      // Its answer shows that it has read `initialized`, however busy the machine is; whether it knows `ping` does not matter.
      await server.ask('ping', undefined, longestWaitMs).catch((error: unknown) => {
        if (error instanceof ServerGone) throw error;
      });
      lastHeard = performance.now();
      await quiet(() => lastHeard);
    }
    let definitions: Definition[] = [];
    for (let listing = 0, seen = -1; seen !== changes && listing < maxListings; listing++) {
      seen = changes;
      definitions = await fetchDefinitions(needs, server);
    }
    return { era: server.era, openingText: server.openingText, definitions };
  } catch (cause) {
    const reason = cause instanceof ServerGone ? `it ${cause.reason}` : listingProblem(cause);
    throw new StartFailed(server.server, reason, `See \`gatehouse server logs ${server.server}\`.`, { cause });
  }
}

async function quiet(lastHeard: () => number): Promise<void> {
  const until = performance.now() + longestWaitMs;
  for (;;) {
    const now = performance.now();
    const left = Math.min(lastHeard() + quietMs, until) - now;
    if (left <= 0) return;
    await sleep(left);
  }
}

function answer(needs: Needs, request: Message): string {
  const id = needs.memberText(request.text, ['id']) ?? 'null';
  if (request.method === 'roots/list') return `{"jsonrpc":"2.0","id":${id},"result":{"roots":[]}}`;
  if (request.method === 'ping') return `{"jsonrpc":"2.0","id":${id},"result":{}}`;
  return `{"jsonrpc":"2.0","id":${id},"error":{"code":-32603,"message":"Not available while the server is being looked at."}}`;
}
