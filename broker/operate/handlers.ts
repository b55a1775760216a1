// The contract, answered: each operation in one line or one call. Whoever calls has been identified by the door already.
import { createRouterClient } from '@orpc/server';
import type { Topic } from '../../shared/contract.ts';
import { GatehouseError } from '../../shared/errors.ts';
import { secretsOf } from '../../shared/secret-reference.ts';
import { by } from './acts.ts';
import { addGrant, approve, deny, revokeGrants, setClientState } from './answers.ts';
import { addCandidate, updateServer } from './candidates.ts';
import { answerOffer } from './client-offers.ts';
import { addClient, setClient, showClient } from './clients.ts';
import type { Desk } from './desk.ts';
import { dismissFinding, findingOf, listFindings } from './findings.ts';
import { allowGathered } from './gathered.ts';
import { showGrant } from './grant-rows.ts';
import { setLabel } from './labels.ts';
import { actorOf, type CallContext, os } from './operation.ts';
import { addPolicy, checkPolicy, explainEntry, listPolicies, policyOf, removePolicy, testPolicies } from './policies.ts';
import { acceptServer, Reviews, rejectServer, reviewServer } from './review.ts';
import { addServer, removeServer, restartServer, rowOf, setEnabled, showServer } from './servers.ts';
import { grantsFromSession } from './session-grants.ts';
import { checkSetting, keptAs, listSettings, settingOf } from './settings.ts';
import { clientFileHandlers, setupHandlers } from './setup.ts';

const ok = { ok: true } as const;
/** A console address lives this long (interface.md, `gatehouse console`). */
const addressMs = 60_000;

