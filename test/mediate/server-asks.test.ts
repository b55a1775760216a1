// What a server asks of a client (T20, T25): secrets are never asked for, addresses are looked at, the model has a budget, and every stop counts.
import { describe, expect, test } from 'vitest';
import type { Facts } from '../../broker/mediate/decide.ts';
import type { GrantRow } from '../../broker/mediate/grants.ts';
import { SamplingBudget } from '../../broker/mediate/sampling-budget.ts';
import { askedCapability, confirmAsk, decideAsk, isAsked, tokensOf } from '../../broker/mediate/server-asks.ts';
import type { Allowed, ServerRequest, Verdict } from '../../shared/request.ts';
import { callerOf, requestOf } from '../support/asking.ts';
import { expectReasoned } from '../support/words.ts';

const caller = callerOf();
const grant = (effect: 'allow' | 'deny'): GrantRow => ({
  ...{ id: 'g-1', client: 'cursor', server: 'files', capability: '*', effect, match: { kind: 'any' }, until: null, session: null },
  createdAt: new Date(0).toISOString(),
});
const facts = (over: Partial<Facts> = {}): Facts => ({
  lockdown: () => null,
  client: () => ({ state: 'active', servers: ['files'] }),
  server: () => ({ enabled: true, acceptedAt: '2026-01-01T00:00:00.000Z' }),
  pin: () => 'unlisted',
  unknownArgument: () => null,
  grant: () => null,
  flows: () => false,
  protects: () => null,
  critical: () => null,
  policy: () => null,
  answering: () => null,
  nobodyAnswers: () => false,
  ...over,
});
const asks = (method: string, params: Record<string, unknown> = {}): ServerRequest => {
  const request = requestOf({ method, params });
  return { ...request, capability: askedCapability(request.message) };
};
const sample = (maxTokens: unknown = 100) => asks('sampling/createMessage', { maxTokens, messages: [] });
const form = (properties: Record<string, unknown>, more: object = {}) =>
  asks('elicitation/create', { message: 'm', requestedSchema: { properties }, ...more });
const decided = (request: ServerRequest, over: Partial<Facts> = {}, budget = new SamplingBudget(() => ({ requests: 5, tokens: 1_000 }))) =>
  decideAsk(facts(over), budget, caller, request);

describe('which capability it is', () => {
  test.each<[string, Record<string, unknown> | undefined, string | null]>([
    ['sampling/createMessage', {}, 'sampling:createMessage'],
    ['elicitation/create', { mode: 'url' }, 'elicitation:url'],
    ['elicitation/create', { mode: 'form' }, 'elicitation:form'],
    ['elicitation/create', { mode: 'other' }, 'elicitation:form'],
    ['elicitation/create', undefined, 'elicitation:form'],
    ['roots/list', {}, 'roots:list'],
    ['ping', {}, null],
    ['tools/call', {}, null],
  ])('%s %j', (method, params, capability) => {
    const { message } = requestOf({ method, ...(params ? { params } : {}) });
    expect(askedCapability(message)).toBe(capability);
    if (capability !== null) expect(isAsked(capability)).toBe(true);
  });
  test.each(['tool:sampling', 'tool:elicitation:form', 'resource:roots:list', 'samplings:x', 'sampling'])(
    '%s is no such thing',
    (capability) => {
      expect(isAsked(capability)).toBe(false);
    },
  );
});

test.each<[unknown, number]>([
  [100, 100],
  [0.5, 1],
  [10.2, 11],
  [0, 1000],
  [-5, 1000],
  [Number.POSITIVE_INFINITY, 1000],
  ['100', 1000],
  [null, 1000],
])('%s asks for %i tokens', (maxTokens, tokens) => {
  expect(tokensOf(sample(maxTokens).message)).toBe(tokens);
});

