// Carries one request through the house; a client that is refused again and again is refused at the door of it (security.md T22, T32, T41).
import type { ServerRequest } from '../../shared/request.ts';
import type { EntryBody } from '../../shared/vocabulary.ts';
import { type Ended, handle, type Received, type Rooms } from '../broker.ts';
import { forClient, thrownOut } from './for-client.ts';
import { Quota } from './quota.ts';
import { RefusalRate, tooOften } from './refusal-rate.ts';

export interface Needs {
  clientOf(connection: string): string;
  rooms(): Rooms;
  record(body: EntryBody): void;
  now(): number;
}

type Carry = (connection: string, request: ServerRequest, gone: AbortSignal, waiting: () => void) => Promise<Ended>;

export function createCarry({ clientOf, rooms: joined, record, now }: Needs): Carry {
  const refusals = new RefusalRate(now);
  const quickRefusals = new Quota(now);
  return async (connection, request, gone, waiting) => {
    const client = clientOf(connection);
    const rooms = joined();
    if (refusals.over(client) && rooms.mediate.decide(rooms.identify(connection), request).kind !== 'allow') {
      const { server, capability } = request;
      const facts = { verdict: 'deny' as const, decidedBy: tooOften.decidedBy, reason: tooOften.reason };
      quickRefusals.take(client, (unreported) =>
        record({
          type: 'refused',
          client,
          server,
          ...(capability === null ? {} : { capability }),
          ...facts,
          ...(unreported > 0 ? { unreported } : {}),
        }),
      );
      return { kind: 'refused', verdict: tooOften };
    }
    const ended = await handle({ connection, request, gone, waiting } satisfies Received, rooms).then(forClient, thrownOut);
    if (ended.kind === 'refused' && ended.verdict.result !== 'withdrawn') refusals.count(client);
    return ended;
  };
}
