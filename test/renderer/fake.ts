// A broker that is not one: answers the whole contract from memory over HTTP and serves the built console as the real one must.
import { readFile } from 'node:fs/promises';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { implement, ORPCError } from '@orpc/server';
import { RPCHandler } from '@orpc/server/node';
import { contract, type Topic } from '../../shared/contract.ts';
import type { Approval, Entry, Gathered, Grant, KeptFile, Server } from '../../shared/vocabulary.ts';
import * as seed from './seed.ts';
import * as candidates from './seed-candidates.ts';
import * as setup from './seed-setup.ts';

export const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";
const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};
const built = join(import.meta.dirname, '../../dist/console');

export interface Fake {
  readonly url: string;
  /** A one-time console address, signed in. */
  address(): string;
  approvals: Approval[];
  /** What was answered, in order. */
  /** What `setup.undo` was called with. */
  readonly undone: { client: string | null; current: string[] }[];
  readonly answers: { kind: 'approve' | 'deny'; input: Record<string, unknown>; credential: string | null }[];
  readonly state: { protected: boolean; locked: boolean; pin: string; lockedReason: string | null };
  readonly entries: Entry[];
  readonly settings: Record<string, string>;
  changed(...topics: Topic[]): void;
  write(body: Partial<Entry> & { type: string }): Entry;
  close(): Promise<void>;
  /** Ends every connection and listens no more, as when the broker dies; `back` listens again. */
  drop(): Promise<void>;
  back(): Promise<void>;
}

export interface FakeOptions {
  approvals?: Approval[];
  protected?: boolean;
  empty?: boolean;
  /** Instead of the usual six. */
  servers?: Server[];
  gathered?: Gathered[];
  /** So many made-up entries instead of a day's; none of them is kept. */
  many?: number;
  port?: number;
  /** Files that lead here already. */
  kept?: KeptFile[];
}

