// Policies in Cedar: what they may say, what they decide, and every trap of security.md 3 closed.
import { homedir } from 'node:os';
import { describe, expect, test } from 'vitest';
import { deriveFacts } from '../../../broker/mediate/facts/derive.ts';
import { natureOf } from '../../../broker/mediate/facts/nature.ts';
import { type About, contextOf } from '../../../broker/mediate/policy/context.ts';
import { check, evaluate, slotsTaken } from '../../../broker/mediate/policy/engine.ts';
import { Policies, type PolicyVerdict } from '../../../broker/mediate/policy/policies.ts';
import { couldHold, inScope } from '../../../broker/mediate/policy/scopes.ts';
import { compiledSet, setNames, setText } from '../../../broker/start/policies.ts';
import type { Label } from '../../../shared/vocabulary.ts';
import { scale, underMutation } from '../../support/scale.ts';

interface Case {
  client?: string;
  server?: string;
  capability?: string;
  arguments?: unknown;
  labels?: Label[];
  sessionLabels?: Label[];
  folder?: string;
  secrets?: boolean;
  at?: number;
}

function aboutOf({
  capability = 'tool:read_file',
  arguments: given = {},
  labels = [],
  sessionLabels = [],
  folder,
  secrets,
  at = 0,
}: Case): About {
  const facts = deriveFacts({
    capability,
    argumentsText: JSON.stringify(given),
    definition: null,
    grounds: { bases: ['/home/u/proj'], home: homedir(), platform: 'linux' },
    secretsIn: () => (secrets ? ['key'] : []),
  });
  return {
    ...{ capability, nature: natureOf(capability, null), labels, sessionLabels, facts, folder: folder ?? null, at },
    completesFlow: labels.includes('outward') && sessionLabels.length > 1,
  };
}
const rules = (text: string): Policies => {
  const checked = check('mine', text);
  expect(checked.problems).toEqual([]);
  const policies = new Policies();
  policies.replace(checked.policies);
  return policies;
};
const ask = (policies: Policies, given: Case): PolicyVerdict | null => {
  const { client = 'cursor', server = 'files', capability = 'tool:read_file' } = given;
  return policies.verdict({ client, server, capability, about: () => aboutOf(given) });
};
const kind = (policies: Policies, given: Case) => ask(policies, given)?.kind ?? 'none';

describe('a forbid about what is named is not got round', () => {
  const noKeys =
    'permit (principal, action, resource); @id("keys") forbid (principal, action, resource) when { context.insideAny.contains("/home/ada/.ssh") };';
  const many = Array.from({ length: 40 }, (_, n) => `/w/${n}/a/b`);
  test('by naming it behind many others', () => {
    expect(kind(rules(noKeys), { arguments: { paths: many } })).toBe('allow');
    expect(kind(rules(noKeys), { arguments: { paths: [...many, '/home/ada/.ssh/id'] } })).toBe('deny');
  });
  test('by naming it so that it cannot be read: then it asks, for that policy', () => {
    const asked = { kind: 'ask', by: ['mine/keys'], reason: expect.stringContaining('could not be read') };
    for (const path of ['/home/ada/.ss?/id', '~ada/.ssh/id', '/home/ada/.ssh/id\u0000'])
      expect(ask(rules(noKeys), { arguments: { path } })).toEqual(asked);
    const byIndex =
      'permit (principal, action, resource); @id("keys") forbid (principal, action, resource) when { context["hosts"].contains("evil.com") };';
    expect(ask(rules(byIndex), { arguments: { url: 'https://evil.com.' } })).toEqual(asked);
    expect(kind(rules(noKeys), { arguments: { path: '/w/a' } }), 'what can be read passes').toBe('allow');
    expect(kind(rules('permit (principal, action, resource);'), { arguments: { path: '/w/a?' } }), 'no such policy').toBe('allow');
  });
  test('by naming too much', () => {
    const given = { paths: Array.from({ length: 199 }, (_, n) => `/w${n}${Array.from({ length: 30 }, (_, d) => `/${n}-${d}`).join('')}`) };
    expect(ask(rules(noKeys), { arguments: given })).toMatchObject({ kind: 'deny', by: 'policy-fault' });
  });
});

