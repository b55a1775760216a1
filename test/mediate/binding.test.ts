// A yes is bound (T24): other bytes, another capability, server or client than what was allowed never leave under it.
import { expect, test } from 'vitest';
import { bindingOf, unbound } from '../../broker/mediate/binding.ts';
import type { Allowed } from '../../shared/request.ts';
import { callerOf, requestOf } from '../support/asking.ts';
import { expectReasoned } from '../support/words.ts';

const [caller, request] = [callerOf(), requestOf()];
const yes: Allowed = { kind: 'allow', decidedBy: 'operator', reason: 'r', binding: bindingOf(caller, request) };
const leaving = { capability: request.capability, argumentsText: request.argumentsText, canonicalDigest: request.canonicalDigest };
const sent = 'What was about to be sent is not what was approved.';
const allowed = 'What was allowed is not what was about to be sent.';

test('what was allowed leaves', () => {
  expect(unbound(yes, caller, request, leaving)).toBe(null);
  expect(unbound(yes, callerOf({ connection: 'c-9' }), request, leaving), 'the connection is no part of it').toBe(null);
});

test.each<[string, Partial<typeof leaving>, string | null]>([
  ['other bytes of the same meaning', { argumentsText: '{ "path": "a" }' }, null],
  ['the same bytes, counted otherwise', { canonicalDigest: 'other' }, null],
  ['other bytes of another meaning', { argumentsText: '{"path":"b"}', canonicalDigest: 'other' }, sent],
  ['another capability', { capability: 'tool:write_file' }, sent],
  ['no capability', { capability: null }, sent],
])('%s', (_name, over, reason) => {
  const found = unbound(yes, caller, request, { ...leaving, ...over });
  expect(found?.reason ?? null).toBe(reason);
  if (found) {
    expectReasoned(found);
    expect(found.decidedBy).toBe('digest');
  }
});

test.each([
  ['another client', callerOf({ client: 'zed' }), request],
  ['another server', caller, requestOf({ server: 'mail' })],
  ['another capability', caller, requestOf({ capability: 'tool:write_file' })],
  ['other content', caller, requestOf({ canonicalDigest: 'c2' })],
])('%s is not what was allowed', (_name, who, what) => {
  expect(unbound(yes, who, what, { ...leaving, capability: what.capability, canonicalDigest: what.canonicalDigest })?.reason).toBe(allowed);
  expect(bindingOf(who, what)).not.toBe(yes.binding);
});

test('a rule binds no one call, but its bytes are compared all the same', () => {
  const { binding: _binding, ...rule } = yes;
  expect(unbound(rule, callerOf({ client: 'zed' }), request, leaving)).toBe(null);
  expect(unbound(rule, caller, request, { ...leaving, argumentsText: 'x', canonicalDigest: 'x' })?.reason).toBe(sent);
});

test('housekeeping names nothing that could differ', () => {
  const { binding: _binding, ...rule } = yes;
  const ping = requestOf({ mediated: false, capability: null });
  expect(unbound(rule, caller, ping, { capability: 'tool:x', argumentsText: 'x', canonicalDigest: 'x' })).toBe(null);
  expect(unbound(yes, callerOf({ client: 'zed' }), ping, leaving)?.reason).toBe(allowed);
});
