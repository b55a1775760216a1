// The engine's door: what a text may say, what is wrong with it in words, and policies in force that are replaced count at once.
import { describe, expect, test } from 'vitest';
import type { About } from '../../../broker/mediate/policy/context.ts';
import { contextOf } from '../../../broker/mediate/policy/context.ts';
import { check, evaluate, slotsTaken } from '../../../broker/mediate/policy/engine.ts';
import { Policies } from '../../../broker/mediate/policy/policies.ts';
import { noFacts } from '../../support/facts.ts';

const about: About = {
  ...{ capability: 'tool:read', nature: 'read', labels: [], sessionLabels: [], completesFlow: false, folder: null, at: 0 },
  facts: noFacts,
};
const asked = (over: Partial<About> = {}) => ({
  client: 'cursor',
  server: 'files',
  capability: 'tool:read',
  about: () => ({ ...about, ...over }),
});
const all = 'permit (principal, action, resource);';
const none = 'forbid (principal, action, resource);';
const compiled = (text: string) => {
  const { policies, problems } = check('mine', text);
  expect(problems).toEqual([]);
  return policies;
};

describe('what is wrong with a text', () => {
  const wrong = (text: string) => check('mine', text);
  test('is said in words, with what to do, and there are no policies then', () => {
    const has = 'permit (principal, action, resource) when { context has secrets };';
    const named = (id: string) => `@id("${id}") ${all}`;
    for (const [text, message, hint] of [
      [`${all} ${'/'.repeat(2)}${'x'.repeat(64 * 1024)}`, /long|64/i, null],
      ['permit (principal == ?principal, action, resource);', /template/, /in place of \?principal/],
      [has, 'Every fact is always there.', /Leave `has` out/],
      [`@verdict("ask") ${all}`, /Only @verdict\("ask"\) on a forbid/, null],
      [`@verdict("no") ${none}`, /Only @verdict\("ask"\) on a forbid/, null],
      [named('Not A Name'), /@id\("Not A Name"\) is no name/, 'Use a-z, 0-9 and -.'],
      [named(`a${'b'.repeat(48)}`), /is no name/, 'Use a-z, 0-9 and -.'],
      [`${named('a')} ${named('a')}`, 'Two policies are named mine/a.', 'Give each an @id of its own.'],
    ] as const) {
      const { policies, problems } = wrong(text);
      expect(policies, text.slice(0, 80)).toEqual([]);
      expect(problems[0], text.slice(0, 80)).toMatchObject({
        message: typeof message === 'string' ? message : expect.stringMatching(message),
        hint: hint === null ? null : typeof hint === 'string' ? hint : expect.stringMatching(hint),
        at: null,
      });
    }
    expect(wrong(named(`a${'b'.repeat(47)}`)).problems).toEqual([]);
    expect(wrong(`@id ${all}`).problems, 'an @id without a name is none').toEqual([]);
  });
  test('and where it stands, once for each place', () => {
    const text = `${all}\nforbid (principal, action, resource) when { context.nothing == 1 };`;
    const { problems, policies } = wrong(text);
    expect(policies).toEqual([]);
    expect(problems).toHaveLength(1);
    expect(text.slice(problems[0]?.at?.start, problems[0]?.at?.end)).toContain('nothing');
    const two = wrong(`${text}\nforbid (principal, action, resource) when { context.neither == 1 };`).problems;
    expect(two).toHaveLength(2);
    const broken = wrong('permit (principal');
    expect(broken.problems.length).toBeGreaterThan(0);
    expect(broken.problems[0]?.message).not.toBe('');
    expect(broken.warnings).toEqual([]);
    expect(wrong('').problems).toEqual([]);
  });
  test('a policy that can never match is a warning with its place', () => {
    const { policies, warnings, problems } = wrong('permit (principal, action, resource) when { false };');
    expect(problems).toEqual([]);
    expect(policies).toHaveLength(1);
    for (const { message } of warnings) expect(message).not.toBe('');
  });
});

