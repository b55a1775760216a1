// A map that forgets what was longest not asked for, and never more.
import { expect, test } from 'vitest';
import { LRU } from '../../../broker/mediate/policy/remembered.ts';

test('the least asked for goes first', () => {
  const map = new LRU<number>(2);
  map.put('a', 1);
  map.put('b', 2);
  expect(map.get('a')).toBe(1);
  map.put('c', 3);
  expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([1, undefined, 3]);
});

test('what is put again takes nobody else away', () => {
  const map = new LRU<number>(2);
  map.put('a', 1);
  map.put('b', 2);
  map.put('a', 9);
  expect([map.get('a'), map.get('b')]).toEqual([9, 2]);
});

test('what is nothing is kept as long as anything', () => {
  const map = new LRU<number | null>(2);
  map.put('a', null);
  map.put('b', 2);
  expect(map.get('a')).toBe(null);
  map.put('c', 3);
  expect([map.get('a'), map.get('b')]).toEqual([null, undefined]);
});

test('what is put again is asked for too', () => {
  const map = new LRU<number>(2);
  map.put('a', 1);
  map.put('b', 2);
  map.put('a', 3);
  map.put('c', 4);
  expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([3, undefined, 4]);
});

test('nothing is left of what was', () => {
  const map = new LRU<number>(2);
  map.put('a', 1);
  map.clear();
  expect(map.get('a')).toBe(undefined);
  expect(map.get('never')).toBe(undefined);
});
