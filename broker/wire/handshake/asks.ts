// What a server asks of a client in the handshake era: what the client must have declared for it, and how a no is said to the server.
import type { Message } from '../../../shared/message.ts';
import type { Denied } from '../../../shared/request.ts';
import { codes, parseMessage, WireError } from '../gate.ts';
import { elementTexts, memberText } from '../spans.ts';
import { errorText, resultText } from '../texts.ts';
import type { AskEnded } from './relay.ts';

type Declared = Readonly<Record<string, unknown>>;

const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;

/**
 * The capability a server's request needs and this client never declared, with the code that says so; null when all is well.
 * An empty `elicitation` means forms only (MCP 2025-11-25, client/elicitation).
 */
export function undeclared(message: Message, declared: Declared): { readonly capability: string; readonly code: number } | null {
  switch (message.method) {
    case 'sampling/createMessage':
      return member(declared, 'sampling') === undefined ? { capability: 'sampling', code: codes.unknownMethod } : null;
    case 'roots/list':
      return member(declared, 'roots') === undefined ? { capability: 'roots', code: codes.unknownMethod } : null;
    case 'elicitation/create': {
      const elicitation = member(declared, 'elicitation');
      if (elicitation === undefined) return { capability: 'elicitation', code: codes.unknownMethod };
      const url = message.params?.mode === 'url';
      const has = url
        ? member(elicitation, 'url') !== undefined
        : member(elicitation, 'form') !== undefined || member(elicitation, 'url') === undefined;
      return has ? null : { capability: url ? 'elicitation.url' : 'elicitation.form', code: codes.badParams };
    }
  }
  return null;
}

/** The reply to a server, its id still to be put back; null where it waits for none. */
export function answerText(message: Message, ended: AskEnded): string | null {
  switch (ended.kind) {
    case 'answered':
      return ended.reply.text;
    case 'refused':
      return ended.verdict.result === 'withdrawn' ? null : refusal(message, ended.verdict);
    case 'broken':
      return errorText('', codes.internal, 'Gatehouse could not put this to the client.');
    case 'withdrawn':
      return null;
  }
}

/**
 * A no in the protocol's own words: an elicitation is declined, or dismissed where nobody chose; sampling fails with -1
 * (MCP 2025-11-25, client/sampling). The operator's own words are for the client, not for a server.
 */
function refusal(message: Message, verdict: Denied): string {
  const { decidedBy } = verdict;
  if (message.method === 'elicitation/create') {
    const action = verdict.result === 'denied' ? 'decline' : 'cancel';
    return resultText('', JSON.stringify({ action, _meta: { gatehouse: { verdict: 'deny', decidedBy } } }));
  }
  const words = message.method === 'sampling/createMessage' ? 'User rejected sampling request' : 'User rejected this request';
  return errorText('', -1, words, { gatehouse: { verdict: 'deny', decidedBy } });
}

const urlRequired = '-32042';
/** Addresses that one error may ask for. */
const mostRequired = 8;

/**
 * The addresses that a server wants opened before it answers (MCP 2025-11-25, client/elicitation, -32042), each as the request it
 * stands for; null when this is no such error.
 * @throws WireError for an error that asks for something else
 */
export function requiredElicitations(reply: Message): Message[] | null {
  if (!reply.failed || memberText(reply.text, ['error', 'code']) !== urlRequired) return null;
  const texts = elementTexts(reply.text, ['error', 'data', 'elicitations']);
  if (texts.length > mostRequired) throw new WireError(codes.invalid, `A server may ask for ${mostRequired} addresses at once.`);
  return texts.map((params, at) => parseMessage(`{"jsonrpc":"2.0","id":${at},"method":"elicitation/create","params":${params}}`));
}
