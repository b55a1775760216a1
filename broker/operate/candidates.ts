// Servers from elsewhere, added or updated exactly as they were shown.
import type { Candidate } from '../../shared/candidate.ts';
import { GatehouseError } from '../../shared/errors.ts';
import type { Server } from '../../shared/vocabulary.ts';
import { by } from './acts.ts';
import type { Actor, Desk, ServerRow } from './desk.ts';
import { compare, type Review, type Reviews } from './review.ts';
import { launchOfSpec, type ServerSpec } from './server-spec.ts';
import { addServer, originFacts, rowOf, showServer } from './servers.ts';

const specOf = (name: string, { command, args, cwd, env, secretEnv, remote }: Candidate, accept: boolean): ServerSpec => ({
  ...{ name, command, args, env, secretEnv, accept, share: false },
  ...(cwd === null ? {} : { cwd }),
  ...(remote ? { url: remote.url } : {}),
  transport: remote?.transport ?? 'auto',
  headers: remote?.headers ?? {},
  secretHeaders: remote?.secretHeaders ?? {},
});

/** Adds it by the way of every server: its program is looked up, started once, alone, and what it offers is kept. */
export async function addCandidate(desk: Desk, actor: Actor, given: { name: string; digest: string; accept: boolean }): Promise<Server> {
  const { candidate, place } = desk.acquire.take(given.digest);
  if (desk.rows.server.has(given.name))
    throw new GatehouseError(
      'exists',
      `There is a server ${given.name} already.`,
      `To replace its program: gatehouse server update ${given.name}`,
    );
  try {
    return await addServer(desk, actor, specOf(given.name, candidate, given.accept), await place());
  } finally {
    await desk.acquire.settle(candidate);
  }
}

/**
 * Puts it in the place of the program that `name` runs. What was accepted stays accepted; what the new program says or does differently
 * waits for the operator, and grants on it rest until then (T04, T28).
 */
export async function updateServer(
  desk: Desk,
  actor: Actor,
  { name, digest }: { name: string; digest: string },
  reviews: Reviews,
): Promise<{ server: Server; review: Pick<Review, 'differences'> & { name: string } }> {
  rowOf(desk, name);
  const { candidate, place } = desk.acquire.take(digest);
  try {
    const origin = await place();
    const launch = await launchOfSpec(desk, specOf(name, candidate, false));
    const next: ServerRow = { ...rowOf(desk, name), ...launch, origin };
    desk.record({ type: 'server.trial', server: name, ...originFacts(origin), decidedBy: by(actor) });
    const offered = await desk.tryOut(next);
    const before = rowOf(desk, name);
    const review = compare(desk, next, offered);
    const identity = desk.packageOf(next);
    // A package of another name is a change of the server itself, which its pin shows; the same one has a new version now.
    const known = identity !== null && identity.name === before.package?.name ? { package: identity } : {};
    const act = {
      type: 'server.updated',
      server: name,
      differences: review.differences.length,
      ...originFacts(origin),
      decidedBy: by(actor),
    };
    desk.change(act, (tx) => tx.put('server', { ...before, ...launch, origin, ...known }));
    reviews.put(name, review);
    desk.settle();
    await desk.stopServer(name);
    return { server: showServer(desk, rowOf(desk, name)), review: { name, differences: review.differences } };
  } finally {
    await desk.acquire.settle(candidate);
  }
}
