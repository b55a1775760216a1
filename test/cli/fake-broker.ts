// A broker of nothing but the operator's door: a router of canned answers behind the real dispatch, on a real socket in a real home.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { implement } from '@orpc/server';
import { socketPath } from '../../broker/host/home.ts';
import { createDoor, type DoorContext } from '../../broker/operate/door.ts';
import { answerMac, keyOfToken, nameOfKey, proves } from '../../broker/operate/request-proof.ts';
import { openOperateSocket } from '../../broker/operate/socket.ts';
import { createTopics, type Topics } from '../../broker/operate/topics.ts';
import { contract } from '../../shared/contract.ts';
import { GatehouseError } from '../../shared/errors.ts';
import type { Approval, Client, Entry, Finding, Grant, PolicyInfo, Server } from '../../shared/vocabulary.ts';

export const at = '2026-11-23T04:00:00.000Z';
export const token = 'gho_test';
export const pin = '4711-pin';

export interface FakeBroker {
  readonly home: string;
  readonly topics: Topics;
  /** Every call that reached a handler, with its input. */
  readonly calls: { operation: string; input: unknown; by: string | null }[];
  approvals: Approval[];
  entries: Entry[];
  protected: boolean;
  verifies: boolean;
  /** Approving wants a PIN although there is a token. */
  critical: boolean;
  stop(): Promise<void>;
}

export const grant: Grant = {
  ...{ id: 'g_1', client: 'cursor', server: 'files', capability: 'tool:read', effect: 'allow', until: null, session: null, approval: null },
  ...{ match: { kind: 'any', label: 'anything' }, createdAt: at, lastUsedAt: null, uses: 0 },
};
export const server: Server = {
  ...{
    name: 'files',
    state: 'ready',
    reason: null,
    command: '/bin/files',
    args: ['-x'],
    cwd: null,
    env: {},
    secretEnv: {},
    share: false,
    processes: 0,
    createdAt: at,
  },
  capabilities: [{ capability: 'tool:read', accepted: true, labels: [], findings: [] }],
};
export const finding: Finding = {
  ...{ id: 'f-1', title: 'It holds characters you cannot see', detail: 'description: U+200B', severity: 'serious', rule: 'hidden' },
  ...{ server: 'files', capability: 'tool:read', dismissed: false },
};
export const policy: PolicyInfo = {
  ...{ name: 'a', source: 'operator', text: 'forbid (principal, action, resource);', addedAt: at },
  policies: [{ id: 'a/1', effect: 'forbid', asks: false }],
};
const change = { seq: 7, client: 'cursor', server: 'files', capability: 'tool:read', was: 'none', would: 'deny' } as const;
export const client: Client = {
  ...{
    name: 'cursor',
    state: 'active',
    servers: ['files'],
    offers: [],
    waitSeconds: 45,
    connections: 1,
    saysItIs: null,
    createdAt: at,
    lastSeenAt: null,
    evidence: [],
  },
};

export function approval(id: string, argumentsText: string, more: Partial<Approval> = {}): Approval {
  return {
    ...{
      id,
      client: 'cursor',
      server: 'files',
      capability: 'tool:write',
      arguments: JSON.parse(argumentsText),
      argumentsText,
      risk: 'medium',
    },
    ...{ reasons: ['it writes'], widths: [{ id: 'suggested:1', label: 'any file of this folder' }], claim: {}, nonce: `n-${id}` },
    digest: createHash('sha256').update(argumentsText).digest('hex'),
    ...{ waiting: 1, session: 's_1', folder: null, alwaysOffered: true, createdAt: at, expiresAt: at },
    ...more,
  };
}

