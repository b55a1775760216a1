// The index over policies: it may pass over only what surely does not match, whatever shape a policy has.
import { describe, expect, test } from 'vitest';
import { type Compiled, compiledFrom, couldHold, factsRead, inScope, type PolicyJson } from '../../../broker/mediate/policy/scopes.ts';

const all = { op: 'All' } as const;
const json = (over: Partial<PolicyJson> = {}): PolicyJson => ({
  ...{ effect: 'permit', principal: all, action: all, resource: all, conditions: [] },
  ...over,
});
const compiled = (over: Partial<PolicyJson> = {}) => compiledFrom('mine', 2, 'the text', json(over));
const uid = (type: string, id: string) => ({ type, id });
const fact = (attr: string) => ({ '.': { left: { Var: 'context' }, attr } });
const value = (Value: unknown) => ({ Value });
const when = (body: unknown) => [{ kind: 'when' as const, body }];
const needs = (body: unknown) => compiled({ conditions: when(body) }).needs;

describe('what a policy is', () => {
  test('without annotations it is named by its place', () => {
    expect(compiled()).toEqual({
      ...{ id: 'mine/3', text: 'the text', effect: 'permit', asks: false, reason: null, clients: null, kinds: null, servers: null },
      ...{ capabilities: null, needs: [], reads: [] },
    });
  });
  test('with them', () => {
    expect(compiled({ effect: 'forbid', annotations: { id: 'no-mail', verdict: 'ask', reason: 'look' } })).toMatchObject({
      ...{ id: 'mine/no-mail', effect: 'forbid', asks: true, reason: 'look' },
    });
    expect(compiled({ annotations: { id: null, verdict: 'allow', reason: null } })).toMatchObject({
      id: 'mine/3',
      asks: false,
      reason: null,
    });
  });
});

describe('scopes', () => {
  const scoped = (over: Partial<PolicyJson>) => inScope(compiled(over), 'cursor', 'files', 'tool:read');
  test.each<[string, Partial<PolicyJson>, boolean]>([
    ['everything', {}, true],
    ['this client', { principal: { op: '==', entity: uid('Client', 'cursor') } }, true],
    ['another client', { principal: { op: '==', entity: uid('Client', 'zed') } }, false],
    ['in a client', { principal: { op: 'in', entity: { __entity: uid('Client', 'cursor') } } }, true],
    ['of some type', { principal: { op: 'is' } }, true],
    ['this action', { action: { op: '==', entity: uid('Action', 'tool') } }, true],
    ['another', { action: { op: '==', entity: uid('Action', 'prompt') } }, false],
    ['one of several', { action: { op: 'in', entities: [uid('Action', 'prompt'), { __entity: uid('Action', 'tool') }] } }, true],
    ['none of several', { action: { op: 'in', entities: [uid('Action', 'prompt'), uid('Action', 'resource')] } }, false],
    ['this server', { resource: { op: 'in', entity: uid('Server', 'files') } }, true],
    ['another server', { resource: { op: 'in', entity: uid('Server', 'mail') } }, false],
    ['this capability', { resource: { op: '==', entity: uid('Capability', 'files tool:read') } }, true],
    ['another capability', { resource: { op: '==', entity: uid('Capability', 'files tool:write') } }, false],
    ['the same of another server', { resource: { op: '==', entity: uid('Capability', 'mail tool:read') } }, false],
    ['a server that is called like a capability', { resource: { op: '==', entity: uid('Server', 'files tool:read') } }, false],
    ['a capability that is called like a server', { resource: { op: '==', entity: uid('Capability', 'files') } }, false],
    ['a client that is no client', { principal: { op: '==', entity: uid('Server', 'cursor') } }, false],
    ['a scope that names nothing', { resource: { op: '==' } }, false],
  ])('%s', (_name, over, expected) => {
    expect(scoped(over)).toBe(expected);
  });
  test('the kind of a capability ends at its first colon', () => {
    const prompts = compiled({ action: { op: '==', entity: uid('Action', 'resource') } });
    expect(inScope(prompts, 'c', 's', 'resource:tool:x')).toBe(true);
    expect(inScope(prompts, 'c', 's', 'tool:resource:x')).toBe(false);
  });
});