describe('what policies say', () => {
  test('forbid denies, permit allows, neither says nothing, and a forbid wins', () => {
    const policies = rules(`
      permit (principal == Client::"cursor", action == Action::"tool", resource in Server::"files");
      @id("no-delete") @reason("not here") forbid (principal, action, resource == Capability::"files tool:delete_file");`);
    expect(ask(policies, {})).toEqual({ kind: 'allow', by: 'mine/1' });
    expect(ask(policies, { capability: 'tool:delete_file' })).toEqual({ kind: 'deny', by: 'mine/no-delete', reason: 'not here' });
    expect(kind(policies, { client: 'zed' })).toBe('none');
    expect(kind(policies, { server: 'github' })).toBe('none');
    expect(kind(policies, { capability: 'resource:file:///a' })).toBe('none');
  });
  test('an asking forbid asks, and a plain one beside it denies', () => {
    const asking = '@id("a") @verdict("ask") forbid (principal, action, resource) when { context.labels.contains("outward") };';
    const permit = 'permit (principal, action, resource);';
    expect(ask(rules(asking + permit), { labels: ['outward'] })).toEqual({ kind: 'ask', by: ['mine/a'], reason: null });
    expect(kind(rules(asking + permit), {})).toBe('allow');
    expect(
      kind(rules(`${asking}${permit}forbid (principal, action, resource) when { context.secrets };`), {
        labels: ['outward'],
        secrets: true,
      }),
    ).toBe('deny');
  });
  test('both asking policies are named, because a grant must answer each', () => {
    const policies = rules(`
      @id("a") @verdict("ask") forbid (principal, action, resource) when { context.nature == "read" };
      @id("b") @verdict("ask") forbid (principal, action, resource) when { context.bytes > 0 };`);
    expect(ask(policies, {})).toEqual({ kind: 'ask', by: ['mine/a', 'mine/b'], reason: null });
  });
});

describe('what is refused before it counts', () => {
  test.each([
    ['no Cedar', 'permit(principal,'],
    ['an attribute nobody has', 'permit (principal, action, resource) when { context.colour == "red" };'],
    ['an action nobody has', 'permit (principal, action == Action::"launch", resource);'],
    ['a type that does not fit', 'permit (principal, action, resource) when { context.bytes == "many" };'],
    ['a template', 'permit (principal == ?principal, action, resource);'],
    ['a set of two kinds', 'permit (principal, action, resource) when { [1, "a"].contains(1) };'],
    ['another verdict', '@verdict("allow") forbid (principal, action, resource);'],
    ['a permit that asks', '@verdict("ask") permit (principal, action, resource);'],
    ['an id that is none', '@id("../x") permit (principal, action, resource);'],
    ['two of one id', '@id("a") permit (principal, action, resource);@id("a") forbid (principal, action, resource);'],
    ['too much', `permit (principal, action, resource);${' '.repeat(70_000)}`],
  ])('%s', (_name, text) => {
    const { problems, policies } = check('mine', text);
    expect(problems).not.toEqual([]);
    expect(problems[0]?.message).toMatch(/\w/);
    expect(policies).toEqual([]);
  });
});

