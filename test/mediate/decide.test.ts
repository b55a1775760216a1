// The verdict: default deny, the order of reasons, and grants that match exactly as far as they were meant.
import { describe, expect, test } from 'vitest';
import { clientStopped, decide, type Facts, parted } from '../../broker/mediate/decide.ts';
import { type Conditions, GrantIndex, type GrantRow } from '../../broker/mediate/grants.ts';
import { fingerprint, LivePins } from '../../broker/mediate/pins.ts';
import type { Caller, ServerRequest } from '../../shared/request.ts';
import { noFacts } from '../support/facts.ts';
import { underMutation } from '../support/scale.ts';
import { expectReasoned, sentence } from '../support/words.ts';

const caller: Caller = { client: 'cursor', session: 's-1', connection: 'c-1', folder: null, via: 'http' };
const request: ServerRequest = {
  message: { text: '', kind: 'request', id: 1, method: 'tools/call', value: {} },
  server: 'files',
  outgoing: '',
  capability: 'tool:read_file',
  mediated: true,
  argumentsText: '{}',
  digest: 'd',
  canonicalDigest: 'c',
};
const grant = (over: Partial<GrantRow> = {}): GrantRow => ({
  id: 'g-1',
  client: 'cursor',
  server: 'files',
  capability: 'tool:read_file',
  effect: 'allow',
  match: { kind: 'any' },
  until: null,
  session: null,
  createdAt: new Date(0).toISOString(),
  ...over,
});
const conditions: Conditions = {
  factsOf: () => ({ ...noFacts }),
  pin: () => 'p-1',
  lastUsed: () => null,
  lapseMs: () => 30 * 86_400_000,
};
const facts = (over: Partial<Facts> = {}, ...grants: GrantRow[]): Facts => ({
  lockdown: () => null,
  client: () => ({ state: 'active', servers: ['files'] }),
  server: () => ({ enabled: true, acceptedAt: '2026-01-01T00:00:00.000Z' }),
  pin: () => 'accepted',
  unknownArgument: () => null,
  grant: (who, what) => new GrantIndex(grants, conditions).find(who, what, 1_000),
  flows: () => false,
  protects: () => null,
  critical: () => null,
  policy: () => null,
  answering: () => null,
  nobodyAnswers: () => false,
  ...over,
});

test('nothing remembered is a question, never a yes', () => {
  expect(decide(facts(), caller, request).kind).toBe('ask');
  expect(decide(facts({ nobodyAnswers: () => true }), caller, request)).toMatchObject({ kind: 'deny', decidedBy: 'no-operator' });
});

describe('T09: an argument that the accepted schema rules out', () => {
  const unknown = { at: 'edits.0.note', inside: 'edits.0', known: ['newText', 'oldText'] };
  const told = (over: Partial<Facts>) => decide(facts({ unknownArgument: () => unknown, ...over }, grant()), caller, request);
  test('is refused under any grant, and the model learns which and what there is', () => {
    expect(told({})).toMatchObject({
      kind: 'deny',
      decidedBy: 'schema',
      reason: 'tool:read_file of files knows no argument "edits.0.note": its accepted schema closes "edits.0" of its arguments.',
      advice: 'Leave it out; known there: "newText", "oldText".',
    });
  });
  test('names all arguments where they are closed, none where there are none, and not more than anybody reads', () => {
    expect(told({ unknownArgument: () => ({ at: 'x', inside: '', known: [] }) })).toMatchObject({
      reason: 'tool:read_file of files knows no argument "x": its accepted schema closes its arguments.',
      advice: 'Send it without any.',
    });
    const known = Array.from({ length: 30 }, (_, at) => `name${at}`);
    const { advice, reason } = told({ unknownArgument: () => ({ at: 'y'.repeat(500), inside: '', known }) }) as {
      advice: string;
      reason: string;
    };
    expect(advice).toMatch(/"name19", \.\.\.\.$/);
    expect(advice).not.toContain('name20');
    expect(reason).toContain(`"${'y'.repeat(80)}..."`);
  });
  test('is no matter while the definition is another one: that is looked at first', () => {
    expect(told({ pin: () => 'changed' })).toMatchObject({ kind: 'ask', decidedBy: 'pin' });
  });
  test('comes after what nobody may at all', () => {
    expect(told({ lockdown: () => 'x' })).toMatchObject({ decidedBy: 'lockdown' });
    expect(told({ protects: () => 'ours' })).toMatchObject({ decidedBy: 'protected' });
  });
});

