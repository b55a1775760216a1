// The operator's credentials: made here, kept in memory only and as hashes, checked for every call.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { GatehouseError } from '../../shared/errors.ts';
import { answerMac, type Claim, claimMs, nameOfKey, proves } from './request-proof.ts';

const second = 1000;
const hour = 3_600_000;
/** A token for one shell. */
export const shellTokenMs = 8 * hour;
/** A console session ends after this long without a call. */
export const consoleIdleMs = 12 * hour;
/** A credential for one command. */
export const onceMs = 60 * second;
/** How long a spent secret is remembered, so that its second use is noticed. */
const spentMs = hour;
const mostCredentials = 1000;

export interface OperatorIdentity {
  readonly kind: 'token' | 'console' | 'desktop' | 'tray';
  /** Names the credential in the log; proves nothing. */
  readonly id: string;
  /** A person typed the PIN for this very act, within the last minute. */
  readonly proved?: boolean;
}

/** For the log. Thrown errors stop what was about to be given out. */
export interface OperatorAct {
  readonly type: 'operator.signed-in' | 'operator.sign-in-failed' | 'operator.redeemed' | 'operator.double-redeem';
  /** Ids of the credentials it is about. */
  readonly credentials: readonly string[];
  readonly reason: string;
}

export interface OperatorOptions {
  /** The PIN as broker/vault keeps it. */
  readonly pin: { verify(pin: string, signal?: AbortSignal): Promise<boolean> };
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly onAct: (act: OperatorAct) => void;
}

export interface Operator {
  /** `gho_...`, valid for `ttlMs` milliseconds, or as long as this broker runs. */
  mintToken(ttlMs: number | null): string;
  /** `ghd_...` for the desktop's own window, as long as this broker runs. */
  mintDesktop(): string;
  /** `ghr_...` for the desktop shell itself. It never leaves the broker, and what the shell may ask for is fixed in start/desktop.ts. */
  mintTray(): string;
  /** A secret that `redeem` trades for a console session, once, within `ttlMs` milliseconds. */
  mintConsoleSecret(ttlMs: number): string;
  /** Throws GatehouseError('refused'): unknown, expired, or used before, which ends the session it made then. */
  redeem(secret: string): string;
  /** Whether the credential of this id still stands; looking does not count as using it. */
  holds(id: string): boolean;
  /** Who holds this credential now, or null; looking does not count as using it. */
  peek(credential: string): OperatorIdentity | null;
  /** The holder of this id did something: a console session lives on from here. */
  used(id: string): void;
  /** `peek`, and it counts as used. */
  check(credential: string): OperatorIdentity | null;
  /**
   * Trades the PIN for a credential. `expiresAt` in milliseconds since 1970; null: ends when idle. Waits where wrong PINs came before.
   * Throws GatehouseError: `refused` for a wrong PIN, `needs-pin` where there is none.
   */
  signIn(pin: string, use: 'console' | 'token' | 'once', signal?: AbortSignal): Promise<{ credential: string; expiresAt: number | null }>;
  /** A credential for one act, for a person whom the operating system has just asked. */
  provedBySystem(): { credential: string; expiresAt: number };
  /** Ends this one credential, of whatever kind. False when it was none. */
  revoke(credential: string): boolean;
  /** Does this call name a credential that is good now? Proves nothing: its signature covers a body that has not been read yet. */
  knows(claim: Claim): boolean;
  /** As `revoke`, for who knows only the credential's SHA-256 (hex): a connector that found it in its environment. */
  revokeDigest(digest: string): boolean;
  /** Who signed this call, and how its answer is signed; null when nobody did, it is too old, or it was made before. */
  prove(
    claim: Claim,
    path: string,
    body: Buffer,
  ): { identity: OperatorIdentity; answer(status: number, body: Buffer | 'stream'): string } | null;
  /** As `revoke`, by the operator's own wish; `id` is that of `check`. */
  signOut(id: string): boolean;
  /** Ends all credentials and secrets, except the one with this id. */
  endAll(exceptId?: string): void;
}

interface Kept extends OperatorIdentity {
  readonly hash: Buffer;
  readonly expiresAt: number | null;
  /** Null: does not end by being idle. */
  readonly idleMs: number | null;
  usedAt: number;
}

interface Secret {
  readonly hash: Buffer;
  readonly expiresAt: number;
  /** The session it was traded for, and when. */
  spent: { session: string; at: number } | null;
}

const prefixes = { token: 'gho_', console: 'ghc_', desktop: 'ghd_', tray: 'ghr_' } as const;
// 256 random bits need no salt and no slowness.
const hashOf = (text: string) => createHash('sha256').update(text).digest();
const random = (bytes: number) => randomBytes(bytes).toString('base64url');

