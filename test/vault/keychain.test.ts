// The keychain vault over a keychain in memory: long values, a crash at every single write, order, waiting, faults.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { Keychain, type KeychainStore } from '../../broker/vault/keychain.ts';
import { Sensitive } from '../../broker/vault/sensitive.ts';
import { MemoryKeychain } from '../support/memory-keychain.ts';
import { within } from '../support/scale.ts';

const quiet = { check: () => {} };
const value = (text: string) => new Sensitive(text);

async function vaultOn(store: KeychainStore, create = true, waitMs = 1000): Promise<Keychain> {
  const vault = new Keychain(store, 'home-1', quiet, waitMs);
  await vault.begin(create);
  return vault;
}

describe('values', () => {
  test.each([
    ['empty', ''],
    ['short', 'hunter2'],
    ['starts like a mark of ours', `+a.1.${'0'.repeat(64)}`],
    ['at the limit', 'x'.repeat(2000)],
    ['one over', 'x'.repeat(2001)],
    ['64 KiB', 'x'.repeat(65_536)],
    ['four-byte characters across every cut', '😀é'.repeat(3000)],
    ['lines', 'a\nb\r\n'.repeat(900)],
  ])('%s comes back as it was, in items Windows can keep', async (_, text) => {
    const store = new MemoryKeychain();
    await (await vaultOn(store)).set('secret:a', value(text));
    const again = await vaultOn(store, false);
    expect((await again.get('secret:a'))?.reveal()).toBe(text);
    expect(await again.names()).toEqual(['secret:a']);
    expect(store.largest).toBeLessThanOrEqual(2500);
  });

  test('what a keychain would cut or change is refused, not kept wrongly', async () => {
    const vault = await vaultOn(new MemoryKeychain());
    await expect(vault.set('a', value('a\0b'))).rejects.toMatchObject({ code: 'usage' });
    await expect(vault.set('a', value('\ud800'))).rejects.toMatchObject({ code: 'usage' });
    expect(await vault.get('a')).toBeNull();
  });

  test('homes do not see each other', async () => {
    const store = new MemoryKeychain();
    await (await vaultOn(store)).set('a', value('1'));
    const other = new Keychain(store, 'home-2', quiet);
    await other.begin(true);
    expect(await other.get('a')).toBeNull();
    expect(await other.names()).toEqual([]);
  });

  test('removing leaves nothing behind, and a shorter value no pieces of the longer one', async () => {
    const store = new MemoryKeychain();
    const vault = await vaultOn(store);
    const empty = store.items.size;
    await vault.set('a', value('x'.repeat(9000)));
    await vault.set('a', value('y'.repeat(5000)));
    expect([...store.items.values()].join('')).not.toContain('xxxxxx');
    await vault.set('a', value('z'));
    expect([...store.items.values()].join('')).not.toContain('yyyyyy');
    expect(await vault.remove('a')).toBe(true);
    expect(await vault.remove('a')).toBe(false);
    expect(store.items.size).toBe(empty);
  });
});

describe('a crash at any write', () => {
  const texts = { short: 'old', long: 'o'.repeat(7000), longer: 'n'.repeat(11_000) };
  const changes: [string, string, string][] = [
    ['new long', '', texts.long],
    ['short to long', texts.short, texts.long],
    ['long to long', texts.long, texts.longer],
    ['long to shorter long', texts.longer, texts.long],
    ['long to short', texts.long, 'new'],
  ];

  test.each(changes)('%s: the old value or the new one, whole; and the next change leaves no rest', async (_, before, after) => {
    for (let survived = 0; ; survived++) {
      const store = new MemoryKeychain();
      const first = await vaultOn(store);
      await first.set('other', value('untouched'));
      if (before !== '') await first.set('a', value(before));
      store.left = survived;
      const died = await first.set('a', value(after)).then(
        () => false,
        () => true,
      );
      store.left = Number.POSITIVE_INFINITY;
      // A new process knows only what stands in the keychain.
      const second = await vaultOn(store, false);
      const found = (await second.get('a'))?.reveal() ?? '';
      expect([before, after]).toContain(found);
      if (!died) expect(found).toBe(after);
      await second.set('a', value('last'));
      expect((await second.get('a'))?.reveal()).toBe('last');
      expect(await second.names()).toEqual(['a', 'other']);
      expect([...store.items.keys()].filter((key) => key.includes('/a#'))).toEqual([]);
      if (store.changes > 0 && !died && survived > 12) return;
    }
  });

  test('two crashes in a row mix nothing', async () => {
    for (let one = 0; one < 9; one++) {
      for (let two = 0; two < 9; two++) {
        const store = new MemoryKeychain();
        await (await vaultOn(store)).set('a', value(texts.long));
        for (const [left, text] of [
          [one, texts.longer],
          [two, 'm'.repeat(9000)],
        ] as const) {
          const vault = await vaultOn(store, false);
          store.left = left;
          await vault.set('a', value(text)).catch(() => {});
          store.left = Number.POSITIVE_INFINITY;
        }
        const found = (await (await vaultOn(store, false)).get('a'))?.reveal();
        expect(new Set(found).size).toBe(1);
        expect([7000, 9000, 11_000]).toContain(found?.length);
      }
    }
  });

  test('a crash while removing leaves the whole value or none', async () => {
    for (let survived = 0; survived < 12; survived++) {
      const store = new MemoryKeychain();
      const vault = await vaultOn(store);
      await vault.set('a', value(texts.long));
      store.left = survived;
      await vault.remove('a').catch(() => {});
      store.left = Number.POSITIVE_INFINITY;
      const second = await vaultOn(store, false);
      expect([texts.long, undefined]).toContain((await second.get('a'))?.reveal());
      await second.remove('a');
      expect([...store.items.keys()].filter((key) => key.includes('/a'))).toEqual([]);
    }
  });
});

