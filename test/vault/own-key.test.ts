// A key of the broker's own: made once, the same for all who ask, and asked for again when the vault could not give it.
import { expect, test } from 'vitest';
import { ownKey } from '../../broker/vault/own-key.ts';
import type { Sensitive } from '../../broker/vault/sensitive.ts';

test('two at once get the same key, and so does the next start', async () => {
  const kept = new Map<string, Sensitive>();
  const vault = {
    get: async (name: string) => kept.get(name) ?? null,
    set: async (name: string, value: Sensitive) => void kept.set(name, value),
  };
  const key = ownKey(vault, 'key:x');
  const [one, other] = await Promise.all([key(), key()]);
  expect(one).toHaveLength(32);
  expect(other.equals(one)).toBe(true);
  expect((await ownKey(vault, 'key:x')()).equals(one)).toBe(true);
  expect((await ownKey(vault, 'key:y')()).equals(one)).toBe(false);
});

test('a locked vault is a failure of that moment, not of all that follow', async () => {
  const kept = new Map<string, Sensitive>();
  let locked = true;
  const vault = {
    get: async (name: string) => {
      if (locked) throw new Error('locked');
      return kept.get(name) ?? null;
    },
    set: async (name: string, value: Sensitive) => void kept.set(name, value),
  };
  const key = ownKey(vault, 'key:x');
  await expect(key()).rejects.toThrow('locked');
  locked = false;
  expect(await key()).toHaveLength(32);
});