export function createOperator({ pin, clock, onAct }: OperatorOptions): Operator {
  let kept: Kept[] = [];
  let secrets: Secret[] = [];
  /** Of calls signed a short while ago: each may be made once. */
  const nonces = new Map<string, number>();

  const alive = (one: Kept, now: number) =>
    (one.expiresAt === null || now < one.expiresAt) && (one.idleMs === null || now - one.usedAt < one.idleMs);

  function forgetOld(): void {
    const now = clock();
    kept = kept.filter((one) => alive(one, now));
    secrets = secrets.filter((one) => (one.spent === null ? now < one.expiresAt : now - one.spent.at < spentMs));
    if (kept.length >= mostCredentials || secrets.length >= mostCredentials) {
      throw new GatehouseError('refused', 'Too many operator credentials are in use.', 'Sign out where you can, or restart the broker.');
    }
  }

  /** Looks at every one, whichever fits: the time taken says nothing. */
  function find<T extends { hash: Buffer }>(list: readonly T[], hash: Buffer): T | null {
    let found: T | null = null;
    for (const one of list) if (timingSafeEqual(one.hash, hash)) found = one;
    return found;
  }

  function mint(kind: Kept['kind'], ttlMs: number | null, id = random(9), proved = false): string {
    forgetOld();
    const text = prefixes[kind] + random(32);
    const now = clock();
    const expiresAt = ttlMs === null ? null : now + ttlMs;
    kept.push({
      kind,
      id,
      ...(proved ? { proved } : {}),
      hash: hashOf(text),
      expiresAt,
      idleMs: kind === 'console' ? consoleIdleMs : null,
      usedAt: now,
    });
    return text;
  }

  function peek(credential: string): OperatorIdentity | null {
    const found = find(kept, hashOf(credential));
    return found !== null && alive(found, clock()) ? identityOf(found) : null;
  }

  function used(id: string): void {
    const now = clock();
    for (const one of kept) if (one.id === id) one.usedAt = now;
  }

  function revoke(hash: Buffer): boolean {
    const found = find(kept, hash);
    kept = kept.filter((one) => one !== found);
    return found !== null;
  }

  return {
    mintToken: (ttlMs) => mint('token', ttlMs),
    mintDesktop: () => mint('desktop', null),
    mintTray: () => mint('tray', null),

    mintConsoleSecret: (ttlMs) => {
      forgetOld();
      const text = random(32);
      secrets.push({ hash: hashOf(text), expiresAt: clock() + ttlMs, spent: null });
      return text;
    },

    redeem: (secret) => {
      const now = clock();
      const found = find(secrets, hashOf(secret));
      if (found?.spent && now - found.spent.at < spentMs) {
        // Two hold the same secret and nobody can say which is the operator: neither gets in.
        const { session } = found.spent;
        kept = kept.filter((one) => one.id !== session);
        onAct({ type: 'operator.double-redeem', credentials: [session], reason: 'a console address was opened a second time' });
        throw refusedAddress('This console address was used before, so the session it opened is ended too.');
      }
      if (found === null || found.spent !== null || now >= found.expiresAt)
        throw refusedAddress('This console address is not valid any more.');
      const session = random(9);
      // Spent before anything can fail: a secret is never good for a second try.
      found.spent = { session, at: now };
      onAct({ type: 'operator.redeemed', credentials: [session], reason: 'console address' });
      return mint('console', null, session);
    },

    holds: (id) => kept.some((one) => one.id === id && alive(one, clock())),

    peek,
    used,
    check(credential) {
      const identity = peek(credential);
      if (identity !== null) used(identity.id);
      return identity;
    },

    signIn: async (text, use, signal) => {
      if (!(await pin.verify(text, signal))) {
        onAct({ type: 'operator.sign-in-failed', credentials: [], reason: 'wrong PIN' });
        throw new GatehouseError('refused', 'That is not the PIN.', 'Try again; after three wrong ones each try waits longer.');
      }
      // Who hung up while the try waited gets no credential that nobody would hold.
      signal?.throwIfAborted();
      const id = random(9);
      onAct({ type: 'operator.signed-in', credentials: [id], reason: use });
      const ttlMs = { console: null, token: shellTokenMs, once: onceMs }[use];
      return {
        credential: mint(use === 'console' ? 'console' : 'token', ttlMs, id, use === 'once'),
        expiresAt: ttlMs === null ? null : clock() + ttlMs,
      };
    },

    provedBySystem() {
      const id = random(9);
      onAct({ type: 'operator.signed-in', credentials: [id], reason: 'operating system' });
      // As good as the PIN: the system asked the person just now.
      return { credential: mint('token', onceMs, id, true), expiresAt: clock() + onceMs };
    },

    revoke: (credential) => revoke(hashOf(credential)),
    revokeDigest: (digest) => /^[0-9a-f]{64}$/.test(digest) && revoke(Buffer.from(digest, 'hex')),
    knows: ({ key }) => kept.some((one) => nameOfKey(one.hash) === key && alive(one, clock())),
    prove(claim, path, body) {
      const now = clock();
      for (const [nonce, at] of nonces) if (now - at > 2 * claimMs) nonces.delete(nonce);
      if (Math.abs(now - claim.at) > claimMs || nonces.has(claim.nonce)) return null;
      const found = kept.find((one) => nameOfKey(one.hash) === claim.key);
      if (!found || !alive(found, now) || !proves(claim, found.hash, path, body)) return null;
      nonces.set(claim.nonce, now);
      found.usedAt = now;
      const { hash } = found;
      return { identity: identityOf(found), answer: (status, answer) => answerMac(hash, claim.nonce, status, answer) };
    },
    signOut(id) {
      const before = kept.length;
      kept = kept.filter((one) => one.id !== id);
      return kept.length < before;
    },

    endAll: (exceptId) => {
      kept = kept.filter((one) => one.id === exceptId);
      // Spent ones stay: their second use must still be noticed.
      secrets = secrets.filter((one) => one.spent !== null);
    },
  };
}

const identityOf = ({ kind, id, proved }: Kept): OperatorIdentity => ({ kind, id, ...(proved ? { proved } : {}) });

function refusedAddress(message: string): GatehouseError {
  return new GatehouseError('refused', message, 'Open a new one with "gatehouse console".');
}
