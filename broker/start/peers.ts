// Evidence about the process at the other end of a socket: is it an AI client, or something an AI client started?
import { hash } from 'node:crypto';
import type { Socket } from 'node:net';
import { peerPid } from '../host/native.ts';
import { environmentOf, type ProcessFacts, parentChain, processFacts } from '../host/processes.ts';

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

export interface Launcher {
  readonly pid: number;
  readonly startedAt: string;
  /** Path of the program, where the system lets us see it. */
  readonly program: string | null;
  /** The system leads from the socket to it. */
  readonly proven: boolean;
}

/**
 * What the process at the other end descends from, nearest first; null where the system cannot name that process. Call it while the other
 * end waits for an answer: later it may be gone.
 */
export async function ancestry(socket: Socket): Promise<readonly ProcessFacts[] | null> {
  const peer = peerPid(socket);
  if (peer === null) return null;
  const chain = await parentChain(peer);
  return chain.length === 0 ? null : chain.filter(({ pid }) => pid !== peer);
}

/**
 * The process that launched a connector: the one it claims, which may stand higher where a launcher or a shell stands between, but only one
 * that it does descend from; else its parent. Where its ancestry is not known the claim counts while exactly that process is there.
 */
export async function launcherOf(
  above: readonly ProcessFacts[] | null,
  claim: Pick<Launcher, 'pid' | 'startedAt'> | null,
): Promise<Launcher | null> {
  const claimed = (one: ProcessFacts) => one.pid === claim?.pid && one.startedAt === claim.startedAt;
  if (above === null) {
    const facts = claim && (await processFacts(claim.pid));
    return facts && claimed(facts) ? launcher(facts, false) : null;
  }
  const found = above.find(claimed) ?? above[0];
  // A parent of 1 is what is left where the real one is gone.
  return found && found.pid > 1 ? launcher(found, true) : null;
}

const launcher = ({ pid, startedAt, program }: ProcessFacts, proven: boolean): Launcher => ({ pid, startedAt, program, proven });

/** SHA-256 (hex) of the operator's token that a client program holds in its environment; null when it holds none, or the system hides it. */
export async function tokenHeldBy(pid: number): Promise<string | null> {
  const token = (await environmentOf(pid))?.[tokenVariable];
  return token === undefined ? null : hash('sha256', token);
}