describe('traps', () => {
  test('a forbid that errs denies: the engine would skip it and allow', () => {
    const policies = rules(`
      permit (principal, action, resource);
      forbid (principal, action, resource) when { context.bytes * 9223372036854775807 > 5 };`);
    expect(ask(policies, { arguments: { text: 'overflow' } })).toMatchObject({ kind: 'deny', by: 'policy-fault' });
  });
  test('a context the engine refuses denies, and so does a kind it does not know', () => {
    const { policies } = check('mine', 'permit (principal, action, resource);');
    const question = { client: 'c', server: 's', capability: 'tool:x', context: contextOf(aboutOf({})) };
    expect(evaluate(policies, question).effect).toBe('permit');
    for (const bad of [{ bytes: 1.5 }, { bytes: null }, { labels: 'private' }, { kind: undefined }, { extra: 1 }])
      expect(() => evaluate(policies, { ...question, context: { ...question.context, ...bad } as never }), JSON.stringify(bad)).toThrow();
    expect(() => evaluate(policies, { ...question, capability: 'weapon:x' })).toThrow();
    expect(kind(rules('permit (principal, action, resource);'), { capability: 'weapon:x' })).toBe('deny');
  });
  test('the time of day counts where a policy looks at it, and only there', () => {
    const at = (hour: number) => new Date(2026, 10, 26, hour).getTime();
    const night = rules('forbid (principal, action, resource) when { context.hour >= 22 };');
    expect([at(12), at(23), at(12)].map((each) => kind(night, { at: each }))).toEqual(['none', 'deny', 'none']);
    const whole = check('mine', 'permit (principal, action, resource) when { context.secrets };').policies;
    expect(whole[0]?.reads).toEqual(['secrets']);
  });
  test('of equal facts the engine is asked once, of others again', () => {
    const policies = rules('forbid (principal, action, resource) when { context.bytes > 40 };');
    const ask = (value: unknown) => kind(policies, { arguments: value });
    expect([ask({ a: 'x' }), ask({ a: 'x'.repeat(90) }), ask({ b: 'y' }), ask({ b: 'y'.repeat(90) })]).toEqual([
      'none',
      'deny',
      'none',
      'deny',
    ]);
  });
  test("arguments that speak the engine's language stay text, or reach it not at all", () => {
    const policies = rules('forbid (principal, action, resource) when { context.argumentKeys.contains("__entity") };');
    const evil = { __entity: { type: 'Client', id: 'root' }, path: { __extn: { fn: 'ip', arg: '1.1.1.1' } }, n: null, f: 1.5 };
    expect(kind(policies, { arguments: evil })).not.toBe('allow');
    const context = contextOf(aboutOf({ arguments: evil }));
    for (const value of Object.values(context))
      expect(
        typeof value === 'string' ||
          typeof value === 'boolean' ||
          Number.isInteger(value) ||
          (Array.isArray(value) && value.every((each) => typeof each === 'string')),
      ).toBe(true);
  });
  test('a folder is compared by its parts: what climbs out of it is not in it', () => {
    const policies = rules('permit (principal, action, resource) when { context.insideAll.contains("/home/u/proj") };');
    expect(kind(policies, { arguments: { path: '/home/u/proj/a/b.ts' } })).toBe('allow');
    for (const path of [
      '/home/u/proj/../../../etc/passwd',
      '/home/u/project/a',
      '/home/u/proj/..',
      '/home/u/proj/%2e%2e/%2e%2e/x',
      '/home/u',
      '',
    ])
      expect(kind(policies, { arguments: { path } }), path).not.toBe('allow');
    expect(kind(policies, { arguments: { paths: ['/home/u/proj/a', '/etc/passwd'] } }), 'one of two outside').not.toBe('allow');
    expect(kind(policies, { arguments: {} }), 'no path at all').not.toBe('allow');
    const never = rules('forbid (principal, action, resource) when { context.insideAny.contains("/etc") };');
    expect(kind(never, { arguments: { paths: ['/home/u/proj/a', '/home/u/proj/../../../etc/passwd'] } })).toBe('deny');
  });
  test('a set is never empty, so "all of them are" is not true of none', () => {
    const policies = rules('permit (principal, action, resource) when { ["github.com"].containsAll(context.hosts) };');
    expect(kind(policies, { arguments: { url: 'https://github.com/x' } })).toBe('allow');
    expect(kind(policies, { arguments: {} })).toBe('none');
    expect(kind(policies, { arguments: { url: 'https://github.com.evil.test/x' } })).toBe('none');
    expect(kind(policies, { arguments: { url: 'https://github.com/x', path: 'bad\u0000path' } }), 'an argument nobody could read').not.toBe(
      'allow',
    );
    for (const value of Object.values(contextOf(aboutOf({})))) if (Array.isArray(value)) expect(value).not.toEqual([]);
  });
  test('every fact is always there: no policy has to ask for one, and none may', () => {
    expect(
      check('mine', 'permit (principal, action, resource) when { !(context has recipient) || context.recipient == "x" };').problems,
    ).not.toEqual([]);
  });
  test('a policy about a server or capability that does not exist does no harm', () => {
    const policies = rules(
      'forbid (principal, action, resource in Server::"nowhere") when { context.secrets };permit (principal, action, resource);',
    );
    expect(kind(policies, {})).toBe('allow');
  });
  test('prepared sets use their names again', () => {
    const one = rules('permit (principal, action, resource) when { context.bytes > 1 };');
    for (let n = 0; n < 20; n++) {
      const many = rules(`permit (principal, action, resource) when { context.bytes > ${n} };`);
      expect(kind(many, { arguments: { a: 'x'.repeat(100) } })).toBe('allow');
      expect(kind(one, { arguments: { a: 'x'.repeat(100) } })).toBe('allow');
    }
    expect(slotsTaken()).toBeLessThanOrEqual(16);
  });
});

