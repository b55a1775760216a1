// What a client of the stateless era sees when the answer is no, or when something is broken.
import type { Message, RequestId } from '../../../shared/message.ts';
import type { Denied } from '../../../shared/request.ts';
import { codes } from '../gate.ts';
import { refusalText as handshakeRefusal, severalWords } from '../handshake/refusals.ts';
import type { Unknown } from '../handshake/requests.ts';
import { putMember } from '../spans.ts';
import { errorText } from '../texts.ts';
import type { Malformed } from './envelope.ts';

/** As in the other era, with the type that every result has in this one. */
export function refusalText(message: Message, verdict: Denied): string {
  const text = handshakeRefusal(message, verdict);
  return message.method === 'tools/call' ? putMember(text, ['result', 'resultType'], '"complete"') : text;
}

/** The same words for what does not exist and for what this client may not see. This revision has no code of its own for resources. */
export function unknownText(message: Message, { unknown, name, instead }: Unknown): string {
  const id = message.id as RequestId;
  if (unknown === 'method') return errorText(id, codes.unknownMethod, 'Method not found');
  if (instead) return errorText(id, codes.badParams, severalWords(instead), { uri: name, instead });
  if (unknown === 'resource') return errorText(id, codes.badParams, 'Resource not found', { uri: name });
  return errorText(id, codes.badParams, `Unknown ${unknown}: ${name.slice(0, 200)}`);
}

export function malformedText(message: Message, { code, message: words, data }: Malformed): string {
  return errorText(message.id ?? null, code, words, data);
}
