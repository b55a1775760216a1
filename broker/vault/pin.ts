// The operator's PIN: kept as a slow hash, tried one at a time, and slower with every wrong try, across restarts.
import { randomBytes, scrypt, hash as sha, timingSafeEqual } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { GatehouseError } from '../../shared/errors.ts';
import { Sensitive } from './sensitive.ts';
import type { Vault } from './vault.ts';

const cost = { N: 2 ** 17, r: 8, p: 1 };
/** Waiting tries beyond this are turned away, so that a flood costs its sender and not our memory. */
const mostWaiting = 16;

/** Milliseconds the next try waits after `wrong` wrong ones in a row: 0, 0, 0, 1 s, 2 s, 4 s ... 60 s. */
export function pinDelay(wrong: number): number {
  return wrong < 3 ? 0 : Math.min(60_000, 1000 * 2 ** (wrong - 3));
}

/** Throws GatehouseError('usage') for a PIN that is too short or among the first anybody would try. */
export function checkPin(pin: string): void {
  const characters = [...pin];
  const again = 'Choose at least 6 characters that are no row or repetition.';
  if (characters.length < 6) throw new GatehouseError('usage', 'A PIN has at least 6 characters.', again);
  if (characters.length > 200) throw new GatehouseError('usage', 'A PIN has at most 200 characters.', again);
  const codes = characters.map((character) => character.codePointAt(0) ?? 0);
  const repeats = (period: number) => codes.every((code, at) => code === codes[at % period]);
  // A row goes on from 9 to 0, as on a keyboard.
  const follows = (by: number) => codes.every((code, at) => at === 0 || stepOf(codes[at - 1] ?? 0, code) === by);
  if ([1, 2, 3].some(repeats) || follows(1) || follows(-1) || new Set(codes).size < 3 || common.has(pin.toLowerCase())) {
    throw new GatehouseError('usage', 'This PIN is among the first that anybody would try.', again);
  }
}

const common = new Set('qwerty password passwort letmein iloveyou admin123 abc123 112233 147258 159753 asdfgh qwertz 123qwe'.split(' '));

function stepOf(from: number, to: number): number {
  if (from === 0x39 && to === 0x30) return 1;
  return from === 0x30 && to === 0x39 ? -1 : to - from;
}

async function hash(pin: string, salt: Buffer, { N, r, p } = cost): Promise<Buffer> {
  return await new Promise((resolve, reject) => {
    scrypt(Buffer.from(pin.normalize('NFKC')), salt, 32, { N, r, p, maxmem: 256 * N * r }, (error, made) =>
      error === null ? resolve(made) : reject(error),
    );
  });
}

export interface PinOptions {
  readonly vault: Vault;
  /** SHA-256 (hex) of what the rules know to stand in the vault; undefined where no PIN was ever set. Asked for each try. */
  readonly mark?: () => string | undefined;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** For tests: waits without waiting. */
  readonly wait?: (ms: number, signal?: AbortSignal) => Promise<void>;
}

export interface Pin {
  isSet(): Promise<boolean>;
  /** Sets or changes it. When there is one, `current` must be right. Throws GatehouseError: `usage` for a poor one, `refused`. */
  set(pin: string, current?: string): Promise<void>;
  /**
   * Whether this is the PIN. Tries run one after another in the order they came; after wrong ones the next waits its delay first, so
   * this may take a minute and more. A try whose `signal` aborts while it waits is not made, and costs nothing. Throws GatehouseError:
   * `needs-pin` when none is set, `locked` when the vault holds another one than the rules know, `refused` when too many wait,
   * `unavailable` when the vault does not answer.
   */
  verify(pin: string, signal?: AbortSignal): Promise<boolean>;
}