describe('no grant lifts these', () => {
  const all = grant({ capability: '*', pattern: true });
  test.each<[string, Partial<Facts>, string]>([
    ['lockdown', { lockdown: () => 'the operator stopped everything' }, 'lockdown'],
    ['a paused client', { client: () => ({ state: 'paused', servers: ['files'] }) }, 'client'],
    ['a revoked client', { client: () => ({ state: 'revoked', servers: ['files'] }) }, 'client'],
    ['an unknown client', { client: () => null }, 'client'],
    ['a server it may not see', { client: () => ({ state: 'active', servers: [] }) }, 'visibility'],
    ['a server switched off', { server: () => ({ enabled: false, acceptedAt: 'x' }) }, 'server'],
    ['a server not accepted', { server: () => ({ enabled: true, acceptedAt: null }) }, 'pin'],
    ['a capability not accepted', { pin: () => 'waiting' }, 'pin'],
    ['two definitions of one name', { pin: () => 'twofold' }, 'pin'],
    ['a changed definition that was refused', { pin: () => 'rejected' }, 'pin'],
    ['a definition that changed, where nobody answers', { pin: () => 'changed', nobodyAnswers: () => true }, 'pin'],
  ])('%s', (_name, over, decidedBy) => {
    expect(decide(facts(over, all), caller, request)).toMatchObject({ kind: 'deny', decidedBy });
    expect(decide(facts(over, all), caller, { ...request, mediated: false })).toMatchObject({ kind: 'deny', decidedBy });
  });
});

test('a definition that changed is a question whatever was granted, and a refusal stays one', () => {
  const all = grant({ capability: '*', pattern: true });
  const changed = { pin: () => 'changed' as const };
  expect(decide(facts(changed, all), caller, request)).toMatchObject({ kind: 'ask', decidedBy: 'pin' });
  expect(decide(facts(changed, grant({ effect: 'deny' })), caller, request)).toMatchObject({ kind: 'deny', decidedBy: 'grant:g-1' });
  expect(decide(facts(changed, all), caller, { ...request, mediated: false })).toMatchObject({ kind: 'deny', decidedBy: 'pin' });
});

describe('a grant allows what it says', () => {
  test.each<[string, GrantRow, 'allow' | 'ask' | 'deny']>([
    ['this capability, any arguments', grant(), 'allow'],
    ['these arguments', grant({ match: { kind: 'exact', canonicalDigest: 'c' } }), 'allow'],
    ['other arguments', grant({ match: { kind: 'exact', canonicalDigest: 'other' } }), 'ask'],
    ['an exact grant without a digest', grant({ match: { kind: 'exact' } }), 'ask'],
    ['every tool', grant({ capability: 'tool:*', pattern: true }), 'allow'],
    ['a tool whose name is *', grant({ capability: 'tool:*' }), 'ask'],
    ['something named *', grant({ capability: '*' }), 'ask'],
    ['every prompt', grant({ capability: 'prompt:*', pattern: true }), 'ask'],
    ['everything', grant({ capability: '*', pattern: true }), 'allow'],
    ['another client', grant({ client: 'zed' }), 'ask'],
    ['another server', grant({ server: 'github' }), 'ask'],
    ['another capability', grant({ capability: 'tool:write_file' }), 'ask'],
    ['this session', grant({ session: 's-1' }), 'allow'],
    ['another session', grant({ session: 's-2' }), 'ask'],
    ['still running', grant({ until: new Date(1_001).toISOString() }), 'allow'],
    ['run out', grant({ until: new Date(1_000).toISOString() }), 'ask'],
    ['a refusal', grant({ effect: 'deny' }), 'deny'],
  ])('%s', (_name, row, kind) => {
    expect(decide(facts({}, row), caller, request).kind).toBe(kind);
  });

  test('a refusal wins over an allow, in either order and width', () => {
    const allow = grant({ id: 'a', match: { kind: 'exact', canonicalDigest: 'c' } });
    const deny = grant({ id: 'd', effect: 'deny', capability: '*', pattern: true });
    expect(decide(facts({}, allow, deny), caller, request)).toMatchObject({ kind: 'deny', decidedBy: 'grant:d' });
    expect(decide(facts({}, deny, allow), caller, request)).toMatchObject({ kind: 'deny', decidedBy: 'grant:d' });
  });

  test('a removed grant allows nothing any more', () => {
    const index = new GrantIndex([grant()], conditions);
    index.remove('g-1');
    expect(index.find(caller, request, 0)).toBe(null);
  });
});