describe('what is not an answer', () => {
  test('a piece that another program changed or took is an error, never a shorter value', async () => {
    const store = new MemoryKeychain();
    const vault = await vaultOn(store);
    await vault.set('a', value('x'.repeat(5000)));
    const piece = [...store.items.keys()].find((key) => key.endsWith('.1')) ?? '';
    store.items.set(piece, 'y'.repeat(2000));
    await expect(vault.get('a')).rejects.toMatchObject({ code: 'failed' });
    store.items.delete(piece);
    await expect(vault.get('a')).rejects.toMatchObject({ code: 'failed' });
    await vault.set('a', value('again'));
    expect((await vault.get('a'))?.reveal()).toBe('again');
  });

  test('nothing where something is kept is "unavailable": that is how a locked keychain looks', async () => {
    const store = new MemoryKeychain();
    const vault = await vaultOn(store);
    await vault.set('pin', value('x'));
    store.items.delete('Gatehouse home-1/pin');
    await expect(vault.get('pin')).rejects.toMatchObject({ code: 'unavailable' });
    expect(await vault.get('never-there')).toBeNull();
    await expect(new Keychain(new MemoryKeychain(), 'home-1', quiet).begin(false)).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('a keychain that hangs is an error in time; what was given up on is not done later, and order is kept', async () => {
    const store = new MemoryKeychain();
    const vault = await vaultOn(store, true, 100);
    await vault.set('a', value('1'));
    let answer = () => {};
    const setPassword = store.setPassword.bind(store);
    store.setPassword = (...args) =>
      new Promise((resolve) => {
        answer = () => resolve(setPassword(...args));
      });
    const began = performance.now();
    const first = vault.set('a', value('2'));
    const second = vault.set('a', value('3'));
    await expect(first).rejects.toMatchObject({ code: 'unavailable' });
    await expect(second).rejects.toMatchObject({ code: 'unavailable' });
    expect(performance.now() - began).toBeLessThan(within(1000));
    store.setPassword = setPassword;
    const closing = performance.now();
    await vault.close();
    expect(performance.now() - closing).toBeLessThan(within(1500));
    // Still hanging: a new operation must not overtake it.
    const third = vault.set('a', value('4'));
    await sleep(30);
    expect(store.items.get('Gatehouse home-1/a')).toBe('=1');
    answer();
    await third;
    expect((await vault.get('a'))?.reveal()).toBe('4');
  });

  test('a fault is met before each operation', async () => {
    const seen: string[] = [];
    const vault = new Keychain(new MemoryKeychain(), 'h', {
      check: (point) => {
        seen.push(point);
        throw new Error('fault');
      },
    });
    await expect(vault.get('a')).rejects.toThrow('fault');
    await expect(vault.set('a', value('1'))).rejects.toThrow('fault');
    await expect(vault.remove('a')).rejects.toThrow('fault');
    await expect(vault.names()).rejects.toThrow('fault');
    expect(seen).toEqual(['vault.get', 'vault.set', 'vault.set', 'vault.get']);
  });

  test('no value stands in an error', async () => {
    const store = new MemoryKeychain();
    const vault = await vaultOn(store);
    store.left = 0;
    const error = await vault.set('a', value('hunter2')).catch((cause) => cause);
    expect(`${error.message} ${error.hint} ${error.stack}`).not.toContain('hunter2');
    expect(error.hint).toContain('--vault sealed-file');
  });
});
