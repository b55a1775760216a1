// What the log keeps of requests and how they ended: never their values, those follow masked and sealed.
import type { Caller, ServerRequest, Verdict } from '../../shared/request.ts';
import type { RequestFacts } from '../../shared/request-facts.ts';
import type { Ended } from '../broker.ts';
import type { Sentence } from '../mediate/sentence.ts';
import { summaryOf } from './facts-summary.ts';

/** What the log keeps of a request: never its values, those follow masked and sealed. */
export function factsOf(caller: Caller, request: ServerRequest) {
  const value: unknown = JSON.parse(request.argumentsText);
  const keys = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
  const argumentKeys = keys.slice(0, 50);
  return {
    client: caller.client,
    session: caller.session,
    via: caller.via,
    server: request.server,
    method: request.message.method as string,
    ...(request.capability === null ? {} : { capability: request.capability }),
    digest: request.digest,
    bytes: Buffer.byteLength(request.argumentsText),
    ...(request.mediated ? { argumentKeys } : {}),
    ...(request.round === undefined ? {} : { round: request.round.slice(0, 16) }),
  };
}

/** What is kept sealed of a request: what it asks for, and in a later round what the client answers with it. */
export const keptOf = ({ argumentsText, inputsText }: ServerRequest): string =>
  inputsText === undefined ? argumentsText : `{"arguments":${argumentsText},"inputResponses":${inputsText}}`;

/** What it is about: the facts in short, and a sentence where we have one. */
export function saidOf(facts: RequestFacts, sentence: Sentence | null) {
  const summary = summaryOf(facts);
  return { ...(summary === undefined ? {} : { facts: summary }), ...(sentence === null ? {} : { sentence }) };
}

export function verdictOf(verdict: Verdict) {
  return { verdict: verdict.kind, decidedBy: verdict.decidedBy, reason: verdict.reason };
}

export function outcomeOf(ended: Ended) {
  switch (ended.kind) {
    case 'refused': {
      const { verdict } = ended;
      return { ...verdictOf(verdict), result: verdict.result, ...(verdict.approval ? { approval: verdict.approval } : {}) };
    }
    case 'answered': {
      const { verdict, reply } = ended;
      const toolFailed = (reply.value.result as { isError?: unknown } | undefined)?.isError === true;
      return {
        ...verdictOf(verdict),
        result: reply.failed || toolFailed ? ('error' as const) : ('ok' as const),
        ...(verdict.approval ? { approval: verdict.approval } : {}),
      };
    }
    case 'withdrawn':
      return { result: 'withdrawn' as const };
    case 'broken':
      return { result: 'error' as const, reason: ended.error instanceof Error ? ended.error.message : String(ended.error) };
  }
}