describe('evaluating', () => {
  const question = { client: 'c', server: 's', capability: 'tool:x', context: contextOf(about) };
  test('neither, one, and which of several', () => {
    expect(evaluate(compiled('permit (principal == Client::"zed", action, resource);'), question)).toEqual({ ids: [], effect: null });
    expect(evaluate(compiled(`@id("b") ${all} @id("a") ${all}`), question)).toEqual({ ids: ['mine/a', 'mine/b'], effect: 'permit' });
    expect(evaluate(compiled(`@id("b") ${all} @id("a") ${none}`), question)).toEqual({ ids: ['mine/a'], effect: 'forbid' });
  });
  test('the same policies are prepared once, and names are taken again after sixteen', () => {
    const sets = Array.from({ length: 20 }, (_, n) => compiled(`@id("p${n}") ${all}`));
    for (const set of sets) expect(evaluate(set, question).ids).toEqual([set[0]?.id]);
    expect(slotsTaken()).toBe(16);
    const [one, other] = [compiled(`@id("x") ${all} @id("y") ${all}`), compiled(`@id("x") ${all} @id("z") ${none}`)] as const;
    expect(evaluate(one, question).ids).toEqual(['mine/x', 'mine/y']);
    expect(evaluate([one[0] as (typeof one)[0], other[1] as (typeof other)[0]], question).ids, 'one in common is not the same set').toEqual(
      ['mine/z'],
    );
    expect(evaluate(one.slice(0, 1), question).ids, 'nor is a part of it').toEqual(['mine/x']);
  });
  test('what the engine complains of is an error that names the policy', () => {
    const faulty = compiled('@id("much") forbid (principal, action, resource) when { context.bytes * 9223372036854775807 > 0 };');
    expect(() => evaluate(faulty, question)).toThrow(/mine\/much: .*overflow/);
    expect(() => evaluate(compiled(all), { ...question, capability: 'weapon:x' })).toThrow('weapon is no kind');
    expect(() => evaluate(compiled(all), { ...question, context: {} })).toThrow('not what the schema says');
  });
  test('what does not parse is an error, and no set after it suffers', () => {
    for (let n = 0; n < 3; n++) expect(() => evaluate([{ ...compiled(all)[0], text: 'permit (' } as never], question)).toThrow(/./);
    expect(evaluate(compiled(`@id("after") ${all}`), question).ids).toEqual(['mine/after']);
  });
});

describe('policies in force', () => {
  const inForce = (text: string) => {
    const policies = new Policies();
    policies.replace(compiled(text));
    return policies;
  };
  test('those that replace them count at once, also for what was asked before', () => {
    const policies = inForce(all);
    expect(policies.all).toHaveLength(1);
    expect([policies.verdict(asked())?.kind, policies.verdict(asked())?.kind]).toEqual(['allow', 'allow']);
    policies.replace(compiled(none));
    expect(policies.verdict(asked())).toMatchObject({ kind: 'deny', by: 'mine/1' });
    policies.replace([]);
    expect(policies.verdict(asked())).toBe(null);
    // The same names and the same scopes, and yet another text.
    policies.replace(compiled('forbid (principal, action, resource) when { context.bytes > 1 };'));
    expect(policies.verdict(asked())?.kind).toBe('deny');
    policies.replace(compiled('forbid (principal, action, resource) when { context.bytes > 5 };'));
    expect(policies.verdict(asked())).toBe(null);
    expect(new Policies().all).toEqual([]);
  });
  test('facts are not even derived where no scope fits', () => {
    const policies = inForce('permit (principal == Client::"zed", action, resource);');
    const never = () => {
      throw new Error('nobody asked for facts');
    };
    expect(policies.verdict({ ...asked(), about: never })).toBe(null);
    expect(policies.verdict({ ...asked(), client: 'zed' })?.kind).toBe('allow');
  });
  test('each client, server and capability is remembered for itself', () => {
    const policies = inForce(
      'forbid (principal == Client::"zed", action, resource in Server::"mail"); permit (principal, action == Action::"tool", resource);',
    );
    const verdicts = (['cursor', 'zed'] as const).flatMap((client) =>
      (['files', 'mail'] as const).flatMap((server) =>
        ['tool:read', 'prompt:read'].map((capability) => policies.verdict({ ...asked({ capability }), client, server, capability })?.kind),
      ),
    );
    expect(verdicts).toEqual(['allow', undefined, 'allow', undefined, 'allow', undefined, 'deny', 'deny']);
    expect(policies.verdict({ ...asked(), client: 'zed', server: 'mail' })?.kind).toBe('deny');
  });
  test('a fault is told with its reason, is a deny, and is not remembered as anything else', () => {
    const policies = inForce('forbid (principal, action, resource) when { context.bytes * 9223372036854775807 > 0 };');
    for (let n = 0; n < 2; n++)
      expect(policies.verdict(asked())).toMatchObject({
        kind: 'deny',
        by: 'policy-fault',
        reason: expect.stringMatching(/could not be evaluated \(.*overflow/),
      });
  });
  test('two that ask are both named, one that forbids wins', () => {
    const asks = (id: string) => `@id("${id}") @verdict("ask") @reason("look at ${id}") ${none}`;
    expect(inForce(`${asks('b')} ${asks('a')} ${all}`).verdict(asked())).toEqual({
      kind: 'ask',
      by: ['mine/a', 'mine/b'],
      reason: 'look at a',
    });
    expect(inForce(`${asks('a')} @id("z") @reason("never") ${none}`).verdict(asked())).toEqual({
      kind: 'deny',
      by: 'mine/z',
      reason: 'never',
    });
  });
});