export async function startFake(options: FakeOptions = {}): Promise<Fake> {
  const state = { protected: options.protected ?? true, locked: false, pin: '123456', lockedReason: null as string | null };
  const empty = options.empty ?? false;
  const servers = empty ? [] : (options.servers ?? seed.servers());
  const clients = empty ? [] : seed.clients();
  const secrets = empty ? [] : seed.secrets();
  const many = options.many ?? 0;
  const entries = empty || many > 0 ? [] : seed.day();
  let grants: Grant[] = empty ? [] : seed.grants();
  let policies = seed.policies();
  let sessions = empty ? [] : seed.sessions();
  const kept: KeptFile[] = [...(options.kept ?? [])];
  let gathered = options.gathered ?? [];
  const settings: Record<string, string> = {
    'approval.expiry': '15m',
    prompts: 'window',
    updates: 'on',
    language: 'system',
    pause: 'off',
    'sampling.requests': '100',
    'sampling.tokens': '200000',
    'registry.address': 'https://registry.example',
  };
  const started = Date.now();
  const live = new Set<string>();
  const redeemable = new Set<string>();
  const listeners = new Set<(topic: Topic) => void>();
  const followers = new Set<(entry: Entry) => void>();
  let minted = 0;

  const fake: Fake = {
    url: '',
    settings,
    address: () => {
      minted += 1;
      redeemable.add(`secret-${minted}`);
      return `${fake.url}/#signin=secret-${minted}`;
    },
    approvals: options.approvals ?? [],
    answers: [],
    undone: [],
    state,
    entries,
    changed: (...topics) => {
      for (const topic of topics) for (const listener of listeners) listener(topic);
    },
    write: (body) => {
      const seq = (entries.at(-1)?.seq ?? many) + 1;
      const entry = { seq, at: new Date().toISOString(), hash: seed.sha(`entry ${seq}`), ...body } as Entry;
      entries.push(entry);
      for (const follower of followers) follower(entry);
      return entry;
    },
    close: async () => {},
    drop: async () => {},
    back: async () => {},
  };

  const fail = (code: string, message: string, hint: string, status = 400) =>
    new ORPCError('GATEHOUSE', { status, message, data: { code, hint }, defined: true });
  const o = implement(contract).$context<{ credential: string | null }>();
  const operator = o.middleware(({ context, next }) => {
    if (context.credential === null || !live.has(context.credential))
      throw fail('not-verified', 'You are not signed in, or this session has ended.', 'Run “gatehouse console” to open a fresh one.', 401);
    return next();
  });
  const find = <T extends { name: string }>(all: T[], name: string): T => {
    const found = all.find((each) => each.name === name);
    if (found === undefined) throw fail('not-found', `There is no “${name}”.`, 'It may have been removed elsewhere.');
    return found;
  };
  const mint = () => {
    minted += 1;
    const session = `session-${minted}`;
    live.add(session);
    return session;
  };
  const statusNow = () => ({
    version: '0.1.0',
    pid: process.pid,
    uptimeMs: Date.now() - started + 3_720_000,
    locked: state.locked,
    lockedReason: state.lockedReason,
    mcp: 'http://127.0.0.1:38917/mcp',
    pending: fake.approvals.length,
    clients: clients.length,
    servers: servers.length,
    vault: 'keychain' as const,
    protected: state.protected,
  });
  const fits = (
    entry: Entry,
    filter: {
      client?: string | undefined;
      server?: string | undefined;
      verdict?: string | undefined;
      search?: string | undefined;
      since?: string | undefined;
    },
  ) =>
    (!filter.client || entry.client === filter.client) &&
    (!filter.server || entry.server === filter.server) &&
    (!filter.verdict || entry.verdict === filter.verdict) &&
    (!filter.since || entry.at >= filter.since) &&
    (!filter.search || JSON.stringify(entry).toLowerCase().includes(filter.search.toLowerCase()));
  async function* stream<T>(
    all: Set<(value: T) => void>,
    signal: AbortSignal | undefined,
    first: T[],
    keep: (value: T) => boolean = () => true,
  ) {
    const queue = [...first];
    let wake = () => {};
    const listener = (value: T) => {
      if (keep(value)) queue.push(value);
      wake();
    };
    const end = () => wake();
    all.add(listener);
    signal?.addEventListener('abort', end);
    try {
      while (!signal?.aborted) {
        for (let next = queue.shift(); next !== undefined; next = queue.shift()) yield next;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      all.delete(listener);
      signal?.removeEventListener('abort', end);
    }
  }
  const answered = (kind: 'approve' | 'deny', input: { id: string; nonce: string }, credential: string | null) => {
    const approval = fake.approvals.find((each) => each.id === input.id);
    if (approval === undefined) throw fail('not-found', 'This question is no longer open.', 'It was answered elsewhere, or expired.');
    if (approval.nonce !== input.nonce) throw fail('conflict', 'The question changed while you answered.', 'Look at it again.');
    if (kind === 'approve' && approval.risk === 'critical' && !credential?.startsWith('once-'))
      throw fail('needs-pin', 'This needs your PIN.', 'Type it below.');
    fake.answers.push({ kind, input, credential });
    fake.approvals = fake.approvals.filter((each) => each !== approval);
    fake.write({
      type: kind === 'approve' ? 'approved' : 'denied',
      client: approval.client,
      server: approval.server,
      capability: approval.capability,
    });
    setTimeout(() => fake.changed('approval', 'status'), 5);
    return approval;
  };
  const give = (approval: Approval, effect: 'allow' | 'deny', time: string): Grant | null => {
    if (time === 'once') return null;
    const until = /^[0-9]/.test(time) ? seed.at(-480) : null;
    const grant: Grant = {
      id: `g${Date.now()}`,
      client: approval.client,
      server: approval.server,
      capability: approval.capability,
      effect,
      match: { kind: 'any', label: 'any arguments' },
      until,
      session: time === 'session' ? approval.session : null,
      approval: approval.id,
      createdAt: seed.at(0),
      lastUsedAt: null,
      uses: 0,
    };
    grants = [...grants, grant];
    return grant;
  };

  const router = o.router({
    status: o.status.handler(statusNow),
    lock: o.lock.handler(({ input }) => {
      state.locked = true;
      state.lockedReason = input.reason ?? null;
      fake.changed('status');
      return { ok: true };
    }),
    unlock: o.unlock.use(operator).handler(() => {
      state.locked = false;
      fake.changed('status');
      return { ok: true };
    }),
    changes: o.changes.use(operator).handler(async function* ({ signal }) {
      yield { topic: 'hello' as const };
      for await (const topic of stream(listeners, signal, [])) yield { topic };
    }),
    operator: {
      redeem: o.operator.redeem.handler(({ input }) => {
        if (!redeemable.delete(input.secret))
          throw fail('not-verified', 'This address was used already, or is too old.', 'Run “gatehouse console” again.', 401);
        return { session: mint() };
      }),
      signIn: o.operator.signIn.handler(({ input }) => {
        if (input.pin !== state.pin) throw fail('not-verified', 'That is not the PIN.', 'Try again in a few seconds.', 401);
        if (input.use !== 'once') return { credential: mint(), expiresAt: null };
        const credential = `once-${Math.random()}`;
        live.add(credential);
        return { credential, expiresAt: seed.at(-1) };
      }),
      consoleAddress: o.operator.consoleAddress.use(operator).handler(() => ({ url: fake.address(), expiresAt: seed.at(-1) })),
      proveBySystem: o.operator.proveBySystem.use(operator).handler(() => {
        throw fail('refused', 'The operating system is not asked here.', 'Type the PIN.', 400);
      }),
      setPin: o.operator.setPin.use(operator).handler(({ input }) => {
        if (state.protected && input.current !== state.pin)
          throw fail('not-verified', 'That is not the current PIN.', 'Type it again.', 400);
        state.pin = input.pin;
        state.protected = true;
        fake.changed('status');
        return { ok: true };
      }),
      signOut: o.operator.signOut.use(operator).handler(({ context }) => {
        if (context.credential) live.delete(context.credential);
        return { ok: true };
      }),
    },
    setup: {
      look: o.setup.look.use(operator).handler(setup.look),
      previewImport: o.setup.previewImport.use(operator).handler(() => ({ digest: 'shown', rows: setup.importRows(), unreadable: [] })),
      import: o.setup.import.use(operator).handler(async function* ({ input }) {
        for (const name of input.servers ?? []) {
          const row = setup.brought(name);
          if (row !== undefined) yield row;
        }
      }),
      previewInstall: o.setup.previewInstall.use(operator).handler(({ input }) => setup.installPreview(input.client)),
      install: o.setup.install.use(operator).handler(({ input }) => {
        kept.push({ id: `k${kept.length}`, client: input.client, path: '/home/ada/.claude.json', keptAt: seed.at(0) });
        for (const each of clients.filter(({ name }) => name === input.client)) {
          each.servers = [...each.servers, ...input.also];
          each.offers = each.offers.filter((server) => !input.also.includes(server));
        }
        fake.changed('setup', 'client');
        return { written: ['/home/ada/.claude.json'], refused: [] };
      }),
      deviations: o.setup.deviations.use(operator).handler(() => []),
      mend: o.setup.mend.use(operator).handler(() => {
        throw fail('conflict', 'Nothing is to be mended.', 'Look again.', 409);
      }),
      previewUndo: o.setup.previewUndo.use(operator).handler(setup.undoPreview),
      undo: o.setup.undo.use(operator).handler(({ input, context }) => {
        if (input.current.length > 0 && state.protected && !context.credential?.startsWith('once-'))
          throw fail('needs-pin', 'A secret would leave the vault for a file. This needs your PIN.', 'Type the PIN with it.');
        fake.undone.push(input);
        kept.splice(0, kept.length, ...kept.filter((each) => each.client !== input.client));
        fake.changed('setup', 'client');
        return { restored: ['/home/ada/.claude.json'], refused: [] };
      }),
    },
    gathered: {
      list: o.gathered.list.use(operator).handler(() => gathered),
      allow: o.gathered.allow.use(operator).handler(({ input }) => {
        const found = gathered.find((each) => each.id === input.id && each.digest === input.digest);
        if (found === undefined) throw fail('not-found', 'Nothing was gathered.', 'There is nothing to allow.', 404);
        const grant = give(
          { ...seed.question({ argumentsText: found.argumentsText }), ...found, session: found.session } as Approval,
          'allow',
          input.for,
        ) as Grant;
        gathered = gathered.filter((each) => each !== found);
        fake.answers.push({ kind: 'approve', input, credential: null });
        fake.changed('approval', 'grant');
        return { grant, note: null };
      }),
      forget: o.gathered.forget.use(operator).handler(({ input }) => {
        gathered = input.id === undefined ? [] : gathered.filter((each) => each.id !== input.id);
        fake.changed('approval');
        return { ok: true };
      }),
    },
    approval: {
      list: o.approval.list.use(operator).handler(() => fake.approvals),
      approve: o.approval.approve.use(operator).handler(({ input, context }) => {
        const grant = give(answered('approve', input, context.credential), 'allow', input.for);
        fake.changed('grant');
        return { grant, note: null };
      }),
      deny: o.approval.deny.use(operator).handler(({ input, context }) => {
        const approval = answered('deny', input, context.credential);
        if (input.pauseClient) find(clients, approval.client).state = 'paused';
        fake.changed('grant', 'client');
        return { grant: give(approval, 'deny', input.for) };
      }),
    },
    grant: {
      list: o.grant.list.use(operator).handler(() => grants),
      show: o.grant.show.use(operator).handler(({ input }) => {
        const grant = grants.find((each) => each.id === input.id);
        if (grant === undefined) throw fail('not-found', 'That permission is gone.', '');
        return grant;
      }),
      add: o.grant.add.use(operator).handler(() => {
        throw fail('usage', 'Not in the fake.', '');
      }),
      fromSession: o.grant.fromSession.use(operator).handler(() => ({ grants: [], left: [], note: null })),
      revoke: o.grant.revoke.use(operator).handler(({ input }) => {
        const gone = grants.filter((each) =>
          'id' in input ? each.id === input.id : 'client' in input ? each.client === input.client : each.server === input.server,
        );
        grants = grants.filter((each) => !gone.includes(each));
        for (const each of gone)
          fake.write({ type: 'grant.revoked', client: each.client, server: each.server, capability: each.capability });
        fake.changed('grant');
        return { revoked: gone.map((each) => each.id) };
      }),
    },
    server: {
      list: o.server.list.use(operator).handler(() => servers),
      show: o.server.show.use(operator).handler(({ input }) => find(servers, input.name)),
      add: o.server.add.use(operator).handler(({ input }) => {
        const added = {
          ...input,
          state: 'pending' as const,
          reason: null,
          cwd: input.cwd ?? null,
          processes: 0,
          capabilities: [{ capability: 'tool:hello', accepted: false, labels: [], findings: [], description: 'Says hello.' }],
          createdAt: seed.at(0),
        };
        servers.push(added);
        fake.changed('server');
        return added;
      }),
      remove: o.server.remove.use(operator).handler(({ input }) => {
        servers.splice(servers.indexOf(find(servers, input.name)), 1);
        fake.changed('server', 'status');
        return { ok: true };
      }),
      enable: o.server.enable.use(operator).handler(({ input }) => {
        const found = find(servers, input.name);
        found.state = 'ready';
        fake.changed('server');
        return found;
      }),
      disable: o.server.disable.use(operator).handler(({ input }) => {
        const found = find(servers, input.name);
        found.state = 'disabled';
        fake.changed('server');
        return found;
      }),
      restart: o.server.restart.use(operator).handler(({ input }) => find(servers, input.name)),
      review: o.server.review.use(operator).handler(({ input }) => ({
        name: input.name,
        differences: seed.differences(),
      })),
      accept: o.server.accept.use(operator).handler(({ input }) => {
        const found = find(servers, input.name);
        Object.assign(found, {
          state: 'ready',
          reason: null,
          capabilities: found.capabilities.map((each) => ({ ...each, accepted: true })),
        });
        fake.changed('server');
        return found;
      }),
      reject: o.server.reject.use(operator).handler(({ input }) => find(servers, input.name)),
      addCandidate: o.server.addCandidate.use(operator).handler(({ input }) => {
        const [like] = servers;
        if (!like) throw fail('unavailable', 'It could not be started.', '');
        const added = { ...like, name: input.name, state: 'pending' as const, createdAt: seed.at(0) };
        servers.push(added);
        fake.changed('server', 'status');
        return added;
      }),
      update: o.server.update.use(operator).handler(({ input }) => {
        fake.changed('server');
        return { server: find(servers, input.name), review: { name: input.name, differences: [] } };
      }),
      logs: o.server.logs.use(operator).handler(() => ({
        lines: [
          { at: seed.at(3), text: 'listening on stdio' },
          { at: seed.at(2), text: seed.hostile.ansi },
        ],
      })),
    },
    candidate: {
      bundle: o.candidate.bundle.use(operator).handler(({ input }) => {
        if (input.data === btoa('no bundle'))
          throw fail('refused', 'This bundle was not opened: it does not end as a zip file does.', 'Nothing of it was kept.');
        return candidates.bundleCandidate(input);
      }),
      registry: o.candidate.registry.use(operator).handler(({ input }) => candidates.candidateOf(input.id, input)),
    },
    registry: {
      search: o.registry.search.use(operator).handler(({ input }) => {
        if (input.words === 'down')
          throw fail('unavailable', 'https://registry.example could not be reached (ECONNREFUSED).', 'Look at your connection.');
        const offline = input.words === 'old';
        const fits = candidates.found.filter(({ id }) => input.words === '' || offline || id.includes(input.words));
        const why = offline ? 'https://registry.example could not be reached (ENETUNREACH).' : null;
        return { ...candidates.said, offline, why, servers: fits, next: null };
      }),
      show: o.registry.show.use(operator).handler(({ input }) => {
        const server = candidates.found.find(({ id }) => id === input.id);
        if (!server) throw fail('not-found', 'The registry knows nothing of that.', '');
        return { ...candidates.said, server, versions: [server.version] };
      }),
    },
    policy: {
      list: o.policy.list.use(operator).handler(() => policies),
      show: o.policy.show.use(operator).handler(({ input }) => {
        throw fail('not-found', `There is no policy ${input.name}.`, '');
      }),
      check: o.policy.check.use(operator).handler(({ input }) => seed.checked(input.text)),
      add: o.policy.add.use(operator).handler(({ input }) => {
        const { policies: parts } = seed.checked(input.text);
        const policy = { name: input.name, source: 'operator' as const, text: input.text, policies: parts, addedAt: seed.at(0) };
        if (!input.dryRun) {
          policies = [...policies.filter((each) => each.name !== input.name), policy];
          fake.changed('policy');
        }
        const changed = entries.filter((entry) => entry.capability === 'tool:delete_branch' && entry.type === 'asked');
        return {
          policy,
          changes: changed.map(({ seq, client = '', server = '' }) => ({
            ...{ seq, client, server, capability: 'tool:delete_branch', was: 'allow' as const, would: 'deny' as const },
          })),
          tried: 500,
        };
      }),
      remove: o.policy.remove.use(operator).handler(({ input }) => {
        policies = policies.filter((each) => each.name !== input.name);
        fake.changed('policy');
        return { ok: true as const };
      }),
      test: o.policy.test.use(operator).handler(() => ({ ok: true, results: [] })),
      explain: o.policy.explain.use(operator).handler(({ input }) => ({
        ...{ seq: input.seq, verdict: null, decidedBy: null, reason: null, rule: null, now: null },
      })),
    },
    label: { set: o.label.set.use(operator).handler(({ input }) => find(servers, input.server)) },
    finding: {
      list: o.finding.list.use(operator).handler(() => []),
      show: o.finding.show.use(operator).handler(({ input }) => {
        throw fail('not-found', `There is no finding ${input.id}.`, '');
      }),
      dismiss: o.finding.dismiss.use(operator).handler(({ input }) => {
        const program = clients.flatMap(({ evidence }) => evidence).find(({ finding }) => finding === input.id);
        if (program) {
          program.finding = null;
          fake.changed('client', 'finding');
          return { id: input.id, title: 'Another program used the credential', detail: '', severity: 'warning', dismissed: true };
        }
        const found = servers.flatMap((each) => each.capabilities.flatMap(({ findings }) => findings)).find(({ id }) => id === input.id);
        if (found === undefined) throw fail('not-found', `There is no finding ${input.id}.`, '');
        found.dismissed = true;
        fake.changed('server');
        return found;
      }),
    },
    client: {
      list: o.client.list.use(operator).handler(() => clients),
      show: o.client.show.use(operator).handler(({ input }) => find(clients, input.name)),
      add: o.client.add.use(operator).handler(({ input }) => {
        clients.push({
          name: input.name,
          state: 'active',
          servers: input.servers === 'all' ? servers.map((each) => each.name) : input.servers,
          offers: [],
          waitSeconds: 45,
          connections: 0,
          saysItIs: null,
          createdAt: seed.at(0),
          lastSeenAt: null,
          evidence: [],
        });
        fake.changed('client', 'status');
        const token = `ght_${seed.sha(input.name).slice(0, 43)}`;
        return {
          name: input.name,
          token,
          stdio: { command: 'gatehouse', args: ['connect', '--client', input.name], env: { GATEHOUSE_CLIENT_TOKEN: token } },
          http: { url: statusNow().mcp, headers: { Authorization: `Bearer ${token}` } },
        };
      }),
      set: o.client.set.use(operator).handler(({ input }) => {
        const found = find(clients, input.name);
        if (input.servers) found.servers = input.servers;
        if (input.waitSeconds !== undefined) found.waitSeconds = input.waitSeconds;
        fake.changed('client');
        return found;
      }),
      offer: o.client.offer.use(operator).handler(({ input }) => {
        const found = find(clients, input.name);
        found.offers = found.offers.filter((each) => each !== input.server);
        if (input.take) found.servers = [...found.servers, input.server];
        fake.changed('client');
        return found;
      }),
      pause: o.client.pause.use(operator).handler(({ input }) => {
        const found = find(clients, input.name);
        found.state = 'paused';
        fake.changed('client');
        return found;
      }),
      resume: o.client.resume.use(operator).handler(({ input }) => {
        const found = find(clients, input.name);
        found.state = 'active';
        fake.changed('client');
        return found;
      }),
      connection: o.client.connection.use(operator).handler(({ input }) => {
        find(clients, input.name);
        return { stdio: { command: '/opt/node', args: ['connect'], env: {} }, httpUrl: 'http://127.0.0.1:1/mcp' };
      }),
      revoke: o.client.revoke.use(operator).handler(({ input }) => {
        const found = find(clients, input.name);
        found.state = 'revoked';
        fake.changed('client');
        return found;
      }),
    },
    secret: {
      list: o.secret.list.use(operator).handler(() => secrets),
      where: o.secret.where.use(operator).handler(({ input }) => find(secrets, input.name)),
      set: o.secret.set.use(operator).handler(({ input }) => {
        const info = secrets.find((each) => each.name === input.name) ?? { name: input.name, createdAt: seed.at(0), usedBy: [] };
        if (!secrets.includes(info)) secrets.push(info);
        fake.changed('secret');
        return info;
      }),
      remove: o.secret.remove.use(operator).handler(({ input }) => {
        secrets.splice(secrets.indexOf(find(secrets, input.name)), 1);
        fake.changed('secret');
        return { ok: true };
      }),
      match: o.secret.match.use(operator).handler(({ input }) => ({ names: input.values.map(() => null) })),
    },
    // Commands alone use these.
    clientFile: {
      list: o.clientFile.list.use(operator).handler(() => kept),
      seal: o.clientFile.seal
        .use(operator)
        .handler(({ input }) => ({ id: 'kept', keptAt: seed.at(0), client: input.client, path: input.path })),
      open: o.clientFile.open
        .use(operator)
        .handler(({ input }) => ({ id: input.id, keptAt: seed.at(0), client: 'cursor', path: '/x', text: '{}' })),
      currentKeys: o.clientFile.currentKeys.use(operator).handler(({ input }) => ({ values: input.secrets.map(() => '') })),
      forget: o.clientFile.forget.use(operator).handler(() => ({ ok: true as const })),
    },
    session: {
      list: o.session.list.use(operator).handler(() => sessions),
      end: o.session.end.use(operator).handler(({ input }) => {
        sessions = sessions.filter((each) => each.id !== input.id);
        fake.changed('session');
        return { ok: true };
      }),
    },
    log: {
      list: o.log.list.use(operator).handler(({ input }) =>
        [...seed.madeUp(many, input.before ?? many + 1, input.limit), ...entries]
          .filter((entry) => (input.before === undefined || entry.seq < input.before) && fits(entry, input))
          .slice(-input.limit)
          .reverse(),
      ),
      show: o.log.show.use(operator).handler(({ input }) => {
        const entry = entries.find((each) => each.seq === input.seq);
        if (entry === undefined) throw fail('not-found', 'There is no such entry.', '');
        const related = entries.filter((each) => each.asked === entry.seq);
        const called = entry.type === 'asked';
        return {
          entry,
          related,
          request: called ? seed.requestOf(entry) : null,
          reply: called && related.length > 0 ? seed.replyOf(entry) : null,
        };
      }),
      follow: o.log.follow.use(operator).handler(async function* ({ input, signal }) {
        const after = input.after ?? entries.at(-1)?.seq ?? many;
        yield* stream(
          followers,
          signal,
          entries.filter((entry) => entry.seq > after && fits(entry, input)),
          (entry) => fits(entry, input),
        );
      }),
      tally: o.log.tally.use(operator).handler(({ input }) => seed.tally(entries, input)),
      export: o.log.export.use(operator).handler(async function* ({ input }) {
        yield { text: `${input.format} of ${entries.length}\n`, entries: entries.length };
      }),
      verify: o.log.verify.use(operator).handler(() => ({ ok: true, entries: entries.length, head: seed.sha('head'), problems: [] })),
    },
    setting: {
      list: o.setting.list.use(operator).handler(() => settings),
      set: o.setting.set.use(operator).handler(({ input }) => {
        settings[input.key] = input.key === 'pause' && input.value !== 'off' ? seed.at(-60) : input.value;
        fake.changed('setting');
        return { ok: true };
      }),
    },
  });

  const handler = new RPCHandler(router);
  const listen = (port: number): Promise<HttpServer> =>
    new Promise((resolve) => {
      const server = createServer((request, response) => {
        const credential = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? null;
        const work = async () => {
          const { matched } = await handler.handle(request, response, { prefix: '/api', context: { credential } });
          if (matched) return;
          const path = normalize(new URL(request.url ?? '/', 'http://x').pathname);
          const file = path === '/' ? '/index.html' : path;
          const body = await readFile(join(built, file)).catch(() => null);
          const kind = types[extname(file)];
          if (body === null || kind === undefined) return void response.writeHead(404).end();
          response
            .writeHead(200, {
              'content-type': kind,
              'content-security-policy': policy,
              'x-content-type-options': 'nosniff',
              'referrer-policy': 'no-referrer',
            })
            .end(body);
        };
        work().catch((error: unknown) => response.writeHead(500).end(String(error)));
      });
      server.listen(port, '127.0.0.1', () => resolve(server));
    });
  let server = await listen(options.port ?? 0);
  const { port } = server.address() as AddressInfo;
  const end = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  const back = async () => {
    server = await listen(port);
  };
  Object.assign(fake, { url: `http://127.0.0.1:${port}`, close: end, drop: end, back });
  return fake;
}

if (process.argv[1] === import.meta.filename) {
  const { questionsOf } = seed;
  const fake = await startFake({ port: Number(process.env.PORT ?? 0), approvals: Object.values(questionsOf).map((make) => make()) });
  console.log(fake.address());
}