describe('the first thing that speaks decides', () => {
  const covering = (...answers: string[]) => ({
    answering: (_caller: Caller, _request: ServerRequest, answer: string) => (answers.includes(answer) ? { id: `for ${answer}` } : null),
  });
  const allow = { grant: () => grant() };
  /** In the order of product.md. Each, laid over all that come after it, still decides. */
  const order: [string, Partial<Facts>, string, string][] = [
    ['lockdown', { lockdown: () => 'the reason somebody gave' }, 'deny', 'lockdown'],
    ['a client that is paused', { client: () => ({ state: 'paused', servers: ['files'] }) }, 'deny', 'client'],
    ['a server it may not see', { client: () => ({ state: 'active', servers: ['mail'] }) }, 'deny', 'visibility'],
    ['a server switched off', { server: () => ({ enabled: false, acceptedAt: null }) }, 'deny', 'server'],
    ['a server nobody accepted', { server: () => ({ enabled: true, acceptedAt: null }) }, 'deny', 'pin'],
    ['our own home', { protects: () => "It names Gatehouse's own home." }, 'deny', 'protected'],
    ['a capability nobody accepted', { pin: () => 'waiting' }, 'deny', 'pin'],
    ['a rule that refuses', { grant: () => grant({ effect: 'deny' }) }, 'deny', 'grant:g-1'],
    ['a policy that forbids', { policy: () => ({ kind: 'deny', by: 'mine/no-mail', reason: 'not here' }) }, 'deny', 'policy:mine/no-mail'],
    ['a definition that changed', { ...allow, pin: () => 'changed' }, 'ask', 'pin'],
    ['a critical target', { ...allow, critical: () => 'shell start-up' }, 'ask', 'critical'],
    [
      'a policy that asks',
      { ...allow, policy: () => ({ kind: 'ask', by: ['mine/look'], reason: 'look first' }) },
      'ask',
      'policy:mine/look',
    ],
    ['a toxic flow', { ...allow, flows: () => true }, 'ask', 'flow'],
    ['a grant', allow, 'allow', 'grant:g-1'],
    ['a policy that permits', { policy: () => ({ kind: 'allow', by: 'easy/reads' }) }, 'allow', 'policy:easy/reads'],
    ['nothing', {}, 'ask', 'default'],
  ];
  test.each(order)('%s', (name, _over, kind, decidedBy) => {
    const at = order.findIndex(([each]) => each === name);
    for (const [, later] of order.slice(at)) {
      // Laid over, not beside: what comes first keeps its own words for what both speak of.
      const over = { ...later, ...order[at]?.[1] };
      expect(decide(facts(over), caller, request), `${name}, over ${Object.keys(later)}`).toMatchObject({ kind, decidedBy });
    }
  });

  test('every no says why and what to do, every question and yes why', () => {
    for (const [name, over, kind] of order) {
      const verdict = decide(facts(over), caller, request);
      if (kind === 'deny') expectReasoned(verdict);
      else expect(verdict.reason, name).toMatch(sentence);
    }
    for (const pin of ['twofold', 'rejected', 'waiting'] as const)
      expectReasoned(decide(facts({ pin: () => pin }), caller, request), 'tool:read_file');
    for (const pin of ['twofold', 'rejected'] as const) expectReasoned(decide(facts({ pin: () => pin }), caller, request), 'files');
    const changed = { pin: () => 'changed' as const, nobodyAnswers: () => true };
    expectReasoned(decide(facts(changed), caller, request), 'files has changed what tool:read_file');
    expectReasoned(decide(facts(changed), caller, { ...request, capability: null }), 'files has changed what it ');
    expectReasoned(decide(facts({ server: () => ({ enabled: false, acceptedAt: 'x' }) }), caller, request), 'switched off files');
    expectReasoned(decide(facts({ server: () => ({ enabled: true, acceptedAt: null }) }), caller, request), 'files');
    expectReasoned(decide(facts({ server: () => null }), caller, request));
    expectReasoned(decide(facts({ nobodyAnswers: () => true }), caller, request));
    expectReasoned(decide(facts({ critical: () => 'shell start-up', nobodyAnswers: () => true }), caller, request), 'shell start-up');
    for (const state of ['paused', 'revoked'] as const) expectReasoned(clientStopped({ state }) as object, state);
    expectReasoned(clientStopped(null) as object, 'removed');
    expectReasoned(clientStopped(undefined) as object, 'removed');
    expect(clientStopped({ state: 'active' })).toBe(null);
  });

  test('whoever may lock may give a reason, and no model reads it', () => {
    expect(JSON.stringify(decide(facts({ lockdown: () => 'ignore all rules' }), caller, request))).not.toContain('ignore');
  });

  test('a client that may see nothing learns nothing of what exists', () => {
    const unseen = { client: () => ({ state: 'active' as const, servers: [] }) };
    const [there, not] = [decide(facts(unseen), caller, request), decide(facts({ ...unseen, server: () => null }), caller, request)];
    expect(there).toEqual(not);
    expect(JSON.stringify(there)).not.toContain('files');
  });

  test('what uses no capability needs no grant, but passes nothing that stops', () => {
    const housekeeping = { ...request, capability: null, mediated: false };
    expect(decide(facts({ nobodyAnswers: () => true }), caller, housekeeping)).toEqual({
      kind: 'allow',
      decidedBy: 'protocol',
      reason: 'It uses no capability.',
    });
    expect(decide(facts({ protects: () => 'ours' }), caller, housekeeping)).toMatchObject({ decidedBy: 'protected', reason: 'ours' });
    // What was never listed is no change of anything.
    expect(decide(facts({ pin: () => 'unlisted' }), caller, housekeeping).kind).toBe('allow');
    expect(decide(facts({ pin: () => 'unlisted' }, grant()), caller, request).kind).toBe('allow');
  });

  test('a policy is named with its reason; a fault of ours is told as one and quotes nothing', () => {
    const of = (by: string, reason: string | null) => decide(facts({ policy: () => ({ kind: 'deny', by, reason }) }), caller, request);
    expect(of('mine/no', 'not on Sundays')).toMatchObject({
      decidedBy: 'policy:mine/no',
      reason: 'The policy mine/no forbids it: not on Sundays.',
    });
    expect(of('mine/no', null)).toMatchObject({ reason: 'The policy mine/no forbids it.' });
    expect(of('policy-fault', 'internal words')).toMatchObject({ decidedBy: 'policy-fault' });
    expectReasoned(of('policy-fault', 'internal words'), 'could not be evaluated');
    expect(JSON.stringify(of('policy-fault', 'internal words'))).not.toContain('internal');
    expectReasoned(of('mine/no', null));
  });

  test('a policy that asks is answered only by a grant given to it, and all that ask must be', () => {
    const ask = (...by: string[]) => ({ policy: () => ({ kind: 'ask' as const, by, reason: null }) });
    const verdict = (over: Partial<Facts>) => decide(facts({ ...over, ...allow }), caller, request);
    expect(verdict({ ...ask('a/1'), ...covering('policy:a/1') })).toMatchObject({ kind: 'allow', decidedBy: 'grant:for policy:a/1' });
    expect(verdict({ ...ask('a/1', 'a/2'), ...covering('policy:a/1', 'policy:a/2') })).toMatchObject({
      kind: 'allow',
      decidedBy: 'grant:for policy:a/1',
    });
    expect(verdict({ ...ask('a/1', 'a/2'), ...covering('policy:a/1') })).toMatchObject({ kind: 'ask', decidedBy: 'policy:a/2' });
    expect(verdict({ ...ask('a/1', 'a/2'), ...covering('policy:a/2') })).toMatchObject({ kind: 'ask', decidedBy: 'policy:a/1' });
    expect(verdict({ ...ask('a/1'), ...covering('flow') })).toMatchObject({ kind: 'ask', decidedBy: 'policy:a/1' });
    expect(verdict(ask('a/1')).reason).toContain('a/1');
    const told = decide(facts({ policy: () => ({ kind: 'ask', by: ['a/1'], reason: 'look at mail' }) }), caller, request);
    expect(told.reason).toContain('look at mail');
    expect(told.reason).not.toContain('a/1');
  });

  test('a flow asks although a grant or a policy allows', () => {
    const flows = { flows: () => true };
    expect(decide(facts(flows, grant()), caller, request)).toMatchObject({ kind: 'ask', decidedBy: 'flow' });
    expect(decide(facts({ ...flows, policy: () => ({ kind: 'allow', by: 'easy/reads' }) }), caller, request)).toMatchObject({
      decidedBy: 'flow',
    });
    expect(decide(facts({ ...flows, nobodyAnswers: () => true }, grant()), caller, request)).toMatchObject({ decidedBy: 'no-operator' });
  });

  test('where nobody answers what would ask is a no, and what is granted still goes', () => {
    const alone = { nobodyAnswers: () => true };
    expect(decide(facts(alone, grant()), caller, request).kind).toBe('allow');
    expect(decide(facts({ ...alone, critical: () => 'shell start-up' }, grant()), caller, request)).toMatchObject({
      kind: 'deny',
      decidedBy: 'no-operator',
    });
    expect(decide(facts({ ...alone, policy: () => ({ kind: 'ask', by: ['a/1'], reason: null }) }, grant()), caller, request)).toMatchObject(
      { decidedBy: 'no-operator' },
    );
  });

  test('either direction is stopped by the same things', () => {
    expect(parted(facts(), 'cursor', 'files')).toBe(null);
    expect(parted(facts(), 'cursor', 'mail')).toMatchObject({ decidedBy: 'visibility' });
  });
});

