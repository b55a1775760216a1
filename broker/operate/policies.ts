// Policies as the operator handles them: checked, tried against what happened, taken over, explained.
import { GatehouseError } from '../../shared/errors.ts';
import type { CheckedPolicy, Entry, PolicyCase, PolicyChange, PolicyInfo } from '../../shared/vocabulary.ts';
import { by } from './acts.ts';
import type { Actor, Desk } from './desk.ts';

/** Entries a new policy is tried against. */
const recent = 500;

export function listPolicies(desk: Desk): PolicyInfo[] {
  desk.policies.look();
  const own = [...desk.rows.policy.values()].map(({ name, text, addedAt }) => desk.policies.describe(name, text, addedAt));
  return [desk.policies.describe(desk.policies.set(), null, null), ...own];
}

export function policyOf(desk: Desk, name: string): PolicyInfo {
  const found =
    listPolicies(desk).find((policy) => policy.name === name) ??
    (desk.policies.isSet(name) ? desk.policies.describe(name, null, null) : undefined);
  if (found) return found;
  throw new GatehouseError('not-found', `There is no policy ${name}.`, '`gatehouse policy list` names them.');
}

export function checkPolicy(desk: Desk, name: string, text: string): CheckedPolicy {
  const { problems, warnings, policies } = desk.policies.check(name, text);
  return {
    ok: problems.length === 0,
    problems: [...problems],
    warnings: [...warnings],
    policies: policies.map(({ id, effect, asks }) => ({ id, effect, asks })),
  };
}

interface Add {
  name: string;
  text: string;
  dryRun: boolean;
}

/** Takes a policy over, after saying what it would have changed; with `dryRun` it only says that. */
export function addPolicy(
  desk: Desk,
  actor: Actor,
  { name, text, dryRun }: Add,
): { policy: PolicyInfo; changes: PolicyChange[]; tried: number } {
  if (desk.policies.isSet(name))
    throw new GatehouseError(
      'conflict',
      `${name} is a set that comes with Gatehouse.`,
      `Give the file another name; to choose the set: gatehouse settings set policy.set ${name}`,
    );
  const { problems, policies } = desk.policies.check(name, text);
  const [first] = problems;
  if (first)
    throw new GatehouseError(
      'usage',
      `${name} is not a policy: ${first.message}`,
      first.hint ?? 'See `gatehouse policy check FILE` and docs/policies.md.',
    );
  const { changes, tried } = tryOnLog(desk, name, policies);
  const addedAt = new Date(desk.now()).toISOString();
  if (dryRun) return { policy: desk.policies.describe(name, text, addedAt, policies), changes, tried };
  const act = { type: 'policy.added', policy: name, policies: policies.length, wouldHaveChanged: changes.length, decidedBy: by(actor) };
  desk.change(act, (tx) => tx.put('policy', { name, text, addedAt, compiled: JSON.stringify(policies) }));
  desk.policies.written();
  desk.settle();
  return { policy: policyOf(desk, name), changes, tried };
}

export function removePolicy(desk: Desk, actor: Actor, name: string): void {
  if (!desk.rows.policy.has(name))
    throw new GatehouseError('not-found', `There is no policy ${name} of yours.`, '`gatehouse policy list` names them.');
  desk.change({ type: 'policy.removed', policy: name, decidedBy: by(actor) }, (tx) => tx.remove('policy', name));
  desk.policies.removed(name);
  desk.settle();
}

type Compiled = ReturnType<Desk['policies']['check']>['policies'];

function tryOnLog(desk: Desk, name: string, policies: Compiled | null): { changes: PolicyChange[]; tried: number } {
  const changes: PolicyChange[] = [];
  let tried = 0;
  for (const entry of askedLately(desk)) {
    const text = desk.log.show(entry.seq)?.request ?? null;
    const judged = text === null ? null : desk.policies.compare(entry, text, name, policies);
    if (judged === null) continue;
    tried++;
    if (judged.was !== judged.would)
      changes.push({
        seq: entry.seq,
        client: entry.client ?? '',
        server: entry.server ?? '',
        capability: entry.capability ?? '',
        ...judged,
      });
  }
  return { changes, tried };
}

const askedLately = (desk: Desk): Entry[] =>
  desk.log
    .list({ limit: recent * 4 })
    .filter(({ type }) => type === 'asked')
    .slice(0, recent);

/** @throws GatehouseError usage for a case about something unknown */
export function testPolicies(desk: Desk, input: { cases: PolicyCase[]; name?: string | undefined; text?: string | undefined }) {
  const checked = input.text === undefined ? null : desk.policies.check(input.name ?? 'tried', input.text);
  const [first] = checked?.problems ?? [];
  if (first) throw new GatehouseError('usage', `This is not a policy: ${first.message}`, first.hint ?? 'See docs/policies.md.');
  const results = input.cases.map((each, at) => {
    const got = desk.policies.judge(each, input.name ?? 'tried', checked?.policies ?? null);
    return { name: each.name ?? `case ${at + 1}`, expected: each.expect, got: got.verdict, by: got.by, ok: got.verdict === each.expect };
  });
  return { ok: results.every(({ ok }) => ok), results };
}

/** Which rule decided an entry, what it says, and what the policies would say of it now. */
export function explainEntry(desk: Desk, seq: number) {
  const shown = desk.log.show(seq);
  if (!shown) throw new GatehouseError('not-found', `There is no entry ${seq}.`, '`gatehouse log` lists the newest.');
  const asked = shown.entry.type === 'asked' ? shown.entry : (shown.related.find(({ type }) => type === 'asked') ?? shown.entry);
  const decidedBy = shown.entry.decidedBy ?? asked.decidedBy ?? null;
  const rule = decidedBy === null ? null : ruleOf(desk, decidedBy);
  const now = shown.request === null ? null : desk.policies.compare(asked, shown.request, '', null);
  return { seq, verdict: shown.entry.verdict ?? null, decidedBy, reason: shown.entry.reason ?? null, rule, now: now?.was ?? null };
}

const meanings: Readonly<Record<string, string>> = {
  default: 'No rule spoke of it, so it was asked about.',
  operator: 'The operator answered it.',
  flow: 'It would have let private data out after words of strangers came in; that is asked about under any grant.',
  pin: 'The definition is not the one that was accepted.',
  lockdown: 'Everything is stopped.',
  client: 'The client is paused or revoked.',
  visibility: 'The client may not see this server.',
  protected: "It names Gatehouse's own home or address, which no rule can open.",
  'policy-fault': 'A policy could not be evaluated, and then nothing is allowed.',
};

function ruleOf(desk: Desk, decidedBy: string): { kind: string; text: string } {
  if (decidedBy.startsWith('policy:')) {
    const id = decidedBy.slice('policy:'.length);
    return { kind: 'policy', text: desk.policies.textOf(id) ?? `${id} is not in force any more.` };
  }
  if (decidedBy.startsWith('grant:')) {
    const grant = desk.rows.grant.get(decidedBy.slice('grant:'.length));
    if (!grant) return { kind: 'grant', text: 'A grant that is not there any more.' };
    return { kind: 'grant', text: `${grant.effect} ${grant.capability} of ${grant.server} for ${grant.client}: ${grant.match.label}` };
  }
  return { kind: decidedBy, text: meanings[decidedBy] ?? 'A rule of the broker itself.' };
}
