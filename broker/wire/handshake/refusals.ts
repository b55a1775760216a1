// What a client sees when the answer is no, or when something is broken: never the same shape, never a false success.
import type { Message, RequestId } from '../../../shared/message.ts';
import type { Denied } from '../../../shared/request.ts';
import { codes } from '../gate.ts';
import { errorText, resultText } from '../texts.ts';
import type { Unknown } from './requests.ts';

/** A refusal: a tool result the model can read for a tool call, a JSON-RPC error otherwise (interface.md, "What a client sees"). */
export function refusalText(message: Message, verdict: Denied): string {
  const id = message.id as RequestId;
  const words = `${verdict.result === 'open' ? 'Not done yet.' : 'Denied by Gatehouse.'} ${verdict.reason} ${verdict.advice}`.trim();
  if (message.method === 'tools/call') return resultText(id, JSON.stringify({ content: [{ type: 'text', text: words }], isError: true }));
  const data = {
    gatehouse: { verdict: verdict.result === 'open' ? 'ask' : 'deny', reason: verdict.reason, approval: verdict.approval ?? null },
  };
  return errorText(id, -1, words, data);
}

/** A broken server or a fault of ours. */
export function brokenText(message: Message, error: unknown): string {
  const why = error instanceof Error ? error.message : String(error);
  return errorText(message.id as RequestId, codes.internal, why);
}

/** An address that several servers offer, for a model to choose by. */
export const severalWords = (instead: readonly string[]): string =>
  `More than one server offers this address. Ask for the one you mean: ${instead.join(' or ')}`;

/** The same words for what does not exist and for what this client may not see. */
export function unknownText(message: Message, { unknown, name, instead }: Unknown): string {
  const id = message.id as RequestId;
  if (unknown === 'method') return errorText(id, codes.unknownMethod, 'Method not found');
  if (instead) return errorText(id, codes.badParams, severalWords(instead), { uri: name, instead });
  if (unknown === 'resource') return errorText(id, -32002, 'Resource not found', { uri: name });
  return errorText(id, codes.badParams, `Unknown ${unknown}: ${name.slice(0, 200)}`);
}