export async function fakeBroker(): Promise<FakeBroker> {
  const home = mkdtempSync(join(tmpdir(), 'gatehouse-cli-'));
  mkdirSync(join(home, 'run'), { mode: 0o700 });
  const topics = createTopics();
  const calls: FakeBroker['calls'] = [];
  const credentials = new Map([[token, 'token']]);
  const os = implement(contract).$context<DoorContext<string>>();
  const heard = os.use(async ({ context, path, next }, input) => {
    calls.push({ operation: path.join('.'), input, by: context.actor });
    return next();
  });
  const named = (name: string) => {
    if (name === 'missing') throw new GatehouseError('not-found', `There is no server "${name}".`, 'See the list.');
    return { ...server, name };
  };
  const ok = { ok: true } as const;
  const secret = { name: 'key', createdAt: at, usedBy: ['files'] };
  const session = { id: 's_1', client: 'cursor', pid: 7, folder: '/w', connections: 1, startedAt: at, lastActiveAt: at };
  const client_ = { ...client };
  const h = heard;
  const router = {
    status: h.status.handler(() => ({
      ...{ version: '0', pid: process.pid, uptimeMs: 90_000, locked: false, lockedReason: null, mcp: 'http://127.0.0.1:1/mcp', pending: 0 },
      ...{ clients: 1, servers: 1, vault: 'keychain' as const, protected: broker.protected },
    })),
    lock: h.lock.handler(() => ok),
    unlock: h.unlock.handler(() => ok),
    changes: h.changes.handler(({ signal }) => topics.subscribe(signal)),
    operator: {
      redeem: h.operator.redeem.handler(() => ({ session: 'x' })),
      signIn: h.operator.signIn.handler(({ input }) => {
        if (input.pin !== pin) throw new GatehouseError('refused', 'That is not the PIN.', 'Try again.');
        const credential = `gho_${input.use}_${credentials.size}`;
        credentials.set(credential, `pin:${input.use}`);
        return { credential, expiresAt: at };
      }),
      proveBySystem: h.operator.proveBySystem.handler(() => ({ credential: 'unused', expiresAt: at })),
      consoleAddress: h.operator.consoleAddress.handler(() => ({ url: 'http://127.0.0.1:1/#s=secret&x', expiresAt: at })),
      setPin: h.operator.setPin.handler(() => ok),
      signOut: h.operator.signOut.handler(() => ok),
    },
    approval: {
      list: h.approval.list.handler(() => broker.approvals),
      approve: h.approval.approve.handler(({ input, context }) => {
        if (broker.critical && context.actor === 'token')
          throw new GatehouseError('needs-pin', 'This is critical and needs the PIN.', 'Answer at a terminal.');
        return { grant: input.for === 'once' ? null : grant, note: input.for === 'always' ? 'Stored for 30 days.' : null };
      }),
      deny: h.approval.deny.handler(() => ({ grant: null })),
    },
    grant: {
      list: h.grant.list.handler(() => [grant]),
      show: h.grant.show.handler(() => grant),
      add: h.grant.add.handler(() => ({ grant, note: null })),
      revoke: h.grant.revoke.handler(() => ({ revoked: ['g_1'] })),
    },
    server: {
      list: h.server.list.handler(() => [server]),
      show: h.server.show.handler(({ input }) => named(input.name)),
      add: h.server.add.handler(({ input }) => named(input.name)),
      remove: h.server.remove.handler(() => ok),
      enable: h.server.enable.handler(({ input }) => named(input.name)),
      disable: h.server.disable.handler(({ input }) => named(input.name)),
      restart: h.server.restart.handler(({ input }) => named(input.name)),
      review: h.server.review.handler(({ input }) => ({
        name: input.name,
        differences: [{ capability: 'tool:a', change: 'changed' as const, was: 'x', is: 'y\u001b[2J' }],
      })),
      accept: h.server.accept.handler(({ input }) => named(input.name)),
      reject: h.server.reject.handler(({ input }) => named(input.name)),
      logs: h.server.logs.handler(() => ({ lines: [{ at, text: 'hello \u001b[31mred' }] })),
    },
    policy: {
      list: h.policy.list.handler(() => [policy]),
      show: h.policy.show.handler(() => policy),
      check: h.policy.check.handler(({ input }) => ({
        ok: !input.text.includes('wrong'),
        problems: input.text.includes('wrong') ? [{ message: 'It is wrong', hint: 'mend it', at: { start: 3, end: 5 } }] : [],
        warnings: [],
        policies: policy.policies,
      })),
      add: h.policy.add.handler(() => ({ policy, changes: [change], tried: 2 })),
      remove: h.policy.remove.handler(() => ok),
      test: h.policy.test.handler(({ input }) => ({
        ok: input.cases.length < 2,
        results: input.cases.map((each) => ({
          name: each.name ?? 'x',
          expected: each.expect,
          got: 'deny' as const,
          by: ['a/1'],
          ok: true,
        })),
      })),
      explain: h.policy.explain.handler(({ input }) => ({
        ...{ seq: input.seq, verdict: 'deny', decidedBy: 'policy:a/1', reason: 'because', now: 'deny' as const },
        rule: { kind: 'policy', text: policy.text },
      })),
    },
    label: { set: h.label.set.handler(({ input }) => named(input.server)) },
    finding: {
      list: h.finding.list.handler(() => [finding]),
      show: h.finding.show.handler(() => finding),
      dismiss: h.finding.dismiss.handler(() => ({ ...finding, dismissed: true })),
    },
    client: {
      list: h.client.list.handler(() => [client_]),
      show: h.client.show.handler(() => client_),
      add: h.client.add.handler(({ input }) => ({
        ...{
          name: input.name,
          token: 'ght_x',
          stdio: { command: 'gatehouse', args: ['connect'], env: {} },
          http: { url: 'http://x', headers: { a: 'b' } },
        },
      })),
      set: h.client.set.handler(() => client_),
      connection: h.client.connection.handler(() => ({
        stdio: { command: '/opt/node', args: ['/opt/connect.mjs', 'connect', '--client', 'cursor'], env: {} },
        httpUrl: 'http://127.0.0.1:1/mcp',
      })),
      pause: h.client.pause.handler(() => client_),
      resume: h.client.resume.handler(() => client_),
      revoke: h.client.revoke.handler(() => client_),
    },
    secret: {
      list: h.secret.list.handler(() => [secret]),
      where: h.secret.where.handler(() => secret),
      set: h.secret.set.handler(() => secret),
      remove: h.secret.remove.handler(() => ok),
      match: h.secret.match.handler(({ input }) => ({ names: input.values.map(() => null) })),
    },
    clientFile: {
      list: h.clientFile.list.handler(() => []),
      seal: h.clientFile.seal.handler(({ input }) => ({ id: 'kept', keptAt: at, client: input.client, path: input.path })),
      open: h.clientFile.open.handler(({ input }) => ({ id: input.id, keptAt: at, client: 'cursor', path: '/x', text: '{}' })),
      forget: h.clientFile.forget.handler(() => ok),
    },
    session: { list: h.session.list.handler(() => [session]), end: h.session.end.handler(() => ok) },
    log: {
      list: h.log.list.handler(() => broker.entries),
      show: h.log.show.handler(() => ({ entry: { seq: 1, at, type: 'asked', hash: 'h' }, related: [], request: '{"a":1}', reply: null })),
      follow: h.log.follow.handler(async function* () {
        yield* broker.entries;
        await new Promise((resolve) => setTimeout(resolve, 20_000).unref());
      }),
      verify: h.log.verify.handler(() => ({
        ok: broker.verifies,
        entries: 1,
        head: 'h',
        problems: broker.verifies ? [] : [{ seq: 1, problem: 'edited' }],
      })),
    },
    setting: { list: h.setting.list.handler(() => ({ away: 'off' })), set: h.setting.set.handler(() => ok) },
  };
  const door = createDoor<string>(router, {
    check: (text) => credentials.get(text) ?? null,
    prove(claim, path, body) {
      for (const [text, actor] of credentials) {
        const key = keyOfToken(text);
        if (nameOfKey(key) !== claim.key || !proves(claim, key, path, body)) continue;
        return {
          actor,
          answer: (status, answer) => answerMac(key, claim.nonce, status, answer),
          revoke: () => void credentials.delete(text),
        };
      }
      return null;
    },
    report: (fault) => console.error(fault),
    topics,
  });
  const socket = await openOperateSocket(socketPath(home, 'operate'), (req, res) => void door.handle(req, res, 'socket'));
  const broker: FakeBroker = {
    ...{ home, topics, calls, approvals: [], entries: [], protected: true, verifies: true, critical: false },
    async stop() {
      topics.close();
      await socket.close();
      rmSync(home, { recursive: true });
    },
  };
  return broker;
}
