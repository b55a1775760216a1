// The PIN: which are taken, how wrong tries slow the next one down, and that neither parallel tries nor a restart get around it.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Keychain } from '../../broker/vault/keychain.ts';
import { checkPin, createPin, pinDelay } from '../../broker/vault/pin.ts';
import { MemoryKeychain } from '../support/memory-keychain.ts';

async function fresh(store = new MemoryKeychain()) {
  const vault = new Keychain(store, 'h', { check: () => {} });
  await vault.begin(true);
  const clock = { now: 1_000_000, waits: [] as number[] };
  const make = () =>
    createPin({
      vault,
      now: () => clock.now,
      wait: async (ms) => {
        clock.waits.push(ms);
        // Long enough for others to come to the gate meanwhile, were they let.
        await sleep(20);
        clock.now += ms;
      },
    });
  return { vault, store, clock, make, pin: make() };
}

test.each([
  '000000',
  '123456',
  '654321',
  '567890',
  '098765',
  '121212',
  '123123',
  'abcdef',
  'aaaaaab',
  'password',
  'QWERTY',
  '12345',
  'ab1',
])('%s is refused', (pin) => expect(() => checkPin(pin)).toThrow(/PIN/));

test.each(['482915', '135246', 'my cat is 9', '🐱🐶🐭🐹🐰🦊'])('%s is taken', (pin) => expect(() => checkPin(pin)).not.toThrow());

test('delays grow from the fourth try on, to a minute', () => {
  expect([0, 1, 2, 3, 4, 5, 8, 9, 50].map(pinDelay)).toEqual([0, 0, 0, 1000, 2000, 4000, 32_000, 60_000, 60_000]);
});

test('right is right, wrong is wrong, and only the old PIN makes way for a new one', async () => {
  const { pin, store } = await fresh();
  expect(await pin.isSet()).toBe(false);
  await expect(pin.verify('482915')).rejects.toMatchObject({ code: 'needs-pin' });
  await pin.set('482915');
  expect([...store.items.values()].join()).not.toContain('482915');
  expect(await pin.verify('482916')).toBe(false);
  expect(await pin.verify('482915')).toBe(true);
  await expect(pin.set('735172')).rejects.toMatchObject({ code: 'refused' });
  await expect(pin.set('735172', '111999')).rejects.toMatchObject({ code: 'refused' });
  await expect(pin.set('123456', '482915')).rejects.toMatchObject({ code: 'usage' });
  await pin.set('735172', '482915');
  expect(await pin.verify('482915')).toBe(false);
  expect(await pin.verify('735172')).toBe(true);
});

test('each wrong try holds back the next; the right one frees', async () => {
  const { pin, clock } = await fresh();
  await pin.set('482915');
  for (let at = 0; at < 6; at++) expect(await pin.verify('wrong-one')).toBe(false);
  expect(clock.waits).toEqual([1000, 2000, 4000]);
  clock.now += 5000;
  expect(await pin.verify('482915')).toBe(true);
  expect(clock.waits.at(-1)).toBe(3000);
  clock.waits.length = 0;
  await pin.verify('wrong-one');
  expect(clock.waits).toEqual([]);
});

test('parallel tries pass the gate one by one', async () => {
  const { pin, clock } = await fresh();
  await pin.set('482915');
  const results = await Promise.all(['1', '2', '3', '4', '5', '6', '482915'].map((text) => pin.verify(text)));
  expect(results).toEqual([false, false, false, false, false, false, true]);
  expect(clock.waits).toEqual([1000, 2000, 4000, 8000]);
});

test('a flood is turned away; a try that was given up is not made', async () => {
  const { pin, clock } = await fresh();
  await pin.set('482915');
  const flood = await Promise.allSettled(Array.from({ length: 40 }, () => pin.verify('x', AbortSignal.abort())));
  const codes = flood.map((one) => (one.status === 'rejected' ? (one.reason.code ?? one.reason.name) : one.value));
  expect(codes.filter((code) => code === 'refused')).toHaveLength(24);
  expect(await pin.verify('482915')).toBe(true);
  expect(clock.waits).toEqual([]);
});

test('a restart gives no fresh tries, nor does a clock that goes back make the wait endless', async () => {
  const { pin, clock, make } = await fresh();
  await pin.set('482915');
  for (let at = 0; at < 5; at++) await pin.verify('wrong-one');
  clock.waits.length = 0;
  const restarted = make();
  await restarted.verify('wrong-one');
  expect(clock.waits).toEqual([4000]);
  clock.now -= 86_400_000;
  await make().verify('wrong-one');
  expect(clock.waits.at(-1)).toBe(8000);
});

test('a try counts before its answer is known: killing the broker in the middle is no free try', async () => {
  const { pin, vault } = await fresh();
  await pin.set('482915');
  const set = vault.set.bind(vault);
  const order: string[] = [];
  vault.set = async (name, value) => {
    order.push(`${name} ${value.reveal().split(' ')[0]}`);
    await set(name, value);
  };
  await pin.verify('482915');
  expect(order).toEqual(['pin-tries 1', 'pin-tries 0']);
});

test('a vault that cannot keep the count answers nothing', async () => {
  const { pin, store } = await fresh();
  await pin.set('482915');
  store.left = 0;
  await expect(pin.verify('482915')).rejects.toMatchObject({ code: 'unavailable' });
});

test('real time: the fourth try takes its second', async () => {
  const { vault } = await fresh();
  const pin = createPin({ vault });
  await pin.set('482915');
  for (let at = 0; at < 3; at++) await pin.verify('wrong-one');
  const began = performance.now();
  expect(await pin.verify('482915')).toBe(true);
  const took = performance.now() - began;
  expect(took).toBeGreaterThan(900);
  expect(took).toBeLessThan(5000);
});
