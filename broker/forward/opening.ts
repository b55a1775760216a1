// Finds out which protocol a server process speaks and opens the conversation in it (MCP 2026-07-28, transports/stdio).
import { setTimeout as sleep } from 'node:timers/promises';
import type { Era, Message } from '../../shared/message.ts';
import { ServerGone, StartFailed } from './failures.ts';
import { Refused, shakeHands } from './handshake.ts';
import type { Limits, Needs } from './needs.ts';
import type { ServerProcess } from './server-process.ts';
import { type Discovery, discoveryOf, listChangeFilter } from './stateless.ts';

/** Open; or this process is of no use any more, and a fresh one must be opened as this. */
export type Opened = 'open' | Era;

export interface Opening {
  /** What the server spoke last; null when nobody knows. */
  readonly era: Era | null;
  /** The client's own `initialize` parameters, so that a handshake server sees who really asks. */
  readonly initializeParams: string;
}

/** @throws StartFailed */
export async function open(needs: Needs, limits: Limits, server: ServerProcess, { era, initializeParams }: Opening): Promise<Opened> {
  const shake = () => shakeHands(needs, server, initializeParams, limits.startMs);
  if (era === 'handshake') {
    try {
      await shake();
    } catch (refusal) {
      // It was accepted as a handshake server; an update may have changed that.
      if (!(refusal instanceof Refused) || !(await discovered(needs, server, limits.startMs).catch(() => false))) throw refusal;
    }
    return 'open';
  }
  if (era === 'stateless') {
    const found = await discovered(needs, server, limits.startMs).catch((cause: unknown) => {
      if (cause instanceof StartFailed) throw cause;
      throw failed(server, cause instanceof ServerGone ? `it ${cause.reason}` : 'it does not answer server/discover', cause);
    });
    if (!found) await shake();
    return 'open';
  }
  return await find(needs, limits, server, shake);
}

/** Neither silence nor an error nor an exit proves anything about the era, so the handshake is tried after each of them. */
async function find(needs: Needs, limits: Limits, server: ServerProcess, shake: () => Promise<void>): Promise<Opened> {
  const discovering = discovered(needs, server, limits.startMs);
  discovering.catch(() => {});
  const early = await Promise.race([discovering, sleep(limits.probeMs, 'silent' as const, { ref: false })]).catch((error: unknown) => {
    if (error instanceof StartFailed) throw error;
    return error instanceof ServerGone ? ('gone' as const) : false;
  });
  if (early === true) return 'open';
  if (early === 'gone') return 'handshake';
  if (early === false) {
    await shake();
    return 'open';
  }
  // A slow start, or a server that says nothing to what it does not know. Whichever answer comes first counts.
  const late = discovering.then(
    (found): Opened | Promise<never> => (found ? 'stateless' : new Promise<never>(() => {})),
    () => new Promise<never>(() => {}),
  );
  const shaken = shake().then(
    (): Opened => 'open',
    async (refusal: unknown): Promise<Opened> => {
      // A stateless server refuses the handshake, and its answer to the first question is on the way.
      if (server.gone) return 'handshake';
      if (refusal instanceof Refused) await Promise.race([late, sleep(limits.probeMs, null, { ref: false })]);
      throw refusal;
    },
  );
  return await Promise.race([late, shaken]);
}

/** True when it is of the stateless era; it is open then. @throws ServerGone, RequestFailed; StartFailed when no version is shared */
async function discovered(needs: Needs, server: ServerProcess, limitMs: number): Promise<boolean> {
  let reply = await server.discover(limitMs);
  let found = discoveryOf(reply);
  // It refused something else about our question and names our version: it answers when it is asked again, or never.
  if (reply.failed && found.kind === 'stateless') {
    reply = await server.discover(limitMs);
    found = discoveryOf(reply);
    if (reply.failed) throw failed(server, `it refused server/discover: ${said(needs, reply)}`);
  }
  if (found.kind === 'unsupported') throw unsupported(server.server, found, server.hint);
  if (found.kind === 'other') return false;
  const text = needs.memberText(reply.text, ['result']);
  if (text === null) return false;
  server.speak('stateless', text);
  watchLists(server, found);
  return true;
}

export function unsupported(server: string, { versions }: Discovery & { kind: 'unsupported' }, hint: string): StartFailed {
  const named = versions.slice(0, 10).join(', ') || 'none that it names';
  return new StartFailed(server, `it speaks no version of MCP that Gatehouse knows (${named})`, hint);
}

/** The broker's own subscription: without it nobody would say that an accepted definition is not the one in force any more. */
function watchLists(server: ServerProcess, { capabilities }: Discovery & { kind: 'stateless' }): void {
  const filter = listChangeFilter(capabilities);
  if (filter) server.ask('subscriptions/listen', JSON.stringify({ notifications: filter }), null).catch(() => {});
}

const failed = (server: ServerProcess, reason: string, cause?: unknown) => new StartFailed(server.server, reason, server.hint, { cause });

/** What an error reply says, for a person. */
export function said(needs: Needs, reply: Message): string {
  const message = (reply.value.error as { message?: unknown } | null)?.message;
  return needs
    .mask()(String(message ?? 'no reason given'))
    .slice(0, 500);
}
