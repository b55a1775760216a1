// One open question: what makes two calls equal, and what crosses to whoever draws it.
import { expect, test } from 'vitest';
import { keyOf, type Presentation, pinOf, present, type Question } from '../../broker/mediate/question.ts';
import { callerOf, requestOf } from '../support/asking.ts';

const shown: Presentation = { risk: 'low', reasons: [], widths: [], claim: {}, alwaysOffered: false };
const question = (over: Partial<Question> = {}): Question => ({
  ...{ key: 'k', id: 'a-1', nonce: 'n', caller: callerOf(), request: requestOf(), shown },
  ...{ createdAt: 0, expiresAwake: performance.now() + 60_000, expiry: setTimeout(() => {}, 0), waiters: [], repeats: 0 },
  ...over,
});

test('equal is the same client, session, server, content and definition', () => {
  const keys = [
    keyOf(callerOf(), requestOf()),
    keyOf(callerOf({ client: 'zed' }), requestOf()),
    keyOf(callerOf({ session: 's-2' }), requestOf()),
    keyOf(callerOf(), requestOf({ server: 'mail' })),
    keyOf(callerOf(), requestOf({ canonicalDigest: 'c2' })),
    keyOf(callerOf(), requestOf(), 'p-1'),
    keyOf(callerOf(), requestOf(), 'p-2'),
  ];
  expect(new Set(keys).size).toBe(keys.length);
  expect(keyOf(callerOf({ connection: 'c-9', folder: null }), requestOf({ digest: 'd9' }))).toBe(keys[0]);
  // No part can be moved into its neighbour.
  expect(keyOf(callerOf({ client: 'a', session: 'b' }), requestOf())).not.toBe(keyOf(callerOf({ client: 'ab', session: '' }), requestOf()));
});

test('a pin binds where there is one', () => {
  expect(pinOf(shown)).toEqual({});
  expect(pinOf({ ...shown, pin: 'p-1' })).toEqual({ pin: 'p-1' });
});

test('everything that is shown crosses, and widths without what they would grant', () => {
  const width = {
    id: 'suggested:1',
    label: 'this in /work',
    places: [{ kind: 'folder' as const, path: '/work' }],
    capabilities: null,
    alsoClients: ['zed'],
  };
  const extras = {
    review: { was: '{}', is: '{"a":1}' },
    alarm: 'leaves' as const,
    presence: 'pin' as const,
    labels: ['outward'],
    path: [{ at: null, what: 'send', label: 'outward' as const }],
    facts: [{ name: 'Where', value: '/work/a' }],
  };
  const approval = present(
    question({
      request: requestOf({ argumentsText: '{"n":9007199254740993}' }),
      shown: { ...shown, ...extras, risk: 'high', reasons: ['r'], widths: [width], claim: { title: 'T' }, alwaysOffered: true },
      waiters: [
        { settle: () => {}, connection: 'c-1' },
        { settle: () => {}, connection: 'c-2' },
      ],
    }),
    Date.parse('2026-11-26T12:00:00.000Z'),
  );
  expect(approval).toEqual({
    ...extras,
    id: 'a-1',
    client: 'cursor',
    server: 'files',
    capability: 'tool:read_file',
    arguments: { n: 9007199254740992 },
    argumentsText: '{"n":9007199254740993}',
    risk: 'high',
    reasons: ['r'],
    widths: [{ id: 'suggested:1', label: 'this in /work' }],
    claim: { title: 'T' },
    digest: 'd1',
    nonce: 'n',
    waiting: 2,
    session: 's-1',
    folder: '/work',
    alwaysOffered: true,
    createdAt: '1970-01-01T00:00:00.000Z',
    expiresAt: expect.stringMatching(/^2026-11-26T12:0[01]:/),
  });
});

test('nothing crosses that is not there', () => {
  const bare = present(question({ request: requestOf({ capability: null }), shown: { ...shown, facts: [] } }), 0);
  for (const member of ['review', 'alarm', 'presence', 'labels', 'path', 'facts']) expect(bare).not.toHaveProperty(member);
  expect(bare.capability).toBe('');
});

test('the end is told in the time of day, awake time counted; what is over ends now', () => {
  const at = Date.parse('2026-11-26T12:00:00.000Z');
  const ends = (left: number) => Date.parse(present(question({ expiresAwake: performance.now() + left }), at).expiresAt) - at;
  expect(ends(60_000)).toBeGreaterThan(55_000);
  expect(ends(60_000)).toBeLessThanOrEqual(60_000);
  expect(ends(-60_000)).toBe(0);
});
