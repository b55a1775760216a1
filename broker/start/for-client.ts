// What a client is told of something broken: whose fault it was and what to do, without what a server printed or a path of ours.
import { type Ended, Unrecorded } from '../broker.ts';
import { RequestFailed, ServerGone, StartFailed } from '../forward/failures.ts';

/** The end of a request that was thrown out before it began. */
export function thrownOut(error: unknown): Ended {
  return forClient({ kind: 'broken', error });
}

/** The same end, with words for a model in place of our own error. The log and `gatehouse server show` have the whole story. */
export function forClient(ended: Ended): Ended {
  return ended.kind === 'broken' ? { kind: 'broken', error: new Error(words(ended.error)) } : ended;
}

function words(error: unknown): string {
  if (error instanceof StartFailed)
    return `The server ${error.server} could not be started. Tell the user: \`gatehouse server show ${error.server}\` says why.`;
  if (error instanceof ServerGone)
    return `The server ${error.server} ended while it worked on this. Whether it was carried out is not known.`;
  if (error instanceof RequestFailed) return `The server ${error.server} did not answer this properly (${error.problem}).`;
  if (error instanceof Unrecorded)
    return 'The server answered, but Gatehouse could not write the outcome down, so it is not handed on. Tell the user to look at the disk.';
  const code = (error as { code?: unknown } | null)?.code;
  if (code === 'unavailable')
    return 'Gatehouse cannot write its log, so nothing was sent. Tell the user to look at the disk, and at `gatehouse doctor`.';
  return 'Gatehouse could not carry this out, through a fault of its own. Tell the user: the log has an entry.';
}
