// Evidence about the process at the other end of a socket: is it an AI client, or something an AI client started?
import { hash } from 'node:crypto';
import type { Socket } from 'node:net';
import { peerPid } from '../host/native.ts';
import { environmentOf, parentChain } from '../host/processes.ts';

export interface Evidence {
  readonly pid: number;
  /** The process, or one above it, is a program that launched a connector which is connected now. */
  readonly belowClient: boolean;
  /** That program was started with an operator's token in its environment, so whatever it starts has it too. */
  readonly inheritedToken: boolean;
}

const tokenVariable = 'GATEHOUSE_OPERATOR_TOKEN';

/** Null where the system cannot tell (a TCP peer, Windows). */
export async function peerEvidence(socket: Socket, clientPids: ReadonlySet<number>): Promise<Evidence | null> {
  const pid = peerPid(socket);
  if (pid === null) return null;
  const chain = [pid, ...(await parentChain(pid)).map((parent) => parent.pid)];
  const clients = chain.filter((one) => clientPids.has(one));
  const environments = await Promise.all(clients.map((one) => environmentOf(one)));
  return {
    pid,
    belowClient: clients.length > 0,
    inheritedToken: environments.some((environment) => environment?.[tokenVariable] !== undefined),
  };
}

/** The program that launched the connector at the other end, whatever the connector says of itself; null where the system cannot tell. */
export async function programOf(socket: Socket): Promise<number | null> {
  const pid = peerPid(socket);
  if (pid === null) return null;
  const chain = await parentChain(pid);
  return chain.find((one) => one.pid !== pid)?.pid ?? null;
}

/** SHA-256 (hex) of the operator's token that a client program holds in its environment; null when it holds none, or the system hides it. */
export async function tokenHeldBy(pid: number): Promise<string | null> {
  const token = (await environmentOf(pid))?.[tokenVariable];
  return token === undefined ? null : hash('sha256', token);
}
