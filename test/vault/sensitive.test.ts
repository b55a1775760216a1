// A secret value does not print itself by any of the ways a value gets into a text.
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { Sensitive } from '../../broker/vault/sensitive.ts';

test('every way into a text gives <redacted>, JSON and cloning give nothing away, and only reveal gives the value', () => {
  const value = new Sensitive('hunter2');
  const error = new Error('it failed', { cause: { value } });
  for (const text of [
    `${value}`,
    String(value),
    value.toString(),
    `${[value]}`,
    inspect(value),
    inspect({ deep: [value] }),
    inspect(error),
  ]) {
    expect(text).not.toContain('hunter2');
  }
  expect(inspect(value, { showHidden: true, depth: null, getters: true })).not.toContain('hunter2');
  expect(String(value)).toBe('<redacted>');
  expect(inspect(value)).toBe('<redacted>');
  expect(() => JSON.stringify({ value })).toThrow(TypeError);
  expect(Object.keys(value)).toEqual([]);
  expect(JSON.stringify(structuredClone({ value }))).not.toContain('hunter2');
  expect(value.reveal()).toBe('hunter2');
});
