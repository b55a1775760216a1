// The operator's credentials: how long each lives, that secrets work once, and what a second use costs.
import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { createOperator, type OperatorAct } from '../../broker/operate/operator.ts';
import { GatehouseError } from '../../shared/errors.ts';

const minute = 60_000;
const hour = 60 * minute;

function fresh() {
  const clock = { now: 5_000_000 };
  const acts: OperatorAct[] = [];
  const log = { full: false };
  const operator = createOperator({
    pin: {
      verify: async (pin) => {
        if (pin === 'none') throw new GatehouseError('needs-pin', 'x', 'y');
        return pin === '482915';
      },
    },
    clock: () => clock.now,
    onAct: (act) => {
      if (log.full) throw new GatehouseError('unavailable', 'the log cannot be written', 'x');
      acts.push(act);
    },
  });
  return { operator, clock, acts, log, types: () => acts.map((act) => act.type) };
}

test('a token is good for its time and its kind; nothing else is good at all', () => {
  const { operator, clock } = fresh();
  const token = operator.mintToken(hour);
  expect(token).toMatch(/^gho_[A-Za-z0-9_-]{43}$/);
  expect(operator.check(token)).toEqual({ kind: 'token', id: expect.any(String) });
  for (const bad of ['', 'gho_', token.slice(0, -1), `${token}x`, token.toUpperCase(), token.replace('gho_', 'ghc_')]) {
    expect(operator.check(bad)).toBeNull();
  }
  const lasting = operator.mintToken(null);
  const desktop = operator.mintDesktop();
  clock.now += hour;
  expect(operator.check(token)).toBeNull();
  clock.now += 10_000 * hour;
  expect(operator.check(lasting)?.kind).toBe('token');
  expect(operator.check(desktop)?.kind).toBe('desktop');
});

test('who the operating system asked has proved it, for a minute at most; a token alone proves nothing', () => {
  const { operator, clock, types } = fresh();
  const { credential, expiresAt } = operator.provedBySystem();
  expect(operator.check(credential)).toMatchObject({ kind: 'token', proved: true });
  expect(operator.check(operator.mintToken(hour))?.proved).toBeUndefined();
  expect(types()).toContain('operator.signed-in');
  expect(expiresAt - clock.now).toBeLessThanOrEqual(minute);
  clock.now += minute + 1;
  expect(operator.check(credential)).toBeNull();
});

test('what is kept is not the credential', () => {
  const { operator } = fresh();
  const all = [operator.mintToken(null), operator.mintConsoleSecret(minute), operator.mintDesktop()];
  const seen = inspect(operator, { depth: null, showHidden: true });
  for (const one of all) expect(seen).not.toContain(one);
});

test('revoked and signed out mean gone, only that one', () => {
  const { operator } = fresh();
  const [one, two] = [operator.mintToken(null), operator.mintToken(null)];
  expect(operator.revoke(one)).toBe(true);
  expect(operator.revoke(one)).toBe(false);
  expect(operator.revoke('gho_x')).toBe(false);
  expect(operator.check(one)).toBeNull();
  expect(operator.check(two)).not.toBeNull();
  const three = operator.mintToken(null);
  expect(operator.revokeDigest(createHash('sha256').update(three).digest('hex'))).toBe(true);
  expect(operator.check(three)).toBeNull();
  for (const bad of ['', 'x', three]) expect(operator.revokeDigest(bad)).toBe(false);
  expect(operator.signOut(operator.check(two)?.id ?? '')).toBe(true);
  expect(operator.check(two)).toBeNull();
});

test('a console secret opens one session, within its time', () => {
  const { operator, clock, types } = fresh();
  const late = operator.mintConsoleSecret(minute);
  const secret = operator.mintConsoleSecret(minute);
  const session = operator.redeem(secret);
  expect(session).toMatch(/^ghc_/);
  expect(operator.check(session)?.kind).toBe('console');
  // The secret itself is no credential.
  expect(operator.check(secret)).toBeNull();
  clock.now += minute;
  expect(() => operator.redeem(late)).toThrow(expect.objectContaining({ code: 'refused' }));
  expect(() => operator.redeem('guess')).toThrow(expect.objectContaining({ code: 'refused' }));
  expect(types()).toEqual(['operator.redeemed']);
});

test('a second redemption ends both sessions, is an act, and touches nobody else; also after the secret has expired', () => {
  const { operator, clock, types, acts } = fresh();
  const other = operator.redeem(operator.mintConsoleSecret(minute));
  const secret = operator.mintConsoleSecret(minute);
  const first = operator.redeem(secret);
  const id = operator.check(first)?.id;
  clock.now += 50 * minute;
  operator.mintToken(null);
  expect(() => operator.redeem(secret)).toThrow(expect.objectContaining({ code: 'refused' }));
  expect(operator.check(first)).toBeNull();
  expect(operator.check(other)).not.toBeNull();
  expect(types()).toEqual(['operator.redeemed', 'operator.redeemed', 'operator.double-redeem']);
  expect(acts.at(-1)?.credentials).toEqual([id]);
  expect(() => operator.redeem(secret)).toThrow();
});

