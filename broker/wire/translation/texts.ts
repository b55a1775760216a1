// Single messages in the words of the other era. Everything the eras share keeps its bytes.
import { hash } from 'node:crypto';
import type { Message } from '../../../shared/message.ts';
import { canonicalText } from '../canonical.ts';
import { memberSpan, memberText, memberTexts, putMember, withMember, withoutMembers } from '../spans.ts';
import { keys, versions } from '../stateless/envelope.ts';
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

/**
 * What every request of a handshake client carries to a stateless server, as the text of an object: the client as it introduced itself.
 * @param hello parameters of its `initialize`  @param level exact text of the level it set, or null
 */
export function envelopeText(hello: string, level: string | null): string {
  const capabilities = withoutMembers(memberText(hello, ['capabilities']) ?? '{}', [], (key) => key === 'tasks');
  const client = memberText(hello, ['clientInfo']);
  return (
    `{"${keys.version}":${JSON.stringify(versions.at(-1))},"${keys.capabilities}":${capabilities}` +
    `${client === null ? '' : `,"${keys.client}":${client}`}${level === null ? '' : `,"${keys.level}":${level}`}}`
  );
}

/** A request with the envelope; what its client had written in `_meta` stays beside it. */
export function enveloped(text: string, envelope: string): string {
  return memberTexts(envelope, []).reduceRight((sent, [key, value]) => putMember(sent, ['params', '_meta', key], value), text);
}

/** The same request once more, with the answers and with the state exactly as the server wrote it; without one there is none. */
export function nextRound(first: string, id: string, answers: string, state: string | null): string {
  const answered = putMember(withMember(first, ['id'], JSON.stringify(id)), ['params', 'inputResponses'], answers);
  return state === null ? answered : putMember(answered, ['params', 'requestState'], state);
}

/** A stateless server's reply for a handshake client: a resource that is not there has a code of its own in that era. */
export function handshakeReply(reply: string, method: string): string {
  const missing = memberText(reply, ['error', 'code']) === '-32602' && method === 'resources/read';
  return missing && memberText(reply, ['error', 'data', 'uri']) !== null ? withMember(reply, ['error', 'code'], '-32002') : reply;
}

/** A note without the id of the subscription it came by, which a handshake client does not know. */
export function withoutSubscription(text: string): string {
  if (memberText(text, ['params', '_meta', keys.subscription]) === null) return text;
  const bare = withoutMembers(text, ['params', '_meta'], (key) => key === keys.subscription);
  return memberTexts(bare, ['params', '_meta']).length === 0 ? withoutMembers(bare, ['params'], (key) => key === '_meta') : bare;
}