describe('forms and addresses', () => {
  test.each<[string, ServerRequest, string, RegExp]>([
    ['a field for a secret', form({ name: {}, api_key: {} }), 'hygiene', /"api_key" of the form of files asks for a secret \(api key\)/],
    ['a long name is cut', form({ [`password${'x'.repeat(200)}_password`]: {} }), 'hygiene', /"password.{52}" of/],
    ['a way nobody knows', form({}, { mode: 'voice' }), 'hygiene', /a way that Gatehouse does not know/],
    ['a mode that is no text', form({}, { mode: null }), 'hygiene', /does not know/],
    [
      'an address without TLS',
      asks('elicitation/create', { mode: 'url', url: 'http://example.com/' }),
      'hygiene',
      /files gave an address.*not https/,
    ],
    ['no address', asks('elicitation/create', { mode: 'url' }), 'hygiene', /there is no address/],
  ])('%s is a no that nobody is asked about', (_name, request, decidedBy, reason) => {
    for (const over of [{}, { grant: () => grant('allow') }]) {
      const verdict = decided(request, over);
      expect(verdict).toMatchObject({ kind: 'deny', decidedBy, reason: expect.stringMatching(reason) });
      expectReasoned(verdict);
    }
  });
  test.each<[string, ServerRequest]>([
    ['a form', form({ name: {}, size: { type: 'number' } })],
    ['a form that says so', form({ name: {} }, { mode: 'form' })],
    ['an empty form', asks('elicitation/create')],
    ['an address', asks('elicitation/create', { mode: 'url', url: 'https://example.com/a' })],
    ['a prompt', sample()],
  ])('%s is asked about, each time', (_name, request) => {
    expect(decided(request)).toMatchObject({ kind: 'ask', decidedBy: 'default' });
  });
  test('what looks like a form is read as one only in a form', () => {
    expect(decided(asks('sampling/createMessage', { mode: 'voice', requestedSchema: { properties: { password: {} } } })).kind).toBe('ask');
    expect(
      decided(asks('elicitation/create', { mode: 'url', url: 'https://example.com/', requestedSchema: { properties: { password: {} } } }))
        .kind,
    ).toBe('ask');
  });
});

describe('every stop counts here too, and first', () => {
  const stops: [string, Partial<Facts>][] = [
    ['lockdown', { lockdown: () => 'x' }],
    ['client', { client: () => ({ state: 'paused', servers: ['files'] }) }],
    ['visibility', { client: () => ({ state: 'active', servers: [] }) }],
    ['server', { server: () => ({ enabled: false, acceptedAt: 'x' }) }],
  ];
  test.each(stops)('%s', (decidedBy, over) => {
    for (const request of [sample(), form({ password: {} }), asks('roots/list')])
      expect(decided(request, { ...over, grant: () => grant('allow') })).toMatchObject({ kind: 'deny', decidedBy });
  });
});

describe('folders', () => {
  test('are told without asking, unless that was refused', () => {
    expect(decided(asks('roots/list'), { nobodyAnswers: () => true })).toEqual({
      kind: 'allow',
      decidedBy: 'protocol',
      reason: 'Folders are told without asking.',
    });
    expect(decided(asks('roots/list'), { grant: () => grant('allow') })).toMatchObject({ kind: 'allow', decidedBy: 'protocol' });
    const refused = decided(asks('roots/list'), { grant: () => grant('deny') });
    expect(refused).toMatchObject({ kind: 'deny', decidedBy: 'grant:g-1' });
    expectReasoned(refused, 'files');
  });
});

describe('the budget of the model', () => {
  const spent = () => {
    const budget = new SamplingBudget(() => ({ requests: 5, tokens: 1_000 }));
    budget.spend('s-1', 'files', 950);
    return budget;
  };
  test('it counts under a grant and under a question', () => {
    expect(decided(sample(), { grant: () => grant('allow') }, spent())).toMatchObject({ kind: 'deny', decidedBy: 'budget' });
    expect(decided(sample(), {}, spent())).toMatchObject({ kind: 'deny', decidedBy: 'budget' });
    expect(decided(sample(50), { grant: () => grant('allow') }, spent())).toMatchObject({ kind: 'allow', decidedBy: 'grant:g-1' });
  });
  test('a refusal is told as what it is, and other things cost nothing', () => {
    expect(decided(sample(), { grant: () => grant('deny') }, spent())).toMatchObject({ decidedBy: 'grant:g-1' });
    expect(decided(form({ name: {} }), { grant: () => grant('allow') }, spent()).kind).toBe('allow');
  });
});

describe('the last look before it is put to the client', () => {
  const before: Allowed = { kind: 'allow', decidedBy: 'operator', reason: 'r' };
  const byGrant: Allowed = { ...before, decidedBy: 'grant:g-1' };
  const no: Verdict = { kind: 'deny', decidedBy: 'lockdown', reason: 'Locked.', advice: 'Stop.', result: 'denied' };
  const ask: Verdict = { kind: 'ask', decidedBy: 'default', reason: 'r' };
  test('a no counts at once, and so does a grant that is gone', () => {
    expect(confirmAsk(no, before)).toBe(no);
    expect(confirmAsk(no, byGrant)).toBe(no);
    const gone = confirmAsk(ask, byGrant);
    expect(gone).toMatchObject({ kind: 'deny', decidedBy: 'grant:g-1', advice: 'Ask again.' });
    expectReasoned(gone);
  });
  test("the operator's own yes still stands", () => {
    expect(confirmAsk(ask, before)).toBe(before);
    expect(confirmAsk(byGrant, byGrant)).toBe(byGrant);
  });
});
