// One open question: what it is bound to, who waits behind it, and how it is shown.
import type { Allowed, Caller, Denied, ServerRequest } from '../../shared/request.ts';
import type { Approval } from '../../shared/vocabulary.ts';
import type { Width } from './widths.ts';

/** How the prompt describes a question; computed by the broker, never taken from the client. */
export interface Presentation {
  readonly risk: Approval['risk'];
  readonly reasons: readonly string[];
  readonly widths: readonly Width[];
  readonly claim: Approval['claim'];
  readonly alwaysOffered: boolean;
  /** The folder a remembered yes is bound to; null: none. */
  readonly boundTo?: string | null;
  /** What the capability and its server said when the question was made: a yes is bound to it (security.md T24). */
  readonly pin?: string;
  /** The accepted definition and the one that is there now, where they differ. */
  readonly review?: Approval['review'];
  readonly alarm?: Approval['alarm'];
  readonly facts?: Approval['facts'];
  /** Ours, where the server is in our catalogue and pinned. */
  readonly sentence?: Approval['sentence'];
  /** What the operator said yes to last of the same capability. */
  readonly lastTime?: Approval['lastTime'];
  /** Who a yes must come from. */
  readonly presence?: Approval['presence'];
  readonly labels?: readonly string[];
  /** The flow that this request would complete. */
  readonly path?: Approval['path'];
  /** What a yes answers beside the request: `flow`, `policy:NAME`. */
  readonly answers?: readonly string[];
  /** What a yes accepts as well; null members are as they were. */
  readonly repin?: { readonly definition: string | null; readonly openingText: string | null };
}

export interface Waiter {
  readonly settle: (verdict: Allowed | Denied) => void;
  readonly connection: string;
}

export interface Question {
  readonly key: string;
  id: string;
  nonce: string;
  readonly caller: Caller;
  readonly request: ServerRequest;
  readonly shown: Presentation;
  createdAt: number;
  /** As `performance.now` counts, which stands still while the machine sleeps where the system lets it. */
  expiresAwake: number;
  expiry: NodeJS.Timeout;
  waiters: Waiter[];
  /** Calls that stopped waiting while the question stood; from the third on the model is told to stop. */
  repeats: number;
}

/** Equal means: same client, session, server, capability, canonical arguments, and the same definition of it. */
export const keyOf = (caller: Caller, request: ServerRequest, pin = '') =>
  [caller.client, caller.session, request.server, request.canonicalDigest, pin].join('\n');

/** What a yes to this question is bound to, besides the bytes. */
export const pinOf = ({ pin }: Presentation) => (pin === undefined ? {} : { pin });

/** The question as it crosses to whoever draws it. */
export function present(question: Question, now: number): Approval {
  const { caller, request, shown } = question;
  return {
    id: question.id,
    client: caller.client,
    server: request.server,
    capability: request.capability ?? '',
    arguments: JSON.parse(request.argumentsText),
    argumentsText: request.argumentsText,
    risk: shown.risk,
    reasons: [...shown.reasons],
    widths: shown.widths.map(({ id, label }) => ({ id, label })),
    claim: shown.claim,
    digest: request.digest,
    nonce: question.nonce,
    waiting: question.waiters.length,
    session: caller.session,
    folder: caller.folder,
    alwaysOffered: shown.alwaysOffered,
    createdAt: new Date(question.createdAt).toISOString(),
    expiresAt: new Date(now + Math.max(0, question.expiresAwake - performance.now())).toISOString(),
    ...(shown.review ? { review: shown.review } : {}),
    ...(shown.alarm ? { alarm: shown.alarm } : {}),
    ...(shown.presence ? { presence: shown.presence } : {}),
    ...(shown.labels ? { labels: [...shown.labels] } : {}),
    ...(shown.path ? { path: shown.path } : {}),
    ...(shown.facts && shown.facts.length > 0 ? { facts: shown.facts } : {}),
    ...(shown.sentence ? { sentence: shown.sentence } : {}),
    ...(shown.lastTime ? { lastTime: shown.lastTime } : {}),
  };
}
