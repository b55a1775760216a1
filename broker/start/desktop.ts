// The desktop shell's own line to the broker: what its tray shows, and the few acts a tray may do. All of it goes through the contract,
// over a message port, as everything else does. Nothing here can allow, lift or reveal: menus and notifications can be read and pressed
// by other programs of the same user.
import { setTimeout as pause } from 'node:timers/promises';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import type { ContractRouterClient } from '@orpc/contract';
import { z } from 'zod';
import type { Contract } from '../../shared/contract.ts';
import type { Approval, Status } from '../../shared/vocabulary.ts';
import { lastWords, questionWords, stateWords } from './desktop-words.ts';

/** A question as a notification may show it. */
export interface Waiting {
  readonly id: string;
  readonly nonce: string;
  readonly words: string;
}

/** What a tray shows, in words that only have to be drawn. */
export interface Face {
  readonly waiting: readonly Waiting[];
  readonly icon: 'quiet' | 'waiting' | 'locked';
  readonly tip: string;
  /** The last actions, newest first. */
  readonly last: readonly string[];
  readonly acts: readonly { readonly label: string; readonly act: object }[];
  /** What opening the console is called: where something can be lifted, that. */
  readonly open: string;
  /** Questions come as notifications, not as a window. */
  readonly notifyOnly: boolean;
  /** The app may look for new versions of itself. */
  readonly updates: boolean;
  /** A full screen program or Do Not Disturb: nothing may come up by itself. */
  readonly quiet: boolean;
}

export interface DesktopLine {
  /** Tells the face now and after each change, until `signal`. */
  watch(tell: (face: Face) => void, signal: AbortSignal): Promise<void>;
  /** One act of the tray or of a notification. @throws on anything that is not one of them */
  act(act: unknown): Promise<void>;
}

/** Every act makes things stricter. */
const trayAct = z.discriminatedUnion('act', [
  z.strictObject({ act: z.literal('pause'), for: z.enum(['15m', '1h']) }),
  z.strictObject({ act: z.literal('away'), for: z.enum(['1h', '4h']) }),
  z.strictObject({ act: z.literal('lock') }),
  z.strictObject({ act: z.literal('deny'), id: z.string().max(100), nonce: z.string().max(200) }),
]);

export interface Needs {
  /** Serves the contract to the holder of a tray's credential. */
  attach(port: MessagePort): void;
  /** True while a person must not be disturbed. */
  quiet(): Promise<boolean>;
  report(error: unknown): void;
}

/** A face is told at most this often, ms; while it is quiet and somebody waits, the end of quiet is looked for this often. */
const rest = { between: 300, whileQuiet: 5000 };
const shownLast = 5;

export function createDesktopLine(needs: Needs): DesktopLine {
  const { port1, port2 } = new MessageChannel();
  needs.attach(port2);
  port2.start();
  const client = createORPCClient<ContractRouterClient<Contract>>(new RPCLink({ port: port1 }));
  port1.start();
  // Neither end keeps a broker running that has nothing else to do.
  port1.unref();
  port2.unref();

  async function face(): Promise<Face> {
    const [status, approvals, settings, entries] = await Promise.all([
      client.status(),
      client.approval.list(),
      client.setting.list(),
      client.log.list({ limit: 60 }),
    ]);
    const discreet = isDiscreet(status);
    return {
      waiting: approvals.sort(oldestFirst).map((each) => ({ id: each.id, nonce: each.nonce, words: questionWords(each, discreet) })),
      ...stateWords({ locked: status.locked, pausedUntil: status.pausedUntil ?? null, away: settings.away, waiting: approvals.length }),
      last: discreet
        ? []
        : entries
            .filter(({ type, capability }) => type === 'outcome' && capability !== undefined)
            .slice(0, shownLast)
            .map(lastWords),
      notifyOnly: settings.prompts === 'notify',
      updates: settings.updates === 'on',
      quiet: approvals.length > 0 && (await needs.quiet().catch(() => false)),
    };
  }

  return {
    async watch(tell, signal) {
      let stale = false;
      let looking = false;
      const look = async () => {
        stale = true;
        if (looking) return;
        looking = true;
        try {
          while (stale && !signal.aborted) {
            stale = false;
            const now = await face();
            tell(now);
            if (now.quiet) setTimeout(() => void look().catch(needs.report), rest.whileQuiet).unref();
            await pause(rest.between, undefined, { ref: false });
          }
        } finally {
          looking = false;
        }
      };
      // Changes say what waits; the log says what was done without a question.
      const hear = async (stream: AsyncIterable<unknown>) => {
        for await (const _ of stream) void look().catch(needs.report);
      };
      await Promise.all([client.changes(undefined, { signal }).then(hear), client.log.follow({}, { signal }).then(hear)]);
    },

    async act(given) {
      const act = trayAct.parse(given);
      if (act.act === 'lock') await client.lock({ reason: 'stopped from the tray' });
      else if (act.act === 'deny') await client.approval.deny({ id: act.id, nonce: act.nonce });
      else await client.setting.set({ key: act.act, value: act.for });
    },
  };
}

const oldestFirst = (a: Approval, b: Approval) => a.createdAt.localeCompare(b.createdAt) || a.id.localeCompare(b.id);

/** On Linux menus and notifications go over the session bus, where every program of the user reads them. */
function isDiscreet(status: Status): boolean {
  return process.platform === 'linux' && status.protected;
}