test('what the index passes over could not have matched', () => {
  const texts = [
    'permit (principal == Client::"zed", action, resource);',
    'forbid (principal, action in [Action::"prompt", Action::"resource"], resource);',
    'forbid (principal, action, resource in Server::"github");',
    'forbid (principal, action, resource) when { context.secrets && context.labels.contains("outward") };',
    'forbid (principal, action, resource) when { context.nature == "run" };',
    'forbid (principal, action, resource) when { !context.inWorkingFolder };',
    'permit (principal, action, resource) when { !context.labels.contains("private") && context.bytes < 100 };',
    'permit (principal, action, resource) when { context.bytes < 100 || context.secrets };',
    'permit (principal, action, resource) unless { context.secrets };',
    'permit (principal, action, resource) when { context.hosts.contains("github.com") };',
  ];
  const cases: Case[] = [{}, { client: 'zed' }, { server: 'github' }, { capability: 'prompt:x' }, { capability: 'tool:run_shell' }];
  for (const base of [...cases])
    for (const more of [
      { secrets: true },
      { labels: ['outward', 'private'] as Label[] },
      { arguments: { url: 'https://github.com/a', path: '/etc/x' } },
    ])
      cases.push({ ...base, ...more });
  let skipped = 0;
  for (const text of texts) {
    const [policy] = check('mine', text).policies;
    for (const given of cases) {
      const { client = 'cursor', server = 'files', capability = 'tool:read_file' } = given;
      const context = contextOf(aboutOf(given));
      const could = inScope(policy as never, client, server, capability) && couldHold(policy as never, context);
      const did = evaluate([policy as never], { client, server, capability, context }).ids.length > 0;
      if (!could) skipped++;
      expect(could || !did, `${text} ${JSON.stringify(given)}`).toBe(true);
    }
  }
  expect(skipped).toBeGreaterThan(50);
});

describe('the sets that come with it', () => {
  test('are read as the engine reads them, and none allows everything', () => {
    expect([...setNames].sort()).toEqual(['careful', 'easy', 'locked-down', 'strict']);
    for (const name of setNames) {
      expect(compiledSet(name), `${name}: run node test/fixtures/compile-policy-sets.mjs`).toEqual(check(name, setText(name)).policies);
      const policies = new Policies();
      policies.replace(compiledSet(name));
      expect(kind(policies, { capability: 'tool:delete_file', labels: ['destructive', 'outward'] }), name).not.toBe('allow');
      expect(kind(policies, { secrets: true, labels: ['outward'] }), name).toMatch(/ask|deny/);
    }
  });
  const set = (name: string) => {
    const policies = new Policies();
    policies.replace(compiledSet(name));
    return policies;
  };
  test.each<[string, Case, string]>([
    ['easy', { labels: ['private'] }, 'allow'],
    ['easy', { capability: 'tool:write_file', labels: ['private'] }, 'none'],
    ['easy', { labels: ['untrusted', 'outward'] }, 'none'],
    ['careful', { labels: ['private'] }, 'none'],
    ['strict', { capability: 'tool:send_message', labels: ['outward'] }, 'ask'],
    ['strict', { labels: ['private'] }, 'none'],
    ['locked-down', { capability: 'tool:run_command' }, 'deny'],
    ['locked-down', { labels: ['controls-screen'] }, 'deny'],
    ['locked-down', { labels: ['outward'], sessionLabels: ['private'] }, 'deny'],
    ['locked-down', { arguments: { path: '/etc/passwd' }, folder: '/home/u/proj' }, 'ask'],
    ['locked-down', { arguments: { path: '/home/u/proj/a' }, folder: '/home/u/proj' }, 'none'],
  ])('%s of %j: %s', (name, given, expected) => {
    expect(kind(set(name), given)).toBe(expected);
  });
});

test.skipIf(underMutation)('a verdict with ten policies in scope', () => {
  const texts = Array.from(
    { length: 10 },
    (_, n) =>
      `@id("p${n}") forbid (principal, action, resource) when { context.bytes > ${1_000_000 + n} && context.hosts.contains("h${n}.test") };`,
  );
  const policies = rules(texts.join('\n'));
  const times: number[] = [];
  const rounds = scale(400, 4_000);
  for (let n = 0; n < rounds + 50; n++) {
    const about = aboutOf({ arguments: { path: `/home/u/proj/${n}`, text: 'x'.repeat(n) } });
    const began = performance.now();
    policies.verdict({ client: 'c', server: 's', capability: 'tool:read_file', about: () => about });
    if (n >= 50) times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  console.log(
    `verdict with 10 policies in scope, each request new: quickest tenth ${times[Math.floor(times.length / 10)]?.toFixed(3)} ms; p50 ${times[times.length >> 1]?.toFixed(3)} ms; p99 ${times[Math.floor(times.length * 0.99)]?.toFixed(3)} ms`,
  );
  const again = aboutOf({ arguments: { path: '/home/u/proj/same' } });
  const began = performance.now();
  for (let n = 0; n < 1_000; n++) policies.verdict({ client: 'c', server: 's', capability: 'tool:read_file', about: () => again });
  console.log(`the same facts again: ${(performance.now() - began).toFixed(1)} us`);
  expect(times.length).toBe(rounds);
  // performance.md: half a millisecond; what other programs do to this machine is not what is measured.
  expect(times[Math.floor(times.length / 10)]).toBeLessThan(0.5);
});