/** `pin-tries`: wrong tries in a row and the time of the last, kept beside the hash so that a restart gives no fresh tries. */
export function createPin({ vault, mark, now = Date.now, wait = defaultWait }: PinOptions): Pin {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  /** What this process has seen, for when the vault was meddled with or could not be written. */
  let seen = { wrong: 0, at: 0 };

  async function tries(): Promise<{ wrong: number; at: number }> {
    const match = /^([0-9]{1,9}) ([0-9]{1,16})$/.exec((await vault.get('pin-tries'))?.reveal() ?? '');
    const kept = { wrong: Number(match?.[1] ?? 0), at: Number(match?.[2] ?? 0) };
    return kept.wrong > seen.wrong ? kept : seen;
  }

  async function count(wrong: number): Promise<void> {
    seen = { wrong, at: now() };
    await vault.set('pin-tries', new Sensitive(`${seen.wrong} ${seen.at}`));
  }

  /** One after another: were two tries hashed side by side, both would pass the same open gate. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (waiting >= mostWaiting) {
      throw new GatehouseError('refused', 'Too many PIN tries are waiting.', 'Wait a minute, then try again.');
    }
    waiting++;
    const result = last.then(work).finally(() => {
      waiting--;
    });
    last = result.catch(() => {});
    return result;
  }

  async function attempt(pin: string, signal?: AbortSignal): Promise<boolean> {
    signal?.throwIfAborted();
    const kept = await vault.get('pin');
    if (kept === null) {
      throw new GatehouseError('needs-pin', 'This home has no PIN.', 'Set one with "gatehouse operator pin set".');
    }
    // Of the very value that is compared next, and after this try's turn came: a look from outside would be a look at an earlier one.
    if (mark !== undefined && mark() !== sha('sha256', kept.reveal())) throw foreign();
    const { wrong, at } = await tries();
    const delay = pinDelay(wrong);
    // A clock that was set back must not make the wait longer than the delay.
    const left = Math.min(delay, at + delay - now());
    if (left > 0) await wait(left, signal);
    signal?.throwIfAborted();
    // Counted before it is known to be wrong: who kills us in the middle has spent the try.
    await count(wrong + 1);
    const right = await matches(pin, kept.reveal());
    if (right) await count(0);
    // The delay runs from the end of the try, however long the hash took.
    else seen = { wrong: wrong + 1, at: now() };
    return right;
  }

  return {
    isSet: async () => (await vault.get('pin')) !== null,

    set: async (pin, current) => {
      checkPin(pin);
      await inTurn(async () => {
        if ((await vault.get('pin')) !== null && !(current !== undefined && (await attempt(current)))) {
          throw new GatehouseError('refused', 'The current PIN is not right.', 'Type the PIN this home has now, then the new one.');
        }
        const salt = randomBytes(16);
        const made = await hash(pin, salt);
        const { N, r, p } = cost;
        await vault.set('pin', new Sensitive(`scrypt:${N}:${r}:${p}:${salt.toString('base64')}:${made.toString('base64')}`));
      });
    },

    verify: async (pin, signal) => await inTurn(() => attempt(pin, signal)),
  };
}

function foreign(): GatehouseError {
  return new GatehouseError(
    'locked',
    'The PIN in the vault was changed by something other than Gatehouse.',
    'If you did not do this, something on this computer did. To begin anew: gatehouse recover',
  );
}

async function matches(pin: string, kept: string): Promise<boolean> {
  const [kind, N, r, p, salt = '', made = ''] = kept.split(':');
  const expected = Buffer.from(made, 'base64');
  // Cheaper parameters than ours were not written by us.
  if (kind !== 'scrypt' || Number(N) !== cost.N || Number(r) !== cost.r || Number(p) !== cost.p || expected.length !== 32) {
    throw new GatehouseError('failed', 'The PIN kept in the vault is damaged.', 'Run "gatehouse recover" to start over with new keys.');
  }
  return timingSafeEqual(await hash(pin, Buffer.from(salt, 'base64')), expected);
}

async function defaultWait(ms: number, signal?: AbortSignal): Promise<void> {
  await sleep(ms, undefined, signal === undefined ? {} : { signal });
}
