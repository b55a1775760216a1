// Who reads a question for longer than the PIN counts is asked for it again, and what was agreed to is done.
import { expect, onTestFinished, test } from 'vitest';
import { failureOf } from '../../broker/cli/failure.ts';
import { operatorLink } from '../../broker/cli/operator-link.ts';
import { renewed } from '../../broker/cli/renewed.ts';
import { keeperOf, planBack, putBack } from '../../broker/clients/put-back.ts';
import { openDen } from '../support/imps.ts';
import { operate } from '../support/operate.ts';

test('undoing with a question that is read for two minutes: the PIN once more, and it goes on', async () => {
  const den = await openDen();
  onTestFinished(() => den.close());
  let ahead = 0;
  const clock = () => Date.now() + ahead;
  const later = (ms: number) => {
    den.skip(ms);
    ahead += ms;
  };
  await den.api.operator.setPin({ pin: 'a good long pin' });
  let asked = 0;
  const trade = async () => {
    asked++;
    return await operate<{ credential: string; expiresAt: string }>(den.broker.ready, 'operator/signIn', {
      pin: 'a good long pin',
      use: 'once',
    });
  };
  const first = await trade();
  const once = keeperOf({ api: operatorLink(den.home, first.credential, clock), home: den.home, told: failureOf });
  const keeper = keeperOf({ api: operatorLink(den.home, renewed(first, trade, clock), clock), home: den.home, told: failureOf });
  const plan = await planBack(keeper, null);
  expect([plan.preview.files, asked]).toEqual([[], 1]);
  // The person reads.
  later(120_000);
  await expect(once.list()).rejects.toMatchObject({ status: 401 });
  expect(await Promise.all([keeper.list(), keeper.servers(), keeper.secretNames()])).toEqual([[], [], []]);
  expect(await putBack(keeper, plan)).toEqual({ restored: [], refused: [] });
  expect(asked).toBe(2);
});

test('a PIN that is not given fails that call, and the next one asks anew; what does not end is not asked about', async () => {
  let at = 0;
  let tries = 0;
  const credential = renewed(
    { credential: 'first', expiresAt: new Date(60_000).toISOString() },
    async () => {
      if (++tries === 1) throw new Error('broken off');
      return { credential: `again ${tries}`, expiresAt: new Date(at + 60_000).toISOString() };
    },
    () => at,
  );
  expect(await credential()).toBe('first');
  at = 58_000;
  await expect(credential()).rejects.toThrow('broken off');
  expect([await credential(), await credential()]).toEqual(['again 2', 'again 2']);
  const endless = renewed(
    { credential: 'token', expiresAt: null },
    () => Promise.reject(new Error('asked')),
    () => Number.MAX_SAFE_INTEGER,
  );
  expect(await endless()).toBe('token');
});