test('the session of a double redemption ends even when the log cannot be written, and no session begins then', () => {
  const { operator, log } = fresh();
  const secret = operator.mintConsoleSecret(minute);
  const unlogged = operator.mintConsoleSecret(minute);
  const first = operator.redeem(secret);
  log.full = true;
  expect(() => operator.redeem(secret)).toThrow();
  expect(operator.check(first)).toBeNull();
  expect(() => operator.redeem(unlogged)).toThrow(expect.objectContaining({ code: 'unavailable' }));
  log.full = false;
  // It was spent by the try.
  expect(() => operator.redeem(unlogged)).toThrow(expect.objectContaining({ code: 'refused' }));
});

test('a console session lives as long as it is used and ends 12 hours after', () => {
  const { operator, clock } = fresh();
  const session = operator.redeem(operator.mintConsoleSecret(minute));
  for (let at = 0; at < 5; at++) {
    clock.now += 12 * hour - 1;
    expect(operator.check(session)).not.toBeNull();
  }
  clock.now += 12 * hour;
  expect(operator.check(session)).toBeNull();
  clock.now -= hour;
  operator.mintToken(null);
});

test('to look who holds a console session does not keep it alive, to use it does', () => {
  const { operator, clock } = fresh();
  const session = operator.redeem(operator.mintConsoleSecret(minute));
  clock.now += 12 * hour - 1;
  const id = operator.peek(session)?.id ?? '';
  clock.now += 1;
  expect(operator.peek(session)).toBeNull();
  clock.now -= 1;
  operator.used(id);
  clock.now += 12 * hour - 1;
  expect(operator.peek(session)?.id).toBe(id);
});

test('the PIN gives each use its credential and its time', async () => {
  const { operator, clock, acts } = fresh();
  const once = await operator.signIn('482915', 'once');
  const shell = await operator.signIn('482915', 'token');
  const console_ = await operator.signIn('482915', 'console');
  expect(once.expiresAt).toBe(clock.now + minute);
  expect(shell.expiresAt).toBe(clock.now + 8 * hour);
  expect(console_.expiresAt).toBeNull();
  expect(operator.check(console_.credential)?.kind).toBe('console');
  expect(acts.map((act) => act.reason)).toEqual(['once', 'token', 'console']);
  expect(acts[1]?.credentials).toEqual([operator.check(shell.credential)?.id]);
  clock.now += minute;
  expect(operator.check(once.credential)).toBeNull();
  clock.now += 8 * hour;
  expect(operator.check(shell.credential)).toBeNull();
});

test('a wrong PIN is an act and gives nothing; the others stay signed in', async () => {
  const { operator, types, log } = fresh();
  const session = operator.redeem(operator.mintConsoleSecret(minute));
  await expect(operator.signIn('000001', 'token')).rejects.toMatchObject({ code: 'refused' });
  await expect(operator.signIn('none', 'token')).rejects.toMatchObject({ code: 'needs-pin' });
  expect(operator.check(session)).not.toBeNull();
  expect(types()).toEqual(['operator.redeemed', 'operator.sign-in-failed']);
  log.full = true;
  await expect(operator.signIn('482915', 'token')).rejects.toMatchObject({ code: 'unavailable' });
  await expect(operator.signIn('482915', 'token', AbortSignal.abort())).rejects.toThrow();
});

test('endAll ends everything but the one named; a spent secret stays known', () => {
  const { operator, types } = fresh();
  const secret = operator.mintConsoleSecret(minute);
  const unspent = operator.mintConsoleSecret(minute);
  const session = operator.redeem(secret);
  const token = operator.mintToken(null);
  operator.endAll(operator.check(session)?.id);
  expect(operator.check(session)).not.toBeNull();
  expect(operator.check(token)).toBeNull();
  expect(() => operator.redeem(unspent)).toThrow();
  operator.endAll();
  expect(operator.check(session)).toBeNull();
  expect(() => operator.redeem(secret)).toThrow();
  expect(types().at(-1)).toBe('operator.double-redeem');
});

test('a flood of credentials is refused before it fills the memory', () => {
  const { operator, clock } = fresh();
  expect(() => {
    for (let at = 0; at < 2000; at++) operator.mintConsoleSecret(minute);
  }).toThrow(expect.objectContaining({ code: 'refused' }));
  clock.now += minute;
  operator.mintConsoleSecret(minute);
});