describe('what must hold before anything else is looked at', () => {
  const secrets = { fact: 'secrets', is: true, how: 'equals' };
  test.each<[string, unknown, object[]]>([
    ['a fact', fact('secrets'), [secrets]],
    ['its contrary', { '!': { arg: fact('secrets') } }, [{ ...secrets, is: false }]],
    ['a text', { '==': { left: fact('nature'), right: value('run') } }, [{ fact: 'nature', is: 'run', how: 'equals' }]],
    ['a yes', { '==': { left: fact('secrets'), right: value(true) } }, [secrets]],
    ['a no', { '==': { left: fact('secrets'), right: value(false) } }, [{ ...secrets, is: false }]],
    ['in a set', { contains: { left: fact('labels'), right: value('outward') } }, [{ fact: 'labels', is: 'outward', how: 'has' }]],
    [
      'not in a set',
      { '!': { arg: { contains: { left: fact('labels'), right: value('outward') } } } },
      [{ fact: 'labels', is: 'outward', how: 'lacks' }],
    ],
    [
      'several',
      { '&&': { left: { '&&': { left: fact('secrets'), right: fact('hidden') } }, right: fact('uninspectable') } },
      [secrets, { ...secrets, fact: 'hidden' }, { ...secrets, fact: 'uninspectable' }],
    ],
    [
      'up to what is not simple',
      { '&&': { left: fact('secrets'), right: { '&&': { left: { '<': {} }, right: fact('hidden') } } } },
      [secrets],
    ],
    ['nothing behind it either', { '&&': { left: { '||': {} }, right: fact('hidden') } }, []],
    ['not a choice', { '||': { left: fact('secrets'), right: fact('hidden') } }, []],
    ['not twice turned', { '!': { arg: { '!': { arg: fact('secrets') } } } }, []],
    ['not another text turned', { '!': { arg: { '==': { left: fact('nature'), right: value('run') } } } }, []],
    ['not a number', { '==': { left: fact('bytes'), right: value(7) } }, []],
    ['not a yes in a set', { contains: { left: fact('labels'), right: value(true) } }, []],
    ['not of two facts', { '==': { left: fact('nature'), right: fact('kind') } }, []],
    ['not of something else than the context', { '.': { left: { Var: 'principal' }, attr: 'secrets' } }, []],
    ['not the wrong way round', { '==': { left: value('run'), right: fact('nature') } }, []],
    ['not without a name', { '.': { left: { Var: 'context' }, attr: 7 } }, []],
  ])('%s', (_name, body, expected) => {
    expect(needs(body)).toEqual(expected);
  });
  test('only the first condition, and only a when', () => {
    expect(compiled({ conditions: [{ kind: 'unless', body: fact('secrets') }] }).needs).toEqual([]);
    expect(compiled({ conditions: [...when(fact('secrets')), ...when(fact('hidden'))] }).needs).toEqual([secrets]);
    expect(compiled({ conditions: [{ kind: 'unless', body: fact('a') }, ...when(fact('hidden'))] }).needs).toEqual([]);
  });
});

describe('what could hold', () => {
  const could = (how: 'equals' | 'has' | 'lacks', is: string | boolean, context: Record<string, string | boolean | number | string[]>) =>
    couldHold({ ...(compiled() as Compiled), needs: [{ fact: 'f', is, how }] }, context);
  test.each<['equals' | 'has' | 'lacks', string | boolean, Record<string, string | boolean | string[]>, boolean]>([
    ['equals', true, { f: true }, true],
    ['equals', true, { f: false }, false],
    ['equals', 'a', { f: 'a' }, true],
    ['equals', 'a', { f: 'b' }, false],
    ['has', 'a', { f: ['a', 'b'] }, true],
    ['has', 'a', { f: ['b'] }, false],
    ['has', 'a', { f: 'a' }, false],
    ['lacks', 'a', { f: ['b'] }, true],
    ['lacks', 'a', { f: ['a'] }, false],
    ['equals', true, {}, true],
    ['has', 'a', {}, true],
  ])('%s %s of %j: %s', (how, is, context, expected) => {
    expect(could(how, is, context)).toBe(expected);
  });
  test('all of them must', () => {
    const both = {
      ...(compiled() as Compiled),
      needs: [
        { fact: 'a', is: true, how: 'equals' as const },
        { fact: 'b', is: true, how: 'equals' as const },
      ],
    };
    expect(couldHold(both, { a: true, b: true })).toBe(true);
    expect(couldHold(both, { a: true, b: false })).toBe(false);
    expect(couldHold({ ...both, needs: [] }, {})).toBe(true);
  });
});

describe('the facts a policy looks at', () => {
  const reads = (...conditions: PolicyJson['conditions']) => compiled({ conditions }).reads;
  test.each<[string, PolicyJson['conditions'], readonly string[] | null]>([
    ['none', [], []],
    ['one', when(fact('secrets')), ['secrets']],
    [
      'anywhere',
      when({
        '||': {
          left: { '<': { left: fact('bytes'), right: value(7) } },
          right: { contains: { left: fact('hosts'), right: fact('name') } },
        },
      }),
      ['bytes', 'hosts', 'name'],
    ],
    ['in every condition', [{ kind: 'unless', body: fact('hidden') }, ...when(fact('hour')), ...when(fact('hour'))], ['hidden', 'hour']],
    ['those of the client are none of them', when({ '.': { left: { Var: 'principal' }, attr: 'x' } }), []],
    ['in a list', when({ Set: [value('a'), fact('kind')] }), ['kind']],
    ['the context as a whole', when({ '==': { left: { Var: 'context' }, right: value('x') } }), null],
    ['asked for', when({ '&&': { left: fact('hour'), right: { has: { left: { Var: 'context' }, attr: 'x' } } } }), null],
  ])('%s', (_name, conditions, expected) => {
    expect(reads(...conditions)).toEqual(expected);
  });
  test('of several policies all of them, and everything where one takes everything', () => {
    const [one, other, whole] = [['a', 'b'], ['b', 'c'], null].map((each) => ({ ...(compiled() as Compiled), reads: each })) as [
      Compiled,
      Compiled,
      Compiled,
    ];
    expect(factsRead([one, other])).toEqual(['a', 'b', 'c']);
    expect(factsRead([one, whole])).toBe(null);
    expect(factsRead([])).toEqual([]);
  });
});