/** Implements shared/contract.ts over the desk. */
export function createRouter(desk: Desk) {
  const reviews = new Reviews();

  // What an operation of several steps calls on the way, as the one who called it.
  const within = (context: CallContext): unknown => createRouterClient(router, { context });
  const router = os.router({
    status: os.status.handler(() => desk.status()),
    lock: os.lock.handler(async ({ input, context }) => {
      await desk.lock(input.reason ?? 'the operator stopped everything', context.actor ? by(context.actor) : 'anyone');
      return ok;
    }),
    unlock: os.unlock.handler(({ context }) => {
      desk.unlock(by(actorOf(context)));
      return ok;
    }),
    changes: os.changes.handler(({ signal }) => desk.changes(signal) as AsyncGenerator<{ topic: Topic | 'hello' }, void, void>),

    operator: {
      redeem: os.operator.redeem.handler(({ input }) => ({ session: desk.operator.redeem(input.secret) })),
      signIn: os.operator.signIn.handler(async ({ input, context, signal }) => {
        // A PIN typed under an AI client is a PIN that the client may read.
        if ((await context.peer())?.belowClient) {
          throw new GatehouseError(
            'refused',
            'This runs below a paired AI client, where no PIN is taken.',
            'Answer in the console, or in a terminal of your own.',
          );
        }
        const { credential, expiresAt } = await desk.operator.signIn(input.pin, input.use, signal);
        if (context.way === 'window' && input.use === 'console') desk.operator.windowSignedIn(credential);
        return { credential, expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString() };
      }),
      proveBySystem: os.operator.proveBySystem.handler(async ({ context, signal }) => {
        // Only the app's own windows: a question of the system says nothing of which program wanted it.
        if (context.way !== 'window' || settingOf(desk.rows.setting, 'presence.system') !== 'on')
          throw new GatehouseError('refused', 'The operating system is not asked here.', 'Type the PIN.');
        const { credential, expiresAt } = await desk.operator.proveBySystem(signal);
        return { credential, expiresAt: new Date(expiresAt).toISOString() };
      }),
      consoleAddress: os.operator.consoleAddress.handler(() => ({
        url: desk.operator.consoleAddress(addressMs),
        expiresAt: new Date(desk.now() + addressMs).toISOString(),
      })),
      setPin: os.operator.setPin.handler(async ({ input }) => {
        await desk.operator.setPin(input.pin, input.current);
        return ok;
      }),
      signOut: os.operator.signOut.handler(({ context }) => {
        desk.operator.signOut(actorOf(context).id);
        return ok;
      }),
    },

    approval: {
      list: os.approval.list.handler(() => {
        const watched = desk.presence.controlledBy() !== null;
        return desk.approvals.list().map((each) => (watched ? { ...each, presence: 'pin' as const } : each));
      }),
      approve: os.approval.approve.handler(({ input, context }) => approve(desk, actorOf(context), input)),
      deny: os.approval.deny.handler(({ input, context }) => deny(desk, actorOf(context), input)),
    },

    gathered: {
      list: os.gathered.list.handler(() => desk.gathered.list()),
      allow: os.gathered.allow.handler(({ input, context }) => allowGathered(desk, actorOf(context), input)),
      forget: os.gathered.forget.handler(({ input }) => {
        if (input.id !== undefined) desk.gathered.find(input.id);
        desk.gathered.forget(input.id ?? null);
        return ok;
      }),
    },

    grant: {
      list: os.grant.list.handler(() =>
        [...desk.rows.grant.values()].filter((row) => isLive(desk, row.until)).map((row) => showGrant(desk, row)),
      ),
      show: os.grant.show.handler(({ input }) => {
        const row = desk.rows.grant.get(input.id);
        if (!row) throw new GatehouseError('not-found', `There is no grant ${input.id}.`, '`gatehouse grant list` names them.');
        return showGrant(desk, row);
      }),
      add: os.grant.add.handler(({ input, context }) => addGrant(desk, actorOf(context), input)),
      fromSession: os.grant.fromSession.handler(({ input, context }) => grantsFromSession(desk, actorOf(context), input)),
      revoke: os.grant.revoke.handler(({ input, context }) => ({ revoked: revokeGrants(desk, actorOf(context), input) })),
    },

    server: {
      list: os.server.list.handler(() => [...desk.rows.server.values()].map((row) => showServer(desk, row))),
      show: os.server.show.handler(({ input }) => showServer(desk, rowOf(desk, input.name))),
      add: os.server.add.handler(({ input, context }) => addServer(desk, actorOf(context), input)),
      remove: os.server.remove.handler(async ({ input, context }) => {
        reviews.take(input.name);
        await removeServer(desk, actorOf(context), input.name);
        return ok;
      }),
      enable: os.server.enable.handler(({ input, context }) => setEnabled(desk, actorOf(context), input.name, true)),
      disable: os.server.disable.handler(({ input, context }) => setEnabled(desk, actorOf(context), input.name, false)),
      restart: os.server.restart.handler(({ input, context }) => restartServer(desk, actorOf(context), input.name)),
      review: os.server.review.handler(async ({ input }) => {
        const review = await reviewServer(desk, input.name);
        reviews.put(input.name, review);
        return { name: input.name, differences: review.differences };
      }),
      accept: os.server.accept.handler(({ input, context }) =>
        acceptServer(desk, actorOf(context), input.name, reviews, input.capabilities),
      ),
      reject: os.server.reject.handler(({ input, context }) =>
        rejectServer(desk, actorOf(context), input.name, reviews, input.capabilities),
      ),
      logs: os.server.logs.handler(({ input }) => ({ lines: [...desk.logs(rowOf(desk, input.name).name)] })),
      addCandidate: os.server.addCandidate.handler(({ input, context }) => addCandidate(desk, actorOf(context), input)),
      update: os.server.update.handler(({ input, context }) => updateServer(desk, actorOf(context), input, reviews)),
    },

    candidate: {
      bundle: os.candidate.bundle.handler(({ input }) => desk.acquire.fromBundle(input)),
      registry: os.candidate.registry.handler(({ input }) => desk.acquire.fromRegistry(input)),
    },

    registry: {
      search: os.registry.search.handler(({ input }) => desk.acquire.search(input.words, input.cursor)),
      show: os.registry.show.handler(({ input }) => desk.acquire.show(input.id, input.version)),
    },

    policy: {
      list: os.policy.list.handler(() => listPolicies(desk)),
      show: os.policy.show.handler(({ input }) => policyOf(desk, input.name)),
      check: os.policy.check.handler(({ input }) => checkPolicy(desk, input.name, input.text)),
      add: os.policy.add.handler(({ input, context }) => addPolicy(desk, actorOf(context), input)),
      remove: os.policy.remove.handler(({ input, context }) => {
        removePolicy(desk, actorOf(context), input.name);
        return ok;
      }),
      test: os.policy.test.handler(({ input }) => testPolicies(desk, input)),
      explain: os.policy.explain.handler(({ input }) => explainEntry(desk, input.seq)),
    },

    label: { set: os.label.set.handler(({ input, context }) => setLabel(desk, actorOf(context), input)) },

    finding: {
      list: os.finding.list.handler(({ input }) => listFindings(desk, input.all)),
      show: os.finding.show.handler(({ input }) => findingOf(desk, input.id)),
      dismiss: os.finding.dismiss.handler(({ input, context }) => dismissFinding(desk, actorOf(context), input.id)),
    },

    client: {
      list: os.client.list.handler(() => [...desk.rows.client.keys()].map((name) => showClient(desk, name))),
      show: os.client.show.handler(({ input }) => showClient(desk, input.name)),
      add: os.client.add.handler(({ input, context }) => addClient(desk, actorOf(context), input)),
      set: os.client.set.handler(({ input, context }) => setClient(desk, actorOf(context), input)),
      offer: os.client.offer.handler(({ input, context }) => answerOffer(desk, actorOf(context), input)),
      connection: os.client.connection.handler(({ input }) => {
        showClient(desk, input.name);
        return { stdio: desk.clients.stdio(input.name), httpUrl: desk.clients.httpUrl() };
      }),
      pause: os.client.pause.handler(({ input, context }) => clientState(desk, context, input.name, 'paused')),
      resume: os.client.resume.handler(({ input, context }) => clientState(desk, context, input.name, 'active')),
      revoke: os.client.revoke.handler(({ input, context }) => clientState(desk, context, input.name, 'revoked')),
    },

    secret: {
      list: os.secret.list.handler(() => [...desk.rows.secret.keys()].map((name) => showSecret(desk, name))),
      where: os.secret.where.handler(({ input }) => showSecret(desk, input.name)),
      set: os.secret.set.handler(async ({ input, context }) => {
        await desk.secrets.set(input.name, input.value);
        const row = desk.rows.secret.get(input.name) ?? { name: input.name, createdAt: new Date(desk.now()).toISOString() };
        desk.change({ type: 'secret.set', secret: input.name, decidedBy: by(actorOf(context)) }, (tx) => tx.put('secret', row));
        await desk.secrets.reread();
        await restartUsers(desk, input.name);
        return showSecret(desk, input.name);
      }),
      remove: os.secret.remove.handler(async ({ input, context }) => {
        showSecret(desk, input.name);
        desk.change({ type: 'secret.removed', secret: input.name, decidedBy: by(actorOf(context)) }, (tx) =>
          tx.remove('secret', input.name),
        );
        await desk.secrets.remove(input.name);
        await restartUsers(desk, input.name);
        return ok;
      }),
      match: os.secret.match.handler(async ({ input }) => ({ names: await desk.secrets.match(input.values) })),
    },

    clientFile: clientFileHandlers(desk),
    setup: setupHandlers(desk, within),

    session: {
      list: os.session.list.handler(() => desk.sessions.list()),
      end: os.session.end.handler(({ input, context }) => {
        if (!desk.sessions.list().some(({ id }) => id === input.id)) {
          throw new GatehouseError('not-found', `There is no session ${input.id}.`, '`gatehouse session list` names them.');
        }
        desk.change({ type: 'session.ended', session: input.id, decidedBy: by(actorOf(context)) }, (tx) => {
          for (const grant of desk.rows.grant.values()) if (grant.session === input.id) tx.remove('grant', grant.id);
        });
        desk.sessions.end(input.id);
        for (const { id, session } of desk.approvals.list())
          if (session === input.id) desk.approvals.deny(id, 'this session was ended', false);
        return ok;
      }),
    },

    log: {
      list: os.log.list.handler(({ input }) => desk.log.list(input)),
      show: os.log.show.handler(({ input }) => {
        const shown = desk.log.show(input.seq);
        if (!shown) throw new GatehouseError('not-found', `There is no entry ${input.seq}.`, '`gatehouse log` lists the newest.');
        return shown;
      }),
      follow: os.log.follow.handler(({ input, signal }) => desk.log.follow(input, input.after, signal)),
      verify: os.log.verify.handler(() => desk.log.verify()),
      tally: os.log.tally.handler(({ input }) => desk.log.tally(input)),
      export: os.log.export.handler(({ input, context, signal }) => {
        desk.record({ type: 'log.exported', ...input, decidedBy: by(actorOf(context)) });
        return desk.log.export(input, signal);
      }),
    },

    setting: {
      list: os.setting.list.handler(() => listSettings(desk.rows.setting, desk.now())),
      set: os.setting.set.handler(({ input, context }) => {
        checkSetting(input.key, input.value);
        const value = keptAs(input.key, input.value, desk.now());
        const act = { type: 'setting.changed', key: input.key, value, decidedBy: by(actorOf(context)) };
        desk.change(act, (tx) => tx.put('setting', { key: input.key, value }));
        // A pause answers what waits.
        desk.settle();
        return ok;
      }),
    },
  });
  return router;
}

const isLive = (desk: Desk, until: string | null) => until === null || Date.parse(until) > desk.now();

function clientState(desk: Desk, context: CallContext, name: string, state: 'active' | 'paused' | 'revoked') {
  setClientState(desk, actorOf(context), name, state);
  return showClient(desk, name);
}

function showSecret(desk: Desk, name: string) {
  const row = desk.rows.secret.get(name);
  if (!row) throw new GatehouseError('not-found', `There is no secret ${name}.`, '`gatehouse secret list` names them.');
  const usedBy = [...desk.rows.server.values()].filter((server) => secretsOf(server).includes(name)).map((server) => server.name);
  return { name, createdAt: row.createdAt, usedBy };
}

/** A secret reaches a server when it starts, so those that use it must start again. */
async function restartUsers(desk: Desk, secret: string): Promise<void> {
  for (const server of desk.rows.server.values()) if (secretsOf(server).includes(secret)) await desk.stopServer(server.name);
}
