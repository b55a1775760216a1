// Answering one request: it is shown first, the answer carries the nonce of what was shown, and a person stands behind it.
import { GatehouseError } from '../../shared/errors.ts';
import type { Approval } from '../../shared/vocabulary.ts';
import type { Errand } from './errand.ts';
import { failureOf } from './failure.ts';
import type { Api } from './operator-link.ts';
import { isGenuine, requestView } from './request-view.ts';
import { visible } from './visible.ts';

interface AllowOptions {
  readonly for: string;
  readonly match: string;
  readonly all?: boolean;
  readonly digest?: string;
  readonly full?: boolean;
}

interface DenyOptions {
  readonly for: 'once' | 'session' | 'always';
  readonly match: string;
  readonly reason?: string;
  readonly pauseClient?: boolean;
}

/** `approve`: shows, checks that nothing stayed unseen, then asks for the PIN where the shell has no token or the broker wants it. */
export async function answer(errand: Errand, id: string, options: AllowOptions): Promise<void> {
  const { api, by } = await errand.operator();
  const item = await waiting(api, id);
  if (!isGenuine(item))
    throw new GatehouseError(
      'conflict',
      'The arguments shown are not those the approval is bound to.',
      'Answer in the console, and report this.',
    );
  await show(errand, item, options, by === 'pin');
  const input = {
    id: item.id,
    nonce: item.nonce,
    for: options.for as 'once',
    match: options.match as 'exact',
    calls: options.all === true ? ('all' as const) : ('one' as const),
  };
  const question = 'Operator PIN, to approve what is shown above: ';
  let result: Awaited<ReturnType<Api['approval']['approve']>>;
  if (by === 'pin') {
    // The first PIN let them read; this one answers.
    result = await (await errand.withPin(question, 'once', true)).approval.approve(input);
  } else {
    try {
      result = await api.approval.approve(input);
    } catch (thrown) {
      if (failureOf(thrown).code !== 'needs-pin' || (await errand.terminalOrNull()) === null) throw thrown;
      await show(errand, item, options, true);
      result = await (await errand.withPin(question, 'once', true)).approval.approve(input);
    }
  }
  errand.print(result, () => {
    const remembered =
      result.grant === null
        ? ''
        : ` Remembered as ${visible(result.grant.id)}${result.grant.until === null ? '' : ` until ${result.grant.until}`}.`;
    return `Approved ${visible(id)}.${remembered}${result.note === null ? '' : `\n${visible(result.note)}`}`;
  });
}

/** `deny`. A no may come as quickly as it likes: nothing has to be shown first. */
export async function deny(errand: Errand, id: string, options: DenyOptions): Promise<void> {
  const { api } = await errand.operator();
  const item = await waiting(api, id);
  const result = await api.approval.deny({
    id: item.id,
    nonce: item.nonce,
    for: options.for,
    match: options.match as 'any',
    pauseClient: options.pauseClient === true,
    ...(options.reason === undefined ? {} : { reason: options.reason }),
  });
  errand.print(result, () => {
    const remembered = result.grant === null ? '' : ` Remembered as ${visible(result.grant.id)}.`;
    return `Denied ${visible(id)}.${remembered}${options.pauseClient === true ? ` ${visible(item.client)} is paused.` : ''}`;
  });
}

async function waiting(api: Api, id: string): Promise<Approval> {
  const item = (await api.approval.list()).find((one) => one.id === id);
  if (item !== undefined) return item;
  throw new GatehouseError(
    'not-found',
    `No request "${id}" waits: it was answered, withdrawn, or has expired.`,
    'See "gatehouse pending".',
  );
}

const shownOn = new WeakMap<Approval, Set<'terminal' | 'output'>>();

/** Shows the request where the person who answers looks, once, and throws GatehouseError('refused') when a part of it stays unseen. */
async function show(errand: Errand, item: Approval, options: AllowOptions, toPerson: boolean): Promise<void> {
  // With a PIN to type, the place is the terminal it is typed at, whatever standard output is.
  const where = process.stdout.isTTY && !errand.json ? 'output' : toPerson ? 'terminal' : errand.json ? null : 'output';
  const terminal = where === 'terminal' ? await errand.terminal() : null;
  const view = requestView(item, terminal?.columns ?? errand.columns ?? 120, options.full === true);
  const already = shownOn.get(item) ?? new Set();
  if (where !== null && !already.has(where)) {
    if (terminal !== null) terminal.write(`${view.text}\n\n`);
    else errand.say(`${view.text}\n`);
    shownOn.set(item, already.add(where));
  }
  if (options.digest !== undefined && options.digest !== item.digest) {
    throw new GatehouseError(
      'refused',
      `The digest is not that of this request, so it was not approved.`,
      `Read it again: gatehouse approve ${item.id} --full.`,
    );
  }
  if ((view.hidden || view.cut) && options.digest === undefined) {
    const why = view.hidden ? 'It holds characters that do not show' : 'Not all of it is shown';
    throw new GatehouseError(
      'refused',
      `${why}, so it was not approved.`,
      `Read all of it (gatehouse approve ${item.id} --full, or the console), then approve with --digest ${item.digest}.`,
    );
  }
}