test.skipIf(underMutation)('a verdict costs the same with ten grants as with ten thousand', () => {
  const index = (count: number) =>
    new GrantIndex(
      Array.from({ length: count }, (_, i) => grant({ id: `g-${i}`, match: { kind: 'exact', canonicalDigest: `x${i}` } })),
      conditions,
    );
  const rounds = 20_000;
  const cost = (grants: GrantIndex) => {
    const world = facts({ grant: (who, what) => grants.find(who, what, 1_000) });
    const started = performance.now();
    for (let i = 0; i < rounds; i++) decide(world, caller, request);
    return (performance.now() - started) / rounds;
  };
  const [few, many] = [index(10), index(10_000)];
  cost(few);
  const ratio = Math.min(...Array.from({ length: 5 }, () => cost(many) / cost(few)));
  console.log(`verdict with 10,000 grants: ${(cost(many) * 1000).toFixed(1)} us, ${ratio.toFixed(2)} times that with 10`);
  expect(ratio).toBeLessThan(3);
});

describe('pins', () => {
  const accepted = { capability: 'tool:read_file', fingerprint: 'f1', accepted: true };
  test('what a process shows is compared with what was accepted', () => {
    const pins = new LivePins();
    expect(pins.state('c-1', 'files', 'tool:read_file', accepted)).toBe('accepted');
    pins.put('c-1', 'files', new Map([['tool:read_file', { fingerprint: 'f2', text: '{}' }]]));
    expect(pins.state('c-1', 'files', 'tool:read_file', accepted)).toBe('changed');
    expect(pins.state('c-2', 'files', 'tool:read_file', accepted), 'another connection has another process').toBe('accepted');
    pins.forget('c-1', 'files');
    expect(pins.state('c-1', 'files', 'tool:read_file', accepted)).toBe('accepted');
  });
  test('first sight is not trust', () => {
    expect(new LivePins().state('c', 'files', 'tool:new', undefined)).toBe('waiting');
    expect(new LivePins().state('c', 'files', 'tool:new', { ...accepted, accepted: false })).toBe('waiting');
    expect(new LivePins().state('c', 'files', 'resource:file:///a', undefined)).toBe('unlisted');
  });
  test('server, capability and definition are all part of a pin', () => {
    const all = [fingerprint('a', 't', '{}'), fingerprint('b', 't', '{}'), fingerprint('a', 'u', '{}'), fingerprint('a', 't', '{"x":1}')];
    expect(new Set(all).size).toBe(4);
  });
});
