// Single messages in the words of the other era. Everything the eras share keeps its bytes.
import { hash } from 'node:crypto';
import type { Message } from '../../../shared/message.ts';
import { canonicalText } from '../canonical.ts';
import { memberSpan, memberText, memberTexts, putMember, withMember, withoutMembers } from '../spans.ts';
import { keys } from '../stateless/envelope.ts';
import { privately } from './openings.ts';

const ofEnvelope = new Set<string>([keys.version, keys.client, keys.capabilities, keys.level]);
const ofRound = new Set(['inputResponses', 'requestState']);

/** A request without what only the stateless era has: the envelope and the answers of a later round. Other `_meta` stays. */
export function withoutEnvelope(text: string): string {
  const bare = withoutMembers(
    withoutMembers(text, ['params'], (key) => ofRound.has(key)),
    ['params', '_meta'],
    (key) => ofEnvelope.has(key),
  );
  return memberTexts(bare, ['params', '_meta']).length === 0 ? withoutMembers(bare, ['params'], (key) => key === '_meta') : bare;
}

/** Names what a request asks for, whichever round it is in. */
export function askedDigest(message: Message): string {
  const params = memberText(message.text, ['params']) ?? '{}';
  const asked = withoutMembers(params, [], (key) => key === '_meta' || ofRound.has(key));
  return hash('sha256', `gatehouse-asked-1\n${message.method}\n${canonicalText(asked)}`);
}

/** Methods whose results say how long they may be kept (server/utilities/caching). */
const cacheable = new Set(['tools/list', 'prompts/list', 'resources/list', 'resources/templates/list', 'resources/read']);

/** A handshake server's reply with what every result of the stateless era has. `serverInfo`: exact text, or null. */
export function completed(reply: string, method: string, serverInfo: string | null): string {
  const result = memberSpan(reply, ['result']);
  if (!result || reply.charCodeAt(result.start) !== 0x7b) return withErrorCode(reply);
  let text = putMember(reply.slice(result.start, result.end), ['resultType'], '"complete"');
  if (cacheable.has(method)) text = privately(text);
  if (serverInfo !== null && memberText(text, ['_meta', keys.server]) === null) text = putMember(text, ['_meta', keys.server], serverInfo);
  return withMember(reply, ['result'], text);
}

/** This revision has no code of its own for a resource that is not there (basic, "Error Codes"). */
function withErrorCode(reply: string): string {
  return memberText(reply, ['error', 'code']) === '-32002' ? withMember(reply, ['error', 'code'], '-32602') : reply;
}
